//! The rooms that decide match on the family of a kind, exhaustively: a new kind of a known family
//! then needs no change in them, and a new family does not compile until each has said what it is.

use crate::rust::{closing, line_of, mask, without_tests, words};

/// The rooms that decide, and so never ask for a kind by name.
const ROOMS: &[&str] = &["plan", "guard", "apply", "report"];

/// Whether a file belongs to one of these rooms. `fixture.rs` holds what unit tests share.
fn decides(path: &str) -> bool {
    let room = path.strip_prefix("src/").and_then(|inside| inside.split('/').next());
    room.is_some_and(|room| ROOMS.contains(&room))
        && !path.ends_with("/fixture.rs")
        && !path.ends_with("_tests.rs")
        && !path.ends_with("/tests.rs")
        && !path.contains("/tests/")
}

/// No kind is named in a room that decides.
pub(crate) fn no_kind_by_name(path: &str, text: &str) -> Vec<String> {
    if !decides(path) {
        return Vec::new();
    }
    let code = without_tests(&mask(text));
    let named = words(&code, "KindName::").filter(|at| {
        let mut letters = code.get(at + "KindName::".len()..).unwrap_or_default().chars();
        let first = letters.next().is_some_and(|letter| letter.is_ascii_uppercase());
        first && letters.next().is_some_and(|letter| letter.is_ascii_lowercase())
    });
    named
        .map(|at| {
            format!(
                "{path}:{}: a kind is named; match on `Family`, or put what is special about the \
                 kind into its table (`KindSpec`)",
                line_of(&code, at)
            )
        })
        .collect()
}

/// A match that names a family names all of them.
pub(crate) fn families_are_exhaustive(path: &str, text: &str) -> Vec<String> {
    if !decides(path) {
        return Vec::new();
    }
    let code = without_tests(&mask(text));
    let mut breaches = Vec::new();
    for start in words(&code, "match") {
        let Some(open) = code.get(start..).and_then(|rest| rest.find('{')).map(|at| start + at)
        else {
            continue;
        };
        let arms = patterns(&code, open);
        let of_family = arms.iter().find(|(_, arm)| arm.contains("Family::"));
        let Some((_, sample)) = of_family else { continue };
        let place = position(sample);
        let wild = arms.iter().filter(|(_, arm)| is_wild(arm, place));
        breaches.extend(wild.map(|(at, _)| {
            format!(
                "{path}:{}: `_` stands for a family; name the families, so that a new one does not \
                 compile until this place has said what it is",
                line_of(&code, *at)
            )
        }));
    }
    breaches
}

/// The patterns of a match whose body opens at `open`, each with its offset.
fn patterns(code: &str, open: usize) -> Vec<(usize, &str)> {
    let end = closing(code, open) - 1;
    let mut found = Vec::new();
    let mut at = open + 1;
    while at < end {
        let Some(arrow) = arrow(code, at, end) else { break };
        let pattern = code.get(at..arrow).unwrap_or_default();
        let lead = pattern.len() - pattern.trim_start().len();
        found.push((at + lead, pattern.trim()));
        at = after_body(code, arrow + 2, end);
    }
    found
}

/// The next `=>` outside brackets.
fn arrow(code: &str, from: usize, end: usize) -> Option<usize> {
    let bytes = code.as_bytes();
    let mut at = from;
    while at + 1 < end {
        match bytes[at] {
            b'{' | b'(' | b'[' => at = closing(code, at),
            b'=' if bytes[at + 1] == b'>' => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// The offset behind the expression of an arm.
fn after_body(code: &str, from: usize, end: usize) -> usize {
    let bytes = code.as_bytes();
    let mut at = from;
    let is_block = code.get(from..).is_some_and(|rest| rest.trim_start().starts_with('{'));
    while at < end {
        match bytes[at] {
            b'{' | b'(' | b'[' => {
                let block = is_block && bytes[at] == b'{';
                at = closing(code, at);
                if block {
                    return at + usize::from(bytes.get(at) == Some(&b','));
                }
            }
            b',' => return at + 1,
            _ => at += 1,
        }
    }
    end
}

/// The elements of a tuple pattern, or the one pattern there is, without its guard.
fn elements(pattern: &str) -> Vec<&str> {
    let pattern = pattern.split(" if ").next().unwrap_or_default().trim();
    let Some(inside) = pattern.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return vec![pattern];
    };
    let (mut depth, mut from, mut found) = (0, 0, Vec::new());
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 0 => {
                found.push(inside[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(inside[from..].trim());
    found
}

/// Where in the pattern the family is.
fn position(sample: &str) -> usize {
    elements(sample).iter().position(|part| part.contains("Family::")).unwrap_or_default()
}

fn is_wild(pattern: &str, place: usize) -> bool {
    let parts = elements(pattern);
    // A whole `_`, or a `_` where the others name a family. One that follows from another element,
    // such as `(_, Action::Delete)`, still hides a family.
    matches!(parts.as_slice(), ["_"]) || (parts.len() > 1 && parts.get(place) == Some(&"_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_only_outside_the_rooms_that_decide() {
        let code = "fn f() { g(KindName::User); for k in KindName::ALL {} }";
        assert_eq!(no_kind_by_name("src/plan/a.rs", code).len(), 1);
        assert_eq!(no_kind_by_name("src/guard/b/c.rs", code).len(), 1);
        assert!(no_kind_by_name("src/config/a.rs", code).is_empty());
        let test = "#[cfg(test)]\nmod tests { fn f() { g(KindName::User); } }";
        assert!(no_kind_by_name("src/plan/a.rs", test).is_empty());
    }

    #[test]
    fn a_wildcard_over_families_is_seen_in_every_form() {
        for code in [
            "match f { Family::Group => 1, _ => 2 }",
            "match f { Family::Group => { 1 } _ => 2 }",
            "match (f, a) { (Family::Group, A::X) => g(1, 2), (_, A::Y) => 3, }",
            "match (a, f) { (A::X, Family::Group) => 1, (A::Y, _) if b => 3, }",
            "match f { Family::Group if x => h(|_| 2), Family::Plain => 1, _ if y => 2, }",
        ] {
            assert_eq!(families_are_exhaustive("src/plan/a.rs", code).len(), 1, "{code}");
        }
    }

    #[test]
    fn a_match_on_something_else_is_left_alone() {
        for code in [
            "match f { Family::Group | Family::Plain => 1, Family::Scope => match x { 1 => 2, _ => 3 } }",
            "match (f, a) { (Family::Group, _) => 1, (Family::Plain, A::X) => 2 }",
            "match x { Some(Family::Group) => 1, None => 2 }",
            "match x { 1 => Family::Group, _ => Family::Plain }",
        ] {
            assert_eq!(
                families_are_exhaustive("src/plan/a.rs", code),
                Vec::<String>::new(),
                "{code}"
            );
        }
        assert!(
            families_are_exhaustive("src/edge/a.rs", "match f { Family::Group => 1, _ => 2 }")
                .is_empty()
        );
    }
}
