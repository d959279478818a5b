//! The part of OData's filters that HPE takes: comparisons joined by `and`.
//!
//! `principal in ('user:1', 'user:2') and role in ('grn:..')`, `category eq 'x'`,
//! `contains(description, 'x')`.

/// A comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) attribute: String,
    /// `in`, `eq`, `ne`, `lt`, `le`, `gt`, `ge`, `contains`.
    pub(super) operator: &'static str,
    pub(super) values: Vec<String>,
}

const OPERATORS: [&str; 7] = ["in", "eq", "ne", "lt", "le", "gt", "ge"];

/// Reads a filter; the error says what was expected where.
pub(super) fn parse(text: &str) -> Result<Vec<Term>, String> {
    let mut parser = Parser { rest: text, all: text };
    let mut terms = vec![parser.term()?];
    loop {
        parser.space();
        if parser.rest.is_empty() {
            return Ok(terms);
        }
        if !parser.word("and") {
            return Err(parser.expected("`and`"));
        }
        terms.push(parser.term()?);
    }
}

/// The values of each attribute, if only these attributes are compared, each once, by `in`.
pub(super) fn only_in(
    text: &str,
    attributes: &[&'static str],
) -> Result<Vec<(&'static str, Vec<String>)>, String> {
    let mut found: Vec<(&'static str, Vec<String>)> = Vec::new();
    for term in parse(text)? {
        let Some(name) = attributes.iter().copied().find(|name| *name == term.attribute) else {
            let names = attributes.join("`, `");
            return Err(format!("`{}` cannot be filtered by; `{names}` can", term.attribute));
        };
        if term.operator != "in" {
            return Err(format!("the operator `{}` is not supported; `in` is", term.operator));
        }
        if found.iter().any(|(seen, _)| *seen == name) {
            return Err(format!("`{name}` occurs more than once"));
        }
        found.push((name, term.values));
    }
    Ok(found)
}

struct Parser<'a> {
    rest: &'a str,
    all: &'a str,
}

impl Parser<'_> {
    fn expected(&self, what: &str) -> String {
        let at = self.all.len() - self.rest.len();
        let found: String = self.rest.chars().take(20).collect();
        if found.is_empty() {
            format!("expected {what}, found the end")
        } else {
            format!("expected {what} at byte {at}, found `{found}`")
        }
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn taken(&mut self, token: char) -> bool {
        self.space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes a word that ends at a space, a bracket, a comma or the end.
    fn word(&mut self, word: &str) -> bool {
        self.space();
        let found = self.rest.strip_prefix(word).filter(|rest| {
            rest.chars().next().is_none_or(|next| next.is_whitespace() || "(),'".contains(next))
        });
        if let Some(rest) = found {
            self.rest = rest;
        }
        found.is_some()
    }

    fn term(&mut self) -> Result<Term, String> {
        if self.word("contains") {
            if !self.taken('(') {
                return Err(self.expected("`(`"));
            }
            let attribute = self.name()?;
            if !self.taken(',') {
                return Err(self.expected("`,`"));
            }
            let values = vec![self.value()?];
            if !self.taken(')') {
                return Err(self.expected("`)`"));
            }
            return Ok(Term { attribute, operator: "contains", values });
        }
        let attribute = self.name()?;
        let operator = OPERATORS.into_iter().find(|word| self.word(word));
        let operator = operator.ok_or_else(|| self.expected("an operator"))?;
        if operator != "in" {
            return Ok(Term { attribute, operator, values: vec![self.value()?] });
        }
        if !self.taken('(') {
            return Err(self.expected("`(`"));
        }
        let mut values = vec![self.value()?];
        while self.taken(',') {
            values.push(self.value()?);
        }
        if !self.taken(')') {
            return Err(self.expected("`)`"));
        }
        Ok(Term { attribute, operator, values })
    }

    fn name(&mut self) -> Result<String, String> {
        self.space();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '/' && c != '_');
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if name.is_empty() {
            return Err(self.expected("an attribute"));
        }
        self.rest = rest;
        Ok(name.to_string())
    }

    /// A string in single quotes; a quote in it is doubled.
    fn value(&mut self) -> Result<String, String> {
        if !self.taken('\'') {
            return Err(self.expected("a string in single quotes"));
        }
        let mut value = String::new();
        loop {
            let Some((part, rest)) = self.rest.split_once('\'') else {
                return Err(self.expected("a closing quote"));
            };
            value.push_str(part);
            self.rest = rest;
            match rest.strip_prefix('\'') {
                Some(more) => {
                    value.push('\'');
                    self.rest = more;
                }
                None => return Ok(value),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn comparisons_are_read() {
        let terms = parse("a/b in ('x','it''s') and contains(c, 'd') and e ge '1'").unwrap();
        let read: Vec<_> =
            terms.iter().map(|term| (term.attribute.as_str(), term.operator)).collect();
        assert_eq!(read, [("a/b", "in"), ("c", "contains"), ("e", "ge")]);
        assert_eq!(terms[0].values, ["x", "it's"]);
    }

    #[test]
    fn what_hpe_does_not_take_is_an_error() {
        for (text, part) in [
            ("", "an attribute"),
            ("a", "an operator"),
            ("a in ('x'", "`)`"),
            ("a in ('x", "closing quote"),
            ("a eq \"x\"", "single quotes"),
            ("a eq 'x' or b eq 'y'", "`and`"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "`{text}`: {error}");
        }
        assert!(
            only_in("a in ('1') and a in ('2')", &["a"]).unwrap_err().contains("more than once")
        );
        assert!(only_in("b in ('1')", &["a"]).unwrap_err().contains("cannot be filtered by"));
        assert!(only_in("a eq '1'", &["a"]).unwrap_err().contains("not supported"));
    }
}
