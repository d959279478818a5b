//! Views of a text: its letters and digits alone, as they stand and decoded, with where each
//! comes from.
//!
//! Folding, splitting into lists, quoting and the two alphabets of base64 all differ in what is
//! neither a letter nor a digit, so a view without those finds a secret in any of them.

use std::ops::Range;

/// How often what is encoded may be encoded again.
const DEPTH: usize = 4;

/// A letter or digit, lower case, and the bytes of the text that stand for it.
#[derive(Clone, Copy)]
pub(super) struct Letter {
    pub(super) byte: u8,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The letters and digits of some bytes.
pub(super) fn of(bytes: &[u8]) -> Vec<Letter> {
    letters(&plain(bytes))
}

/// The view of the text as it stands, and one for each time that it can be decoded.
pub(super) fn all(bytes: &[u8]) -> Vec<Vec<Letter>> {
    let mut text = plain(bytes);
    let mut views = vec![letters(&text)];
    for _ in 0..DEPTH {
        let next = decoded(&text);
        if next.len() == text.len() {
            break;
        }
        text = next;
        views.push(letters(&text));
    }
    views
}

fn plain(bytes: &[u8]) -> Vec<Letter> {
    let one = |(start, byte): (usize, &u8)| Letter { byte: *byte, start, end: start + 1 };
    bytes.iter().enumerate().map(one).collect()
}

fn letters(text: &[Letter]) -> Vec<Letter> {
    let kept = text.iter().filter(|one| one.byte.is_ascii_alphanumeric());
    kept.map(|one| Letter { byte: one.byte.to_ascii_lowercase(), ..*one }).collect()
}

/// The text with every escape of URLs, JSON and HTML decoded once.
fn decoded(text: &[Letter]) -> Vec<Letter> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(one) = text.get(at) {
        let rest = text.get(at + 1..).unwrap_or_default();
        let escape = match one.byte {
            b'%' => hex(rest, 0..2).map(|byte| (byte, 2)),
            b'\\' => backslash(rest),
            b'&' => entity(rest),
            _ => None,
        };
        match escape {
            Some((byte, more)) => {
                let end = text.get(at + more).map_or(one.end, |last| last.end);
                out.push(Letter { byte, start: one.start, end });
                at += 1 + more;
            }
            None => {
                out.push(*one);
                at += 1;
            }
        }
    }
    out
}

/// The byte that some hexadecimal digits stand for.
fn hex(text: &[Letter], digits: Range<usize>) -> Option<u8> {
    number(text.get(digits)?, 16)
}

fn number(digits: &[Letter], base: u32) -> Option<u8> {
    let text: String = digits.iter().map(|one| char::from(one.byte)).collect();
    u8::try_from(u32::from_str_radix(&text, base).ok()?).ok()
}

/// What follows a backslash: the byte, and how many bytes stand for it.
fn backslash(rest: &[Letter]) -> Option<(u8, usize)> {
    match rest.first()?.byte {
        b'u' => hex(rest, 1..5).map(|byte| (byte, 5)),
        b'x' => hex(rest, 1..3).map(|byte| (byte, 3)),
        byte @ (b'\\' | b'/' | b'"' | b'\'' | b'&' | b'%') => Some((byte, 1)),
        _ => None,
    }
}

/// What follows an ampersand: the byte, and how many bytes stand for it.
fn entity(rest: &[Letter]) -> Option<(u8, usize)> {
    let end = rest.iter().take(8).position(|one| one.byte == b';')?;
    let name = rest.get(..end)?;
    let text: String = name.iter().map(|one| char::from(one.byte)).collect();
    let byte = match text.as_str() {
        "amp" => b'&',
        "lt" => b'<',
        "gt" => b'>',
        "quot" => b'"',
        "apos" => b'\'',
        _ => match (name.first()?.byte, name.get(1)?.byte) {
            (b'#', b'x' | b'X') => number(name.get(2..)?, 16)?,
            (b'#', _) => number(name.get(1..)?, 10)?,
            _ => return None,
        },
    };
    Some((byte, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let word = |view: Vec<Letter>| view.iter().map(|one| char::from(one.byte)).collect();
        all(text.as_bytes()).into_iter().map(word).collect()
    }

    #[test]
    fn every_escape_is_decoded_as_often_as_it_was_written() {
        for text in ["a%42c", "a\\u0042c", "a\\x42c", "a&#66;c", "a&#x42;c"] {
            assert_eq!(read(text).last().map(String::as_str), Some("abc"), "{text}");
        }
        assert_eq!(read("a%2542c"), ["a2542c", "a42c", "abc"]);
        assert_eq!(read("a\\\\u0042c").last().map(String::as_str), Some("abc"));
    }

    #[test]
    fn what_is_no_escape_stands_as_it_is() {
        for text in ["%", "100%", "%zz", "\\", "\\u12", "\\u4e2d", "&", "&;", "&x;", "&#;", "&#x;"]
        {
            let once: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
            assert_eq!(read(text), [once], "{text}");
        }
    }

    #[test]
    fn a_letter_knows_all_the_bytes_that_stand_for_it() {
        let views = all(b"-%41-");
        let [_, decoded] = views.as_slice() else { panic!("{}", views.len()) };
        assert_eq!(decoded.iter().map(|one| (one.start, one.end)).collect::<Vec<_>>(), [(1, 4)]);
    }
}
