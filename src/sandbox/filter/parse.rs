//! Text → [`Filter`]: a recursive descent with a bound on its depth.

use serde_json::Value;

use super::super::schema;
use super::{AttributePath, Filter, Operator};

/// Deeper filters are refused.
const DEPTH: usize = 32;
/// Longer filters are refused, in bytes.
const LENGTH: usize = 65_536;

/// Parses a filter; the error says what was expected where.
pub(in super::super) fn parse(text: &str) -> Result<Filter, String> {
    if text.len() > LENGTH {
        return Err(format!("the filter is longer than {LENGTH} bytes"));
    }
    let mut parser = Parser { text, at: 0 };
    let filter = parser.either(0)?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.expected("the end"));
    }
    Ok(filter)
}

/// Parses the path of a PATCH operation or of a sort: `attr`, `attr.sub`, `attr[filter]`,
/// `attr[filter].sub`. The last part is the sub-attribute after the brackets.
pub(in super::super) fn path(
    text: &str,
) -> Result<(AttributePath, Option<Filter>, Option<String>), String> {
    if text.len() > LENGTH {
        return Err(format!("the path is longer than {LENGTH} bytes"));
    }
    let mut parser = Parser { text, at: 0 };
    let attribute = parser.attribute()?;
    let mut inner = None;
    let mut sub = None;
    if parser.taken("[") {
        inner = Some(parser.either(1)?);
        parser.space();
        if !parser.taken("]") {
            return Err(parser.expected("`]`"));
        }
        if parser.taken(".") {
            sub = Some(parser.name()?.to_string());
        }
    }
    parser.space();
    if parser.at < text.len() {
        return Err(parser.expected("the end"));
    }
    Ok((attribute, inner, sub))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn expected(&self, what: &str) -> String {
        let found: String = self.rest().chars().take(20).collect();
        if found.is_empty() {
            format!("expected {what}, found the end")
        } else {
            format!("expected {what} at byte {}, found `{found}`", self.at)
        }
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(' ').len();
    }

    fn taken(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// Takes a keyword that ends at a space, a bracket or the end.
    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let found = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && rest[word.len()..].chars().next().is_none_or(|next| " ()[]".contains(next));
        if found {
            self.at += word.len();
        }
        found
    }

    fn either(&mut self, depth: usize) -> Result<Filter, String> {
        if depth > DEPTH {
            return Err(format!("the filter is nested more than {DEPTH} deep"));
        }
        let mut terms = vec![self.both(depth)?];
        loop {
            self.space();
            if !self.word("or") {
                break;
            }
            terms.push(self.both(depth)?);
        }
        Ok(one_or(terms, Filter::Or))
    }

    fn both(&mut self, depth: usize) -> Result<Filter, String> {
        let mut terms = vec![self.term(depth)?];
        loop {
            self.space();
            if !self.word("and") {
                break;
            }
            terms.push(self.term(depth)?);
        }
        Ok(one_or(terms, Filter::And))
    }

    fn term(&mut self, depth: usize) -> Result<Filter, String> {
        self.space();
        let before = self.at;
        if self.word("not") {
            self.space();
            if self.rest().starts_with('(') {
                return Ok(Filter::Not(Box::new(self.grouped(depth)?)));
            }
            self.at = before;
        }
        if self.rest().starts_with('(') {
            return self.grouped(depth);
        }
        let path = self.attribute()?;
        if self.taken("[") {
            let inner = self.either(depth + 1)?;
            self.space();
            if !self.taken("]") {
                return Err(self.expected("`]`"));
            }
            return Ok(Filter::Within(path, Box::new(inner)));
        }
        self.space();
        if self.word("pr") {
            return Ok(Filter::Present(path));
        }
        let operator = self.operator()?;
        self.space();
        Ok(Filter::Compare(path, operator, self.value()?))
    }

    fn grouped(&mut self, depth: usize) -> Result<Filter, String> {
        self.at += 1;
        let inner = self.either(depth + 1)?;
        self.space();
        if !self.taken(")") {
            return Err(self.expected("`)`"));
        }
        Ok(inner)
    }

    fn operator(&mut self) -> Result<Operator, String> {
        const ALL: [(&str, Operator); 9] = [
            ("eq", Operator::Equal),
            ("ne", Operator::NotEqual),
            ("co", Operator::Contains),
            ("sw", Operator::StartsWith),
            ("ew", Operator::EndsWith),
            ("gt", Operator::Greater),
            ("ge", Operator::GreaterOrEqual),
            ("lt", Operator::Less),
            ("le", Operator::LessOrEqual),
        ];
        for (word, operator) in ALL {
            if self.word(word) {
                return Ok(operator);
            }
        }
        Err(self.expected("an operator"))
    }

    /// A JSON string, number, `true`, `false` or `null`.
    fn value(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let length = if rest.starts_with('"') {
            let mut escaped = false;
            rest.char_indices()
                .skip(1)
                .find(|(_, letter)| {
                    let ends = *letter == '"' && !escaped;
                    escaped = *letter == '\\' && !escaped;
                    ends
                })
                .map(|(at, _)| at + 1)
                .ok_or_else(|| "a string has no end".to_string())?
        } else {
            rest.find([' ', ')', ']']).unwrap_or(rest.len())
        };
        match serde_json::from_str(&rest[..length]) {
            Ok(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null)) => {
                self.at += length;
                Ok(value)
            }
            _ => Err(self.expected("a value")),
        }
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let rest = self.rest();
        let length = rest
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_$".contains(letter)))
            .unwrap_or(rest.len());
        if !rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$') {
            return Err(self.expected("an attribute"));
        }
        self.at += length;
        Ok(&rest[..length])
    }

    fn attribute(&mut self) -> Result<AttributePath, String> {
        let rest = self.rest();
        if !schema::is_urn(rest) {
            let name = self.name()?.to_string();
            let sub = if self.taken(".") { Some(self.name()?.to_string()) } else { None };
            return Ok(AttributePath { urn: None, name, sub });
        }
        let length = rest.find([' ', '[', ']', ')']).unwrap_or(rest.len());
        self.at += length;
        Ok(in_extension(&rest[..length]))
    }
}

/// Splits `urn:…:User:department`. A URN that ends in a resource type is a whole extension.
fn in_extension(text: &str) -> AttributePath {
    let whole = |text: &str| {
        let last = text.rsplit(':').next().unwrap_or_default();
        last.eq_ignore_ascii_case("User") || last.eq_ignore_ascii_case("Group")
    };
    let (urn, attribute) = match text.rsplit_once(':') {
        Some((urn, attribute)) if !whole(text) => (urn, attribute),
        _ => (text, ""),
    };
    let (name, sub) = match attribute.split_once('.') {
        Some((name, sub)) => (name, Some(sub.to_string())),
        None => (attribute, None),
    };
    let core = urn.to_ascii_lowercase().starts_with("urn:ietf:params:scim:schemas:core:2.0:");
    AttributePath { urn: (!core).then(|| urn.to_string()), name: name.to_string(), sub }
}

fn one_or(mut terms: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match (terms.len(), terms.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            terms.extend(last);
            many(terms)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_is_not_then_and_then_or() {
        let filter = parse(r#"a pr or b eq 1 and not (c ne "x")"#).unwrap();
        let Filter::Or(terms) = filter else { panic!("{filter:?}") };
        assert!(matches!(&terms[0], Filter::Present(_)));
        let Filter::And(both) = &terms[1] else { panic!("{terms:?}") };
        assert!(matches!(&both[1], Filter::Not(_)));
    }

    #[test]
    fn strings_keep_their_escapes() {
        let filter = parse(r#"userName eq "a\" or userName pr or \"""#).unwrap();
        let Filter::Compare(_, Operator::Equal, value) = filter else { panic!("{filter:?}") };
        assert_eq!(value, "a\" or userName pr or \"");
    }

    #[test]
    fn paths_of_extensions_are_split_at_the_attribute() {
        let (path, _, _) = path("urn:example:2.0:User:manager.value").unwrap();
        assert_eq!(path.urn.as_deref(), Some("urn:example:2.0:User"));
        assert_eq!((path.name.as_str(), path.sub.as_deref()), ("manager", Some("value")));
        let (path, _, _) = super::path("urn:ietf:params:scim:schemas:core:2.0:User:title").unwrap();
        assert_eq!((path.urn, path.name.as_str()), (None, "title"));
    }

    #[test]
    fn what_is_wrong_is_an_error_and_never_a_panic() {
        let deep = format!("{}a pr{}", "(".repeat(5000), ")".repeat(5000));
        for text in [
            "",
            " ",
            "a",
            "a eq",
            "a eq b",
            "a eq \"",
            "a xx 1",
            "(a pr",
            "a pr)",
            "a[b pr",
            "a pr and",
            "not a pr",
            "a eq {}",
            "é pr",
            "a eq \"\\u00",
            "a[b eq 1",
            &deep,
        ] {
            assert!(parse(text).is_err(), "`{text}` was taken");
        }
    }
}
