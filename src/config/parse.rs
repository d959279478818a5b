//! Bytes → tree: the only place that reads YAML.
//!
//! What makes YAML surprising is refused with words: anchors and aliases, merge keys, tags, more
//! documents than one, deep nesting. `saphyr_parser` gives the events; the tree is ours, so that
//! every node knows its place.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::SourceText;
use super::node::{Core, Node, Place, Tag, Tree};
use super::sink::Sink;
use super::text::checked_text;
use super::words::Excerpt;

/// How deep lists and mappings may nest; what a person writes needs six.
const DEPTH: usize = 32;
/// How many nodes a file may have: what can be read in 2 s and 256 MiB. 100,000 users and 1,000,000
/// members take 2,500,000.
const NODES: usize = 4_000_000;

/// Reads one file. `None`: it cannot be read at all, and `sink` says why. A tree may come with
/// problems too: then `sink` has errors, and the tree serves to find more of them.
pub(super) fn read<'s>(source: &'s SourceText, sink: &mut Sink) -> Option<Tree<'s>> {
    let text = checked_text(source, sink)?;
    let mut builder =
        Builder { tree: Tree::of(text), open: Vec::new(), documents: 0, merge_told: false };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.take(event, span.start, sink).ok()?,
            Err(error) => {
                report_syntax(&error, sink);
                return None;
            }
        }
    }
    Some(builder.tree)
}

/// A container that is not ended yet.
struct Frame {
    at: u32,
    is_map: bool,
    children: u32,
}

struct Builder<'s> {
    tree: Tree<'s>,
    open: Vec<Frame>,
    documents: u32,
    merge_told: bool,
}

/// The file is given up; the reason is reported.
struct GivenUp;

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, mark: Marker, sink: &mut Sink) -> Result<(), GivenUp> {
        let place = place(mark);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(place, sink)?;
                refuse_marks(place, anchor, tag.as_deref(), sink);
                let kind = if style == ScalarStyle::Plain { Tag::Plain } else { Tag::Quoted };
                let kind = if tag.is_some() { Tag::Refused } else { kind };
                // Characters are bytes, until one is not: then the text is kept apart.
                let at = self.tree.scalar(place, kind, &text, mark.index());
                self.child(at, sink);
            }
            Event::Alias(_) => {
                self.count(place, sink)?;
                report_alias(place, sink);
                let at = self.tree.open(place, Tag::Refused);
                self.child(at, sink);
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_marks(place, anchor, tag.as_deref(), sink);
                self.begin(place, false, sink)?;
            }
            Event::MappingStart(anchor, tag) => {
                refuse_marks(place, anchor, tag.as_deref(), sink);
                self.begin(place, true, sink)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(sink),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    report_documents(place, sink);
                    return Err(GivenUp);
                }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn begin(&mut self, place: Place, is_map: bool, sink: &mut Sink) -> Result<(), GivenUp> {
        self.count(place, sink)?;
        if self.open.len() >= DEPTH {
            sink.error(
                place,
                "too-deep",
                [
                    format_args!("lists and mappings are nested more than {DEPTH} deep"),
                    format_args!("nothing that can be declared nests deeper than six"),
                    format_args!("look for a stray bracket, or for indentation that runs away"),
                ],
            );
            return Err(GivenUp);
        }
        let at = self.tree.open(place, if is_map { Tag::Map } else { Tag::List });
        self.child(at, sink);
        self.open.push(Frame { at, is_map, children: 0 });
        Ok(())
    }

    fn end(&mut self, sink: &mut Sink) {
        if let Some(frame) = self.open.pop() {
            self.tree.close(frame.at, frame.children);
            if frame.is_map {
                super::keys::refuse_repeated(self.tree.node(frame.at), sink);
            }
        }
    }

    /// Counts the new node as a child of the innermost container, and judges it where it is a key.
    fn child(&mut self, at: u32, sink: &mut Sink) {
        if let Some(frame) = self.open.last_mut() {
            let is_key = frame.is_map && frame.children % 2 == 0;
            frame.children += 1;
            if is_key {
                refuse_odd_key(self.tree.node(at), &mut self.merge_told, sink);
            }
        }
    }

    fn count(&self, place: Place, sink: &mut Sink) -> Result<(), GivenUp> {
        if self.tree.len() < NODES {
            return Ok(());
        }
        sink.error(
            place,
            "too-many-nodes",
            [
                format_args!("the file holds more than {NODES} values"),
                format_args!("a file this large cannot be checked in bounded memory"),
                format_args!("split it into several files"),
            ],
        );
        Err(GivenUp)
    }
}

fn place(mark: Marker) -> Place {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place { line: number(mark.line()).max(1), column: number(mark.col()).saturating_add(1) }
}

fn refuse_marks(place: Place, anchor: usize, tag: Option<&saphyr_parser::Tag>, sink: &mut Sink) {
    if anchor != 0 {
        sink.error(
            place,
            "anchor",
            [
                format_args!("anchors (`&name`) are not accepted"),
                format_args!("with them a line can mean something that is written elsewhere"),
                format_args!("write the value out where it is wanted"),
            ],
        );
    }
    if let Some(tag) = tag {
        sink.error(
            place,
            "tag",
            [
                format_args!("the tag `{}` is not accepted", Excerpt(&tag.to_string())),
                format_args!("the type of every value is known from its key"),
                format_args!("leave the tag out; put text that looks like a number in quotes"),
            ],
        );
    }
}

fn report_alias(place: Place, sink: &mut Sink) {
    sink.error(
        place,
        "alias",
        [
            format_args!("aliases (`*name`) are not accepted"),
            format_args!("with them a few lines can stand for millions"),
            format_args!("write the value out; text that begins with `*` goes in quotes"),
        ],
    );
}

fn report_documents(place: Place, sink: &mut Sink) {
    sink.error(
        place,
        "several-documents",
        [
            format_args!("a second document begins here (`---`)"),
            format_args!("a file is one document; what stands in a second one is easily missed"),
            format_args!("put it in a file of its own"),
        ],
    );
}

fn refuse_odd_key(key: Node<'_>, merge_told: &mut bool, sink: &mut Sink) {
    let place = key.place();
    match (key.tag(), key.core()) {
        (Tag::List | Tag::Map, _) => sink.error(
            place,
            "complex-key",
            [
                format_args!("a list or mapping is used as a key"),
                format_args!("every key is a name"),
                format_args!("write a name; a key that begins with `{{` or `[` goes in quotes"),
            ],
        ),
        (Tag::Plain, Core::Text) if key.text() == "<<" && !*merge_told => {
            *merge_told = true;
            sink.error(
                place,
                "merge-key",
                [
                    format_args!("merge keys (`<<`) are not accepted"),
                    format_args!("with them a line can mean something that is written elsewhere"),
                    format_args!("write the keys out where they are wanted"),
                ],
            );
        }
        (_, Core::Text) => {}
        (_, core) => sink.error(
            place,
            "non-string-key",
            [
                format_args!("the key `{}` is {}, not a name", Excerpt(key.text()), a_core(core)),
                format_args!("YAML reads it as a value of another type"),
                format_args!("write it in quotes: `\"{}\"`", Excerpt(key.text())),
            ],
        ),
    }
}

/// A scalar's type in words.
pub(super) const fn a_core(core: Core) -> &'static str {
    match core {
        Core::Null => "empty (null)",
        Core::Boolean(_) => "a boolean",
        Core::Integer | Core::Float => "a number",
        Core::Text => "text",
    }
}

/// Says in our words what the scanner objects to.
fn report_syntax(error: &ScanError, sink: &mut Sink) {
    let info = error.info();
    let place = place(*error.marker());
    let (check, what, remedy) = if info.contains("tab") {
        ("tab", "a tab is used as indentation", "indent with spaces")
    } else if info.contains("unknown anchor") {
        ("alias", "aliases (`*name`) are not accepted", "text that begins with `*` goes in quotes")
    } else if info.contains("recursion") {
        ("too-deep", "lists and mappings are nested too deep", "look for a stray bracket")
    } else if info.contains("handle wasn't declared") || info.contains("tag") {
        ("tag", "tags (`!name`) are not accepted", "text that begins with `!` goes in quotes")
    } else {
        ("syntax", "this is not YAML", "look at this line and at the one before it")
    };
    sink.error(
        place,
        check,
        [
            format_args!("{what}"),
            format_args!("the YAML reader says: {}", Excerpt(info)),
            format_args!("{remedy}"),
        ],
    );
}
