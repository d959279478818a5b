//! The little YAML of a rule's header, as a tree that knows its lines.

use saphyr_parser::{Event, Parser};

/// A header is small; one that is not is no header.
const MAX_NODES: usize = 1_000;
const MAX_DEPTH: usize = 8;

/// One node and where it begins (line and column from 1, in the header).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// What is wrong, and where (line and column from 1, in the header).
pub(super) type Wrong = (u32, u32, String);

impl Node {
    /// The value of a key, where this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The text, where this is a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }
}

impl Node {
    /// The node as JSON: a scalar is a number or a boolean where it is written like one.
    pub(super) fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Text(text) => match serde_json::from_str(text) {
                Ok(value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) => value,
                _ => text.as_str().into(),
            },
            Value::List(items) => items.iter().map(Self::json).collect(),
            Value::Map(entries) => {
                let entries = entries.iter().map(|(key, node)| (key.clone(), node.json()));
                entries.collect::<serde_json::Map<_, _>>().into()
            }
        }
    }
}

/// A collection that is not closed yet.
struct Open {
    node: Node,
    key: Option<String>,
}

/// Reads one document.
///
/// # Errors
///
/// What is no YAML; aliases, repeated keys, deep nesting and sheer size, none of which a header
/// needs.
pub(super) fn read(text: &str) -> Result<Node, Wrong> {
    let mut open: Vec<Open> = Vec::new();
    let mut root: Option<Node> = None;
    let mut nodes = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let mark = error.marker();
            (number(mark.line()), number(mark.col() + 1), error.info().to_owned())
        })?;
        let (line, column) = (number(span.start.line()), number(span.start.col() + 1));
        let node = |value| Node { line, column, value };
        let wrong = |what: &str| (line, column, what.to_owned());
        nodes += 1;
        if nodes > MAX_NODES || open.len() > MAX_DEPTH {
            return Err(wrong("the header is too large or too deep"));
        }
        let done = match event {
            Event::Scalar(text, ..) => node(Value::Text(text.into_owned())),
            Event::SequenceStart(..) => {
                open.push(Open { node: node(Value::List(Vec::new())), key: None });
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open { node: node(Value::Map(Vec::new())), key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(closed) => closed.node,
                None => continue,
            },
            Event::Alias(_) => return Err(wrong("aliases have no place in a header")),
            _ => continue,
        };
        match open.last_mut() {
            None if root.is_some() => return Err(wrong("the header is more than one document")),
            None => root = Some(done),
            Some(parent) => attach(parent, done).map_err(|what| (line, column, what))?,
        }
    }
    root.ok_or_else(|| (1, 1, "the header is empty".to_owned()))
}

fn attach(parent: &mut Open, node: Node) -> Result<(), String> {
    match &mut parent.node.value {
        Value::List(items) => items.push(node),
        Value::Map(entries) => match parent.key.take() {
            Some(key) => entries.push((key, node)),
            None => {
                let key = node.text().ok_or("a key is a plain word")?.to_owned();
                if entries.iter().any(|(name, _)| *name == key) {
                    return Err(format!("the key `{key}` is repeated"));
                }
                parent.key = Some(key);
            }
        },
        Value::Text(_) => {}
    }
    Ok(())
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_with_its_lines() {
        let node = read("title: A\ncustom:\n  kinds: [binding, user]\n").unwrap();
        assert_eq!(node.get("title").and_then(Node::text), Some("A"));
        let kinds = node.get("custom").unwrap().get("kinds").unwrap();
        assert_eq!(kinds.line, 3);
        let Value::List(kinds) = &kinds.value else { panic!("{kinds:?}") };
        assert_eq!(kinds.iter().filter_map(Node::text).collect::<Vec<_>>(), ["binding", "user"]);
    }

    #[test]
    fn what_is_no_header_is_an_error_with_a_place() {
        let deep = "[".repeat(50) + &"]".repeat(50);
        let wide = "a: [".to_owned() + &"x,".repeat(2_000) + "]";
        for text in
            ["", "a: 1\na: 2", "a: &x 1\nb: *x", "a: [", "{a: 1", "? [a]\n: 1", "--- a\n--- b"]
                .into_iter()
                .chain([deep.as_str(), wide.as_str()])
        {
            let (line, column, _) = read(text).unwrap_err();
            assert!(line >= 1 && column >= 1, "{text}");
        }
    }
}
