//! A second opinion: for what both accept, our tree says what another YAML reader says.

use proptest::prelude::*;
use serde_yaml::{Mapping, Number, Value};

use super::SourceText;
use super::node::{Core, Node, Tag};
use super::sink::Sink;

/// The tree as the other reader's value; `None` where the file is refused.
fn ours(text: &str) -> Option<Value> {
    let source = SourceText { name: "x.yaml".into(), bytes: text.as_bytes().to_vec() };
    let mut sink = Sink::new(&source.name);
    let tree = super::parse::read(&source, &mut sink)?;
    if sink.has_errors() {
        return None;
    }
    Some(tree.root().map_or(Value::Null, value))
}

fn value(node: Node<'_>) -> Value {
    match (node.tag(), node.core()) {
        (Tag::List, _) => Value::Sequence(node.children().map(value).collect()),
        (Tag::Map, _) => {
            let pairs = node.entries().map(|(key, inside)| (value(key), value(inside)));
            Value::Mapping(pairs.collect::<Mapping>())
        }
        (_, Core::Null) => Value::Null,
        (_, Core::Boolean(truth)) => Value::Bool(truth),
        (_, Core::Integer) => number(node.text()),
        (_, Core::Float) => float(node.text()),
        (_, Core::Text) => Value::String(node.text().to_owned()),
    }
}

fn number(text: &str) -> Value {
    let signed = text.parse::<i64>().map(Number::from);
    signed.or_else(|_| text.parse::<u64>().map(Number::from)).map_or(Value::Null, Value::Number)
}

fn float(text: &str) -> Value {
    text.parse::<f64>().map(Number::from).map_or(Value::Null, Value::Number)
}

fn theirs(text: &str) -> Option<Value> {
    serde_yaml::from_str(text).ok()
}

#[test]
fn both_read_what_people_write_alike() {
    for text in [
        "users:\n  a@b.c: { name: { givenName: Ada }, active: true, n: 3, f: 1.5 }\n  d@e.f:\n",
        "a: 'it''s'\nb: \"tab\\t \\u00e9\"\nc: plain text with:colon\nd: http://x/#y\n",
        "a: |\n  two\n  lines\nb: >-\n  folded\n  text\n\n  more\n",
        "- 1\n- -2\n- 1e3\n- NO\n- yes\n- ~\n- null\n- 2026-12-31\n- 1.2.3\n- ''\n",
        "a: [x, y, [z]]\nb: {c: d, e: {}}\nf: []\n",
        "# comment\n---\na: b # comment\n...\n",
        "a:\n- b\n- c:\n    - d\n",
        "? a\n: b\n",
        "long: a\n  continued\n  text\n",
        "a: b\r\nc: d\r\n",
    ] {
        let ours = ours(text);
        assert!(ours.is_some(), "{text}");
        assert_eq!(ours, theirs(text), "{text}");
    }
}

fn text() -> impl Strategy<Value = String> {
    let known = [
        "NO",
        "yes",
        "0123",
        "1.0",
        "~",
        "null",
        "true",
        "",
        " ",
        "a: b",
        "# c",
        "- d",
        "[e",
        "{f",
        "*g",
        "&h",
        "!i",
        "%j",
        "@k",
        "`l",
        "'m",
        "\"n",
        "two\nlines",
        "end\n",
        "\n",
        "é東\u{1f600}",
        "2026-12-31",
        "0x1f",
        "1e5",
        ".inf",
        "a\tb",
        "trailing ",
        "---",
        "...",
        "<<",
        "=",
        "a #b",
    ];
    prop_oneof![
        prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        "[a-zA-Z0-9 .:@#/'\"-]{0,20}",
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| Value::Number(number.into())),
        (-1.0e6..1.0e6_f64).prop_map(|number| Value::Number(number.into())),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 6, |inside| {
        prop_oneof![
            prop::collection::vec(inside.clone(), 0..6).prop_map(Value::Sequence),
            prop::collection::btree_map("[a-z]{1,8}", inside, 0..6).prop_map(|map| {
                let pairs = map.into_iter().map(|(key, value)| (Value::String(key), value));
                Value::Mapping(pairs.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_the_other_writes_is_read_back(document in document()) {
        if let Ok(text) = serde_yaml::to_string(&document) {
            prop_assert_eq!(ours(&text), Some(document), "{}", text);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z\\[\\]{},:&*!|>'\"%@`#?\n\t -]{0,80}") {
        let _ = ours(&text);
    }
}
