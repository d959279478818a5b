//! Tree → values: small combinators that want one thing, and say so in words when they get another.
//!
//! Each returns `None` after it has reported the problem, so that a caller goes on and finds more.

use serde_json::{Map, Number, Value};

use super::node::{Core, Entries, Node, Place, Tag};
use super::parse::a_core;
use super::sink::Sink;
use super::words::{DidYouMean, Excerpt, is_invisible, listed};

/// How long a text may be, in bytes.
const TEXT_BYTES: usize = 64 << 10;

/// What a node is, in words.
pub(super) fn found(node: Node<'_>) -> &'static str {
    match node.tag() {
        Tag::List => "a list",
        Tag::Map => "a mapping",
        Tag::Quoted => "text",
        Tag::Plain => a_core(node.core()),
        Tag::Refused => "refused",
    }
}

/// Reports that `name` should be `wanted` and is something else.
pub(super) fn wrong_type(node: Node<'_>, name: &str, wanted: &str, remedy: &str, sink: &mut Sink) {
    if node.tag() == Tag::Refused {
        return;
    }
    let why = if node.tag() == Tag::Plain && node.core() == Core::Null {
        "absent, empty and unmanaged are three things, and nothing (null) is none of them"
    } else {
        "a value of another type is never converted silently"
    };
    sink.error(
        node.place(),
        "wrong-type",
        [
            format_args!("`{}` must be {wanted}, but is {}", Excerpt(name), found(node)),
            format_args!("{why}"),
            format_args!("{remedy}"),
        ],
    );
}

/// A string that is not empty.
pub(super) fn text<'t>(node: Node<'t>, name: &str, sink: &mut Sink) -> Option<&'t str> {
    match (node.tag(), node.core()) {
        (Tag::Plain | Tag::Quoted, Core::Text) => {}
        (Tag::Plain, Core::Null) => {
            let remedy = format!("give it a value, or leave `{}` out", Excerpt(name));
            wrong_type(node, name, "text", &remedy, sink);
            return None;
        }
        (Tag::Plain, _) => {
            let remedy = format!("write it in quotes: `\"{}\"`", Excerpt(node.text()));
            wrong_type(node, name, "text", &remedy, sink);
            return None;
        }
        _ => {
            wrong_type(node, name, "text", "write a single text", sink);
            return None;
        }
    }
    let text = node.text();
    if text.trim().is_empty() {
        sink.error(
            node.place(),
            "empty-value",
            [
                format_args!("`{}` is empty", Excerpt(name)),
                format_args!("an empty text and no text at all are told apart by few servers"),
                format_args!("give it a value, or leave it out"),
            ],
        );
        return None;
    }
    harmless(node, name, sink).then_some(text)
}

/// Whether a value's text can be shown and sent; reports it otherwise.
fn harmless(node: Node<'_>, name: &str, sink: &mut Sink) -> bool {
    let text = node.text();
    if text.len() > TEXT_BYTES {
        sink.error(
            node.place(),
            "value-too-long",
            [
                format_args!("`{}` has {} bytes", Excerpt(name), text.len()),
                format_args!("no server takes a value of more than {TEXT_BYTES} bytes"),
                format_args!("shorten it"),
            ],
        );
        return false;
    }
    if text.is_ascii() && !text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return true;
    }
    let odd =
        text.chars().find(|c| (c.is_control() && !matches!(c, '\n' | '\t')) || is_bidi_control(*c));
    if let Some(odd) = odd {
        sink.error(
            node.place(),
            "control-character",
            [
                format_args!("`{}` holds the character U+{:04X}", Excerpt(name), u32::from(odd)),
                format_args!("it cannot be seen, and changes how the text around it is shown"),
                format_args!("delete it"),
            ],
        );
    }
    odd.is_none()
}

const fn is_bidi_control(letter: char) -> bool {
    is_invisible(letter)
        && matches!(letter, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `true` or `false`.
pub(super) fn boolean(node: Node<'_>, name: &str, sink: &mut Sink) -> Option<bool> {
    if let (Tag::Plain, Core::Boolean(value)) = (node.tag(), node.core()) {
        return Some(value);
    }
    wrong_type(node, name, "`true` or `false`", "write `true` or `false`, without quotes", sink);
    None
}

/// A whole number in decimal notation, without leading zeros.
pub(super) fn integer(node: Node<'_>, name: &str, sink: &mut Sink) -> Option<i64> {
    if let (Tag::Plain, Core::Integer) = (node.tag(), node.core()) {
        let digits = node.text().trim_start_matches(['+', '-']);
        if (digits.len() == 1 || !digits.starts_with('0'))
            && let Ok(number) = node.text().parse()
        {
            return Some(number);
        }
    }
    wrong_type(
        node,
        name,
        "a whole number",
        "write decimal digits without leading zeros, up to 9223372036854775807",
        sink,
    );
    None
}

/// A whole number from `least` up.
pub(super) fn number(node: Node<'_>, name: &str, least: u32, sink: &mut Sink) -> Option<u32> {
    let value = integer(node, name, sink)?;
    if let Ok(value) = u32::try_from(value)
        && value >= least
    {
        return Some(value);
    }
    sink.error(
        node.place(),
        "out-of-range",
        [
            format_args!("`{name}` is {value}"),
            format_args!("it is a number from {least} to {}", u32::MAX),
            format_args!("write such a number"),
        ],
    );
    None
}

/// One of a few words.
pub(super) fn one_of<T: Copy>(
    node: Node<'_>,
    name: &str,
    choices: &[(&str, T)],
    sink: &mut Sink,
) -> Option<T> {
    let written = text(node, name, sink)?;
    if let Some((_, value)) = choices.iter().find(|(word, _)| *word == written) {
        return Some(*value);
    }
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    sink.error(
        node.place(),
        "unknown-value",
        [
            format_args!("`{name}` cannot be `{}`", Excerpt(written)),
            format_args!("it is one of {}", listed(&words)),
            format_args!("{}", DidYouMean(written, &words)),
        ],
    );
    None
}

/// A list.
pub(super) fn list<'t>(
    node: Node<'t>,
    name: &str,
    sink: &mut Sink,
) -> Option<super::node::Children<'t>> {
    if node.tag() == Tag::List {
        return Some(node.children());
    }
    let remedy = match (node.tag(), node.core()) {
        (Tag::Plain, Core::Null) => "write `[]` for an empty list, or leave it out".to_owned(),
        (Tag::Plain | Tag::Quoted, _) => format!("write `[{}]`", Excerpt(node.text())),
        _ => "begin each entry with `- `".to_owned(),
    };
    wrong_type(node, name, "a list", &remedy, sink);
    None
}

/// A list of strings that are not empty.
pub(super) fn texts<'t>(
    node: Node<'t>,
    name: &str,
    sink: &mut Sink,
) -> Option<Vec<(&'t str, Place)>> {
    let entries = list(node, name, sink)?;
    Some(entries.filter_map(|entry| Some((text(entry, name, sink)?, entry.place()))).collect())
}

/// A mapping whose keys anybody may choose.
pub(super) fn open_map<'t>(node: Node<'t>, name: &str, sink: &mut Sink) -> Option<Entries<'t>> {
    if node.tag() == Tag::Map {
        return Some(node.entries());
    }
    let remedy = match (node.tag(), node.core()) {
        (Tag::Plain, Core::Null) => "write `{}` if it is meant to be empty, or leave it out",
        (Tag::List, _) => "write `name: {…}` entries; a list has no names",
        _ => "write `key: value` entries",
    };
    wrong_type(node, name, "a mapping", remedy, sink);
    None
}

/// A mapping whose keys are known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mapping<'t>(Node<'t>);

impl<'t> Mapping<'t> {
    /// The mapping at `node`; keys that are not `known` are reported.
    pub(super) fn of(node: Node<'t>, name: &str, known: &[&str], sink: &mut Sink) -> Option<Self> {
        for (key, _) in open_map(node, name, sink)? {
            if is_scalar(key) && !known.contains(&key.text()) {
                unknown_key(key, name, known, sink);
            }
        }
        Some(Self(node))
    }

    /// The value of `key`, if it is written.
    pub(super) fn get(self, key: &str) -> Option<Node<'t>> {
        let mut entries = self.0.entries();
        entries.find(|(name, _)| is_scalar(*name) && name.text() == key).map(|(_, value)| value)
    }

    /// The value of `key`, which must be written.
    pub(super) fn required(self, key: &str, why: &str, sink: &mut Sink) -> Option<Node<'t>> {
        let value = self.get(key);
        if value.is_none() {
            sink.error(
                self.0.place(),
                "missing-key",
                [
                    format_args!("`{key}` is missing"),
                    format_args!("{why}"),
                    format_args!("add `{key}: …` here"),
                ],
            );
        }
        value
    }

    /// Where it begins.
    pub(super) fn place(self) -> Place {
        self.0.place()
    }
}

/// Whether a key is a name at all; the others are reported when the file is read.
pub(super) fn is_scalar(key: Node<'_>) -> bool {
    matches!(key.tag(), Tag::Plain | Tag::Quoted)
}

/// Reports a key that nobody knows.
pub(super) fn unknown_key(key: Node<'_>, name: &str, known: &[&str], sink: &mut Sink) {
    if key.tag() == Tag::Plain && (key.core() != Core::Text || key.text() == "<<") {
        return; // Reported when the file was read.
    }
    sink.error(
        key.place(),
        "unknown-key",
        [
            format_args!("unknown key `{}` in `{}`", Excerpt(key.text()), Excerpt(name)),
            format_args!("a key that is not understood would be ignored silently"),
            format_args!("{}", DidYouMean(key.text(), known)),
        ],
    );
}

/// Whatever is written, as JSON: for what nobody here knows (extensions, dialect overrides).
pub(super) fn json(node: Node<'_>, name: &str, sink: &mut Sink) -> Option<Value> {
    match node.tag() {
        Tag::Refused => None,
        Tag::List => {
            let items: Vec<Option<Value>> =
                node.children().map(|entry| json(entry, name, sink)).collect();
            items.into_iter().collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        Tag::Map => {
            let mut map = Map::new();
            for (key, value) in node.entries() {
                if let Some(value) = json(value, key.text(), sink) {
                    map.insert(key.text().to_owned(), value);
                }
            }
            Some(Value::Object(map))
        }
        Tag::Quoted => harmless(node, name, sink).then(|| Value::from(node.text())),
        Tag::Plain => plain_json(node, name, sink),
    }
}

fn plain_json(node: Node<'_>, name: &str, sink: &mut Sink) -> Option<Value> {
    match node.core() {
        Core::Text => harmless(node, name, sink).then(|| Value::from(node.text())),
        Core::Boolean(value) => Some(Value::Bool(value)),
        Core::Integer => integer(node, name, sink).map(Value::from),
        Core::Float => {
            let number = node.text().parse().ok().and_then(Number::from_f64);
            if number.is_none() {
                let remedy = "write a finite number, or text in quotes";
                wrong_type(node, name, "a finite number", remedy, sink);
            }
            number.map(Value::Number)
        }
        Core::Null => {
            let remedy = "give it a value, or leave it out";
            wrong_type(node, name, "a value", remedy, sink);
            None
        }
    }
}
