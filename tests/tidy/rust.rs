//! Just enough of Rust's lexical rules to look at code without its comments and literals.

use std::ops::Range;

/// The text with every comment and every string or character literal blanked out. Offsets and
/// line numbers stay the same.
pub(crate) fn mask(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut masked = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(end) = opaque_end(bytes, at) {
            blank(&mut masked, at..end);
            at = end;
        } else {
            at += word_length(bytes, at).max(1);
        }
    }
    String::from_utf8_lossy(&masked).into_owned()
}

/// Every string literal with its offset, quotes and prefix included.
pub(crate) fn strings(text: &str) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(end) = opaque_end(bytes, at) {
            let literal = text.get(at..end).unwrap_or_default();
            if literal.ends_with(['"', '#']) && !literal.starts_with('/') {
                found.push((at, literal));
            }
            at = end;
        } else {
            at += word_length(bytes, at).max(1);
        }
    }
    found
}

/// Masked code with its test modules blanked out too.
pub(crate) fn without_tests(masked: &str) -> String {
    let mut bytes = masked.as_bytes().to_vec();
    for span in test_modules(masked) {
        blank(&mut bytes, span);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The modules behind `#[cfg(test)]`, attribute and braces included.
pub(crate) fn test_modules(masked: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(found) = masked.get(at..).and_then(|rest| rest.find("#[cfg(test)]")) {
        let start = at + found;
        at = start + 1;
        let head = after_attributes(masked, start);
        let rest = masked.get(head..).unwrap_or_default();
        let is_module = rest.split_whitespace().find(|word| !word.starts_with("pub"));
        if is_module != Some("mod") {
            continue;
        }
        let Some(stop) = rest.find(['{', ';']).map(|offset| head + offset) else { continue };
        let end = closing(masked, stop);
        spans.push(start..end);
        at = end;
    }
    spans
}

/// A function: its name, the line of its `fn`, and how many lines it has up to its last brace.
pub(crate) struct Function<'a> {
    pub(crate) name: &'a str,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

/// Every function with a body, nested ones and methods included.
pub(crate) fn functions(masked: &str) -> Vec<Function<'_>> {
    let bytes = masked.as_bytes();
    let mut found = Vec::new();
    for start in words(masked, "fn") {
        let name_at = start + 3;
        let length = word_length(bytes, name_at);
        let Some(name) = masked.get(name_at..name_at + length).filter(|name| !name.is_empty())
        else {
            continue;
        };
        let Some(open) = body(masked, name_at + length) else { continue };
        let (first, last) = (line_of(masked, start), line_of(masked, closing(masked, open) - 1));
        found.push(Function { name, line: first, lines: last - first + 1 });
    }
    found
}

/// The offsets at which `pattern` stands as a word of its own.
pub(crate) fn words<'a>(masked: &'a str, pattern: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = masked.as_bytes();
    let part_of_word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(is_word);
    let last = pattern.as_bytes().last().is_some_and(is_word);
    masked.match_indices(pattern).map(|(at, _)| at).filter(move |&at| {
        let follows = last && part_of_word(Some(at + pattern.len()));
        !part_of_word(at.checked_sub(1)) && !follows
    })
}

/// The 1-based line of an offset.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The identifier that starts here; empty if none does.
pub(crate) fn word_at(text: &str, at: usize) -> &str {
    text.get(at..at + word_length(text.as_bytes(), at)).unwrap_or_default()
}

/// The offset behind the bracket that closes the one at `open`; of a `;`, behind itself.
pub(crate) fn closing(masked: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in masked.bytes().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    masked.len()
}

fn blank(bytes: &mut [u8], span: Range<usize>) {
    for byte in bytes.iter_mut().take(span.end).skip(span.start).filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii()
}

fn word_length(bytes: &[u8], at: usize) -> usize {
    bytes.iter().skip(at).take_while(|byte| is_word(byte)).count()
}

fn after_attributes(masked: &str, mut at: usize) -> usize {
    loop {
        let rest = masked.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_start().len();
        if !rest.trim_start().starts_with("#[") {
            return at;
        }
        at = closing(masked, at + 1);
    }
}

/// The brace that opens the body of a signature; none for a declaration that ends in `;`.
fn body(masked: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match masked.as_bytes().get(at)? {
            b'{' => return Some(at),
            b';' => return None,
            b'(' | b'[' => at = closing(masked, at),
            _ => at += 1,
        }
    }
}

/// The end of the comment or literal that starts here, if one does.
fn opaque_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    match rest {
        [b'/', b'/', ..] => {
            Some(at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()))
        }
        [b'/', b'*', ..] => Some(at + block_comment(rest)),
        [b'"', ..] => Some(at + 1 + string(rest.get(1..)?)),
        [b'\'', ..] => character(rest).map(|length| at + length),
        _ => prefixed(rest).map(|length| at + length),
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match rest.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a string's text and its closing quote.
fn string(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of a character literal; none if the quote starts a lifetime.
fn character(rest: &[u8]) -> Option<usize> {
    if rest.get(1) == Some(&b'\\') {
        return rest.iter().skip(3).position(|byte| *byte == b'\'').map(|offset| offset + 4);
    }
    let first = *rest.get(1)?;
    let width = match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    };
    (rest.get(1 + width) == Some(&b'\'')).then_some(width + 2)
}

/// The length of a literal with a prefix: `b"…"`, `c"…"`, `b'…'`, `r"…"`, `br#"…"#` and so on.
fn prefixed(rest: &[u8]) -> Option<usize> {
    let length = word_length(rest, 0);
    let (prefix, tail) = rest.split_at(length);
    match (prefix, tail.first()) {
        (b"b" | b"c", Some(b'"')) => Some(length + 1 + string(tail.get(1..)?)),
        (b"b", Some(b'\'')) => character(tail).map(|inner| length + inner),
        (b"r" | b"br" | b"cr", Some(b'"' | b'#')) => raw(tail).map(|inner| length + inner),
        _ => None,
    }
}

fn raw(tail: &[u8]) -> Option<usize> {
    let hashes = tail.iter().take_while(|byte| **byte == b'#').count();
    if tail.get(hashes) != Some(&b'"') {
        return None;
    }
    let mut end = vec![b'"'];
    end.extend(std::iter::repeat_n(b'#', hashes));
    let text = tail.get(hashes + 1..)?;
    let found = text.windows(end.len()).position(|window| window == end);
    Some(found.map_or(tail.len(), |at| hashes + 1 + at + end.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_code_is_kept() {
        let text = concat!(
            "let a = \"fs\\\"x\"; // fs\n",
            "/* fs /* fs */ fs */ let b = 'x'; let c: &'static str = r#\"fs \" fs\"#;\n",
            "let d = b'\\''; let e = b\"fs\"; let f = '\\u{66}'; kept();\n",
        );
        let masked = mask(text);
        assert_eq!(masked.len(), text.len());
        assert!(!masked.contains("fs"), "{masked}");
        for kept in ["let a =", "let b =", "&'static str", "let d", "let f", "kept();"] {
            assert!(masked.contains(kept), "{kept}: {masked}");
        }
        assert_eq!(masked.lines().count(), 3);
    }

    #[test]
    fn strings_are_found_and_comments_and_characters_are_not() {
        let text = "a(\"x\") // \"y\"\n/* \"z\" */ b('\"', r#\"w\"#, b\"v\");";
        let found: Vec<_> = strings(text).into_iter().map(|(_, literal)| literal).collect();
        assert_eq!(found, ["\"x\"", "r#\"w\"#", "b\"v\""]);
    }

    #[test]
    fn test_modules_are_found_and_other_items_are_not() {
        let text = "#[cfg(test)]\nuse a::b;\nfn x() {}\n#[cfg(test)]\n#[expect(y)]\npub(crate) mod t {\n fn z() {}\n}\nfn w() {}\n#[cfg(test)]\nmod tests;\n";
        let masked = mask(text);
        assert_eq!(test_modules(&masked).len(), 2);
        let bare = without_tests(&masked);
        assert!(bare.contains("use a::b") && bare.contains("fn w()"), "{bare}");
        assert!(!bare.contains("fn z()") && !bare.contains("mod tests"), "{bare}");
    }

    #[test]
    fn functions_are_measured_from_fn_to_brace() {
        let text = "trait T { fn none(&self); }\nfn a(x: [u8; 2]) -> u8 {\n  if x { 1 }\n}\nimpl X { const fn b() {} }\ntype F = fn(u8);\n";
        let masked = mask(text);
        let found: Vec<_> =
            functions(&masked).into_iter().map(|f| (f.name, f.line, f.lines)).collect();
        assert_eq!(found, [("a", 2, 3), ("b", 5, 1)]);
    }
}
