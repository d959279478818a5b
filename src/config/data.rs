//! Data for policies: YAML or JSON as it stands, of whatever shape.
//!
//! What two readers take differently is refused, so that a policy judges alike here and under
//! OPA: its YAML reader knows `yes`, `0123` and `1_000` as other things than this one does.

use serde_json::{Map, Number, Value};

use super::node::{Core, Node, Tag, Tree};
use super::sink::Sink;
use super::words::Excerpt;
use super::{Diagnostics, SourceText, json_data, parse, text};

/// Reads a file of data: JSON where its name ends in `.json`, YAML otherwise.
///
/// # Errors
///
/// Every problem found: what is no YAML or JSON, repeated keys, values that read differently
/// elsewhere, and nothing at all.
pub fn read_data(source: &SourceText) -> Result<Value, Diagnostics> {
    let mut sink = Sink::new(&source.name);
    let value = if source.name.ends_with(".json") {
        text::checked_text(source, &mut sink).and_then(|text| json_data::read(text, &mut sink))
    } else {
        yaml(source, &mut sink)
    };
    match value {
        Some(value) if !sink.has_errors() => Ok(value),
        _ => Err(all(sink)),
    }
}

/// Reads a file of YAML as it stands, for a reader who needs to know where each part of it is;
/// without a root, if it holds nothing.
///
/// # Errors
///
/// Every problem found.
pub(crate) fn read_tree(source: &SourceText) -> Result<Tree<'_>, Diagnostics> {
    let mut sink = Sink::new(&source.name);
    match parse::read(source, &mut sink) {
        Some(tree) if !sink.has_errors() => Ok(tree),
        _ => Err(all(sink)),
    }
}

fn all(sink: Sink) -> Diagnostics {
    let mut problems = Diagnostics::new();
    sink.drain_into(&mut problems);
    problems
}

fn yaml(source: &SourceText, sink: &mut Sink) -> Option<Value> {
    let tree = parse::read(source, sink)?;
    let Some(root) = tree.root() else {
        let nothing = [
            format_args!("the file holds nothing"),
            format_args!("a rule that looks into it would find nothing"),
            format_args!("write data into it, or delete it"),
        ];
        sink.error(super::node::Place::START, "policy-data", nothing);
        return None;
    };
    Some(value(root, sink))
}

/// A node as JSON; nesting is bounded by the parser.
fn value(node: Node<'_>, sink: &mut Sink) -> Value {
    match node.tag() {
        // Reported already.
        Tag::Refused => Value::Null,
        Tag::Quoted => node.text().into(),
        Tag::Plain => plain(node, sink),
        Tag::List => node.children().map(|item| value(item, sink)).collect(),
        Tag::Map => {
            let mut map = Map::new();
            for (key, item) in node.entries() {
                if key.tag() == Tag::Plain && (key.core() != Core::Text || elsewhere(key.text())) {
                    ambiguous(key, sink);
                }
                map.insert(key.text().to_owned(), value(item, sink));
            }
            map.into()
        }
    }
}

fn plain(node: Node<'_>, sink: &mut Sink) -> Value {
    let text = node.text();
    match node.core() {
        Core::Null => return Value::Null,
        Core::Boolean(value) => return value.into(),
        Core::Text if !elsewhere(text) => return text.into(),
        // What JSON takes for a number is one to every reader.
        Core::Integer | Core::Float => {
            if let Ok(number) = serde_json::from_str::<Number>(text) {
                return number.into();
            }
        }
        Core::Text => {}
    }
    ambiguous(node, sink);
    Value::Null
}

/// Whether plain text is a boolean or a number by YAML 1.1.
fn elsewhere(text: &str) -> bool {
    let low = text.to_ascii_lowercase();
    let number = || {
        let unsigned = low.strip_prefix(['+', '-']).unwrap_or(&low);
        unsigned.starts_with(|letter: char| letter.is_ascii_digit())
            && (unsigned.contains('_') || unsigned.starts_with("0b") || unsigned.contains(':'))
            && unsigned.bytes().all(|byte| byte.is_ascii_hexdigit() || b"_.:xob".contains(&byte))
    };
    matches!(low.as_str(), "y" | "n" | "yes" | "no" | "on" | "off") || number()
}

fn ambiguous(node: Node<'_>, sink: &mut Sink) {
    sink.error(
        node.place(),
        "policy-data",
        [
            format_args!(
                "`{}` is one thing to one reader, another to the next",
                Excerpt(node.text())
            ),
            format_args!("a policy would judge differently under OPA"),
            format_args!("put text in quotes; write numbers and booleans as JSON has them"),
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Value, String> {
        let file = SourceText { name: name.into(), bytes: text.into() };
        read_data(&file).map_err(|found| {
            let said = |one: &crate::config::Diagnostic| {
                let at = one.source.as_ref().map(ToString::to_string).unwrap_or_default();
                format!("{at}: {}", one.what)
            };
            found.sorted().iter().map(said).collect::<Vec<_>>().join("\n")
        })
    }

    #[test]
    fn yaml_and_json_read_alike() {
        let yaml = "teams:\n  - { name: ops, size: 3, ok: true, rate: 1.5, none: null }\nday: 2026-12-31\n";
        let json = "{\"teams\": [{\"name\": \"ops\", \"size\": 3, \"ok\": true, \"rate\": 1.5, \
                    \"none\": null}],\n\t\"day\": \"2026-12-31\"}";
        assert_eq!(read("a.yaml", yaml).unwrap(), read("a.json", json).unwrap());
    }

    #[test]
    fn what_reads_differently_elsewhere_is_refused_with_its_place() {
        for text in ["yes", "Off", "0123", "0x1F", "1_000", "0b11", "1:30", ".inf", "+1", "1."] {
            let said = read("a.yaml", &format!("a:\n  b: {text}\n")).unwrap_err();
            assert!(said.starts_with("a.yaml:2:6: ") && said.contains(text), "{said}");
        }
        assert!(read("a.yaml", "no: 1\n").is_err());
        assert!(read("a.yaml", "a: \"yes\"\nb: ['0123', 2026-01-01, 10.0.0.1]\n").is_ok());
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let deep = "[".repeat(101) + &"]".repeat(101);
        for (name, text, expected) in [
            ("a.yaml", "", "holds nothing"),
            ("a.yaml", "a: 1\na: 2\n", "a.yaml:2:1"),
            ("a.yaml", "a: [", "a.yaml:"),
            ("a.yaml", "a: &x 1\nb: *x\n", "anchors"),
            ("a.json", "{\"a\": 1,\n \"a\": 2}", "`a`"),
            ("a.json", "{\"a\": {\"b\": 1, \"b\": 2}}", "`b`"),
            ("a.json", "{\"a\": 1,}", "a.json:1:"),
            ("a.json", "", "a.json:1:"),
            ("a.json", "1 2", "a.json:1:"),
            ("a.json", &deep, "nest"),
        ] {
            let said = read(name, text).unwrap_err();
            assert!(said.contains(expected), "{text}: {said}");
        }
        let fits = "[".repeat(100) + &"]".repeat(100);
        assert!(read("a.json", &fits).is_ok());
    }
}
