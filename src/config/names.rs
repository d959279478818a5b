//! Names: what may be the name of a user, a group or a domain.

use super::node::{Core, Node, Tag};
use super::sink::{Sink, Words};
use super::words::{Excerpt, is_invisible};

/// How long a name may be, in characters: the longest e-mail address (RFC 3696, erratum 1690).
const LENGTH: usize = 320;

/// The name at `node`, if it can be one; `noun` is what it names.
pub(super) fn name<'t>(node: Node<'t>, noun: &str, sink: &mut Sink) -> Option<&'t str> {
    let written = node.text();
    match node.tag() {
        Tag::List | Tag::Map | Tag::Refused => return None, // Reported as a complex key.
        Tag::Plain if node.core() != Core::Text => return None, // Reported as a non-string key.
        Tag::Plain if written == "<<" => return None,       // Reported as a merge key.
        Tag::Plain | Tag::Quoted => {}
    }
    if is_ordinary(written) {
        return Some(written);
    }
    (is_visible(node, noun, sink) && is_plain(node, sink)).then_some(written)
}

/// Whether a reader sees the whole name; reports it otherwise.
fn is_visible(node: Node<'_>, noun: &str, sink: &mut Sink) -> bool {
    let written = node.text();
    let mut refuse = |check: &'static str, words: Words<'_>| {
        sink.error(node.place(), check, words);
        false
    };
    if written.trim().is_empty() {
        return refuse(
            "empty-name",
            [
                format_args!("the name of a {noun} is empty"),
                format_args!("nothing can be found by it"),
                format_args!("give the {noun} a name"),
            ],
        );
    }
    if let Some(odd) = written.chars().find(|c| is_hidden(*c)) {
        return refuse(
            "hidden-character",
            [
                format_args!(
                    "the name `{}` holds the character U+{:04X}",
                    Excerpt(written),
                    u32::from(odd)
                ),
                format_args!("it cannot be seen, so two names that differ look the same"),
                format_args!("delete it"),
            ],
        );
    }
    if written.trim() != written {
        return refuse(
            "padded-name",
            [
                format_args!("the name `{}` begins or ends with white space", Excerpt(written)),
                format_args!("names are compared without it"),
                format_args!("write `{}`", Excerpt(written.trim())),
            ],
        );
    }
    true
}

/// Whether the name has a bearable length and one script; reports it otherwise.
fn is_plain(node: Node<'_>, sink: &mut Sink) -> bool {
    let written = node.text();
    let mut refuse = |check: &'static str, words: Words<'_>| {
        sink.error(node.place(), check, words);
        false
    };
    if written.chars().count() > LENGTH {
        return refuse(
            "name-too-long",
            [
                format_args!(
                    "the name `{}` has {} characters",
                    Excerpt(written),
                    written.chars().count()
                ),
                format_args!("names of more than {LENGTH} characters are not accepted"),
                format_args!("shorten it"),
            ],
        );
    }
    if let Some((script, odd)) = foreign_letter(written) {
        return refuse(
            "mixed-scripts",
            [
                format_args!("the name `{}` mixes Latin and {script} letters", Excerpt(written)),
                format_args!("`{odd}` (U+{:04X}) may pass for a Latin letter", u32::from(odd)),
                format_args!("write the whole name in one script"),
            ],
        );
    }
    true
}

/// The usual case, told without looking at characters: short, visible ASCII.
fn is_ordinary(written: &str) -> bool {
    !written.is_empty() && written.len() <= LENGTH && written.bytes().all(|b| b.is_ascii_graphic())
}

fn is_hidden(letter: char) -> bool {
    letter.is_control() || is_invisible(letter) || (letter.is_whitespace() && letter != ' ')
}

/// The first letter of a script that shares its shapes with Latin, in a name that has Latin
/// letters too.
fn foreign_letter(written: &str) -> Option<(&'static str, char)> {
    if !written.chars().any(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    // In an address the local part and the domain may be of two scripts; a label may not.
    written.split(['@', '.']).find_map(|part| {
        part.chars().any(|c| c.is_ascii_alphabetic()).then_some(())?;
        part.chars().find_map(|c| Some((script_of(c)?, c)))
    })
}

const fn script_of(letter: char) -> Option<&'static str> {
    match letter {
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some("Greek"),
        '\u{400}'..='\u{52f}'
        | '\u{1c80}'..='\u{1c8f}'
        | '\u{2de0}'..='\u{2dff}'
        | '\u{a640}'..='\u{a69f}' => Some("Cyrillic"),
        '\u{531}'..='\u{58f}' => Some("Armenian"),
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Some("Cherokee"),
        _ => None,
    }
}

/// Whether `written` has the form of a domain name (RFC 1123 section 2.1, Unicode letters allowed).
pub(super) fn is_domain_name(written: &str) -> bool {
    let label_holds = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c == '-' || c.is_alphanumeric())
    };
    let last = written.rsplit('.').next().unwrap_or_default();
    written.len() <= 253
        && written.contains('.')
        && written.split('.').all(label_holds)
        && !last.bytes().all(|b| b.is_ascii_digit())
}
