//! Untrusted text: names come from YAML, from the directory and from error bodies, and a
//! terminal obeys what it is shown (CWE-150).

use std::fmt::Write as _;

use super::style::Style;

/// The text with everything a terminal or a reader could be deceived by made visible: control
/// characters, bidirectional overrides, zero-width characters, line breaks.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_deceptive(letter) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(letter));
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Text for people as it may be printed: no line begins a workflow command, and nothing else in it
/// is obeyed by a terminal, whatever it quotes.
///
/// Pipelines run what a job prints: GitHub obeys a line that begins with `::`, and it and Azure
/// obey `##[` and `##vso[` wherever they stand. What is quoted is made safe piece by piece before;
/// this holds for all of it, once more and in one place.
#[must_use]
pub fn inert(text: &str, style: Style) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let own_colours = if style.colour { Style::codes(line) } else { Vec::new() };
        let mut shown = String::with_capacity(line.len());
        for (at, letter) in line.char_indices() {
            let is_ours = own_colours.contains(&at);
            match is_deceptive(letter) && !is_ours {
                true => shown.push_str(&plain(letter.encode_utf8(&mut [0; 4]))),
                false => shown.push(letter),
            }
        }
        out.push_str(&uncommanded(shown));
        out.push_str(end);
    }
    out
}

/// A line that is no workflow command.
fn uncommanded(line: String) -> String {
    let mut line = line;
    if line.trim_start().starts_with("::") {
        line = line.replacen(':', "\\u{3a}", 1);
    }
    if line.contains("##") {
        line = line.replace("##[", "#\\u{23}[").replace("##vso[", "#\\u{23}vso[");
    }
    line
}

/// JSON in which no runner finds a workflow command, and nothing deceives whoever looks
/// at it: the same value, written otherwise.
#[must_use]
pub fn inert_json(json: String) -> String {
    let mut json = json;
    // Neither two signs nor any of these letters can stand outside a text, where each may be
    // written as its number.
    if json.contains("##") {
        json = json.replace("##[", "#\\u0023[").replace("##vso[", "#\\u0023vso[");
    }
    let is_hidden = |letter: char| letter != '\n' && is_deceptive(letter);
    if !json.chars().any(is_hidden) {
        return json;
    }
    let mut shown = String::with_capacity(json.len());
    for letter in json.chars() {
        if !is_hidden(letter) {
            shown.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    shown
}

/// Whether a character can change what is around it, or be there without being seen.
#[must_use]
pub fn is_deceptive(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::Tone;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c\nd"), "a\\u{1b}[31mb\\u{202e}c\\u{a}d");
        assert_eq!(plain("Zoë 東京"), "Zoë 東京");
    }

    #[test]
    fn no_line_is_a_command_of_a_runner() {
        for (text, shown) in [
            ("::error::x", "\\u{3a}:error::x"),
            ("a\n \u{2003}::set-env name=A::b\n", "a\n \u{2003}\\u{3a}:set-env name=A::b\n"),
            ("a ##[error]x", "a #\\u{23}[error]x"),
            ("##vso[task.setvariable]", "#\\u{23}vso[task.setvariable]"),
            ("###[x]", "##\\u{23}[x]"),
            ("a\r::error::x", "a\\u{d}::error::x"),
            ("\u{200b}::x", "\\u{200b}::x"),
            ("## a heading\nDNS ::1: has the value\n", "## a heading\nDNS ::1: has the value\n"),
        ] {
            assert_eq!(inert(text, Style::PLAIN), shown, "{text:?}");
        }
        let json = serde_json::json!({"a": "##[error]##vso[x] ###[ # \u{2028}\u{85}\u{e0041}"})
            .to_string();
        let written = inert_json(json.clone());
        assert!(!written.contains("##[") && !written.contains("##vso["), "{written}");
        assert!(!written.chars().any(is_deceptive), "{written}");
        let read: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read.to_string(), json);
    }

    #[test]
    fn only_the_colours_of_this_program_are_left() {
        let colour = Style { colour: true };
        let text = format!("{} \u{1b}[2J\u{1b}[31;5mx", colour.paint(Tone::Deny, "deny"));
        assert_eq!(inert(&text, colour), "\u{1b}[31mdeny\u{1b}[0m \\u{1b}[2J\\u{1b}[31;5mx");
        assert!(!inert(&text, Style::PLAIN).contains('\u{1b}'));
    }
}
