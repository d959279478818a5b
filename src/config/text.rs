//! Bytes → text: what a file must be before anybody looks for YAML in it.

use super::node::Place;
use super::sink::Sink;

/// How many bytes a file may have. 64 MiB hold more than 100,000 users and 1,000,000 memberships.
pub const MAX_FILE_BYTES: u64 = 64 << 20;
/// How long a line may be, in bytes.
const LINE_BYTES: usize = 1 << 20;

/// One file of YAML, as `edge` read it. Bytes, because a file may be no UTF-8 at all, and that
/// is one of the problems to report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// Its name relative to the project, with `/` between the parts.
    pub name: std::sync::Arc<str>,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// The file's text, without a byte order mark; `None` when it is none, and `sink` says why.
pub(super) fn checked_text<'t>(source: &'t SourceText, sink: &mut Sink) -> Option<&'t str> {
    let bytes = source.bytes.as_slice();
    if bytes.len() as u64 > MAX_FILE_BYTES {
        sink.error(
            Place::START,
            "file-too-large",
            [
                format_args!("the file has {} bytes", bytes.len()),
                format_args!("files of more than {MAX_FILE_BYTES} bytes (64 MiB) are not read"),
                format_args!("split it into several files"),
            ],
        );
        return None;
    }
    if let Some(name) = wide_encoding(bytes) {
        sink.error(
            Place::START,
            "encoding",
            [
                format_args!("the file is encoded as {name}"),
                format_args!("only UTF-8 is read"),
                format_args!("save it as UTF-8"),
            ],
        );
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let place = place_of(bytes, error.valid_up_to());
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            sink.error(
                place,
                "encoding",
                [
                    format_args!("the file is not UTF-8: byte 0x{byte:02x} cannot stand here"),
                    format_args!("only UTF-8 is read"),
                    format_args!("save it as UTF-8; Latin-1 and Windows-1252 look like this"),
                ],
            );
            return None;
        }
    };
    (no_controls(text, sink) && no_endless_line(text, sink)).then_some(text)
}

/// UTF-16 and UTF-32 by their byte order mark, or by the zeros that ASCII letters leave in them.
fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [_, 0, 0, 0, ..] => Some("UTF-32, little-endian"),
        [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, _, ..] => Some("UTF-32, big-endian"),
        [0xff, 0xfe, ..] => Some("UTF-16, little-endian"),
        [0xfe, 0xff, ..] => Some("UTF-16, big-endian"),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some("UTF-16, little-endian"),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some("UTF-16, big-endian"),
        _ => None,
    }
}

const fn is_control(byte: u8) -> bool {
    (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0x7f
}

/// NUL and other control characters: C0, DEL and C1 (a C1 control is `0xc2 0x80..0x9f` in UTF-8;
/// U+0085, a line break to some readers, is one of them).
fn no_controls(text: &str, sink: &mut Sink) -> bool {
    let bytes = text.as_bytes();
    // Counting without an early end is what lets the compiler check many bytes at a time.
    let suspicious = bytes.chunks(4096).any(|chunk| {
        chunk.iter().fold(false, |found, &byte| found | is_control(byte) | (byte == 0xc2))
    });
    if !suspicious {
        return true;
    }
    let Some((at, letter)) =
        text.char_indices().find(|(_, c)| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
    else {
        return true;
    };
    let name = if letter == '\0' { "NUL" } else { "a control character" };
    sink.error(
        place_of(bytes, at),
        "control-character",
        [
            format_args!("the file holds {name} (U+{:04X})", u32::from(letter)),
            format_args!("control characters cannot be seen, and terminals obey some of them"),
            format_args!("delete it"),
        ],
    );
    false
}

fn no_endless_line(text: &str, sink: &mut Sink) -> bool {
    if text.len() <= LINE_BYTES {
        return true;
    }
    let Some(at) = text.split('\n').position(|line| line.len() > LINE_BYTES) else {
        return true;
    };
    sink.error(
        Place { line: u32::try_from(at + 1).unwrap_or(u32::MAX), column: 1 },
        "line-too-long",
        [
            format_args!("a line has more than {LINE_BYTES} bytes (1 MiB)"),
            format_args!("nobody can review such a line"),
            format_args!("break it into lines"),
        ],
    );
    false
}

/// The place of the byte at `at`; what comes before it is UTF-8.
fn place_of(bytes: &[u8], at: usize) -> Place {
    let before = bytes.get(..at).unwrap_or(bytes);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let begin = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |found| found + 1);
    let column = String::from_utf8_lossy(&before[begin..]).chars().count() + 1;
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place { line: number(line), column: number(column) }
}
