//! Diagnostics as text, in the manner of a compiler, and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Style, Tone, plain};
use crate::config::{Diagnostic, Diagnostics, Severity, SourceText};
use crate::kind::Source;

/// How many characters of a line are shown.
const WIDTH: usize = 100;

/// Every problem with its place, the line it stands in, why and what to do, and a closing count;
/// nothing when there is none. A file that is not among `files` is shown without its line.
#[must_use]
pub fn diagnostics(diagnostics: &Diagnostics, files: &[&SourceText], style: Style) -> String {
    let mut lines: BTreeMap<&str, Lines<'_>> =
        files.iter().map(|file| (&*file.name, Lines::of(&file.bytes))).collect();
    let sorted = diagnostics.sorted();
    let mut text = String::new();
    for one in &sorted {
        let line = one.source.as_ref().and_then(|source| {
            lines.get_mut(&*source.file).and_then(|lines| lines.line(source.line))
        });
        write_one(&mut text, one, line, style);
        text.push('\n');
    }
    if !sorted.is_empty() {
        let _ = writeln!(text, "{}", count(&sorted));
    }
    text
}

/// The same as JSON, in the same order: `check`, `severity`, `what`, `why`, `help`, `source` and
/// `also`, each source with `file`, `line` and `column`.
#[must_use]
pub fn diagnostics_json(diagnostics: &Diagnostics) -> Value {
    let one = |one: &Diagnostic| {
        let also = one.also.as_ref().map(|(at, what)| json!({ "source": at, "what": what }));
        json!({
            "check": one.id,
            "severity": severity(one.severity),
            "what": one.what,
            "why": one.why,
            "help": one.remedy,
            "source": one.source,
            "also": also,
        })
    };
    Value::Array(diagnostics.sorted().iter().map(one).collect())
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn write_one(text: &mut String, one: &Diagnostic, line: Option<String>, style: Style) {
    let tone = if one.severity == Severity::Error { Tone::Deny } else { Tone::Warn };
    let head = format!("{}[{}]", severity(one.severity), one.id);
    let what = plain(&one.what);
    let _ = writeln!(text, "{}: {}", style.paint(tone, &head), style.paint(Tone::Bold, &what));
    if let Some(source) = &one.source {
        let _ = writeln!(text, "  --> {}", place(source));
        if let Some(line) = line {
            write_line(text, source, &line, style);
        }
    }
    if let Some((source, what)) = &one.also {
        let _ = writeln!(text, "  also: {}: {}", place(source), plain(what));
    }
    let _ = writeln!(text, "  why: {}", plain(&one.why));
    let _ = writeln!(text, "  help: {}", plain(&one.remedy));
}

fn place(source: &Source) -> String {
    format!("{}:{}:{}", plain(&source.file), source.line, source.column)
}

/// The line and a caret below the column; of a long line, the part around it.
fn write_line(text: &mut String, source: &Source, line: &str, style: Style) {
    let number = source.line.to_string();
    let margin = " ".repeat(number.len());
    let column = usize::try_from(source.column).unwrap_or(usize::MAX).saturating_sub(1);
    let first = column.saturating_sub(WIDTH * 2 / 3);
    let (mut shown, mut before) = (String::new(), 0);
    if first > 0 {
        shown.push('…');
        before = 1;
    }
    for (at, letter) in line.chars().enumerate().skip(first).take(WIDTH) {
        let letter = if letter == '\t' { " ".to_owned() } else { plain(&letter.to_string()) };
        before += if at < column { letter.chars().count() } else { 0 };
        shown.push_str(&letter);
    }
    let caret = format!("{}{}", " ".repeat(before), style.paint(Tone::Deny, "^"));
    let _ = writeln!(text, "  {margin} |");
    let _ = writeln!(text, "  {number} | {}", shown.trim_end());
    let _ = writeln!(text, "  {margin} | {caret}");
}

fn count(all: &[Diagnostic]) -> String {
    let errors = all.iter().filter(|one| one.severity == Severity::Error).count();
    let counted = |count: usize, noun: &str| {
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} {noun}{plural}"))
    };
    let parts = [counted(errors, "error"), counted(all.len() - errors, "warning")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The lines of a file, read forwards: diagnostics come in the order of their lines, so a file is
/// walked once however many there are.
struct Lines<'f> {
    rest: &'f [u8],
    next: u32,
    last: (u32, &'f [u8]),
}

impl<'f> Lines<'f> {
    fn of(bytes: &'f [u8]) -> Self {
        let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        Self { rest, next: 1, last: (0, &[]) }
    }

    /// The line of this number, counted from 1.
    fn line(&mut self, number: u32) -> Option<String> {
        while self.next <= number && !self.rest.is_empty() {
            let end = self.rest.iter().position(|&byte| byte == b'\n');
            let (line, rest) = match end {
                Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
                None => (self.rest, &self.rest[self.rest.len()..]),
            };
            self.last = (self.next, line.strip_suffix(b"\r").unwrap_or(line));
            self.rest = rest;
            self.next += 1;
        }
        (self.last.0 == number).then(|| String::from_utf8_lossy(self.last.1).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: u32, column: u32, check: &'static str, what: &str) -> Diagnostic {
        Diagnostic {
            source: Some(Source { file: "identity/com.yaml".into(), line, column }),
            severity: Severity::Error,
            id: check,
            what: what.to_owned(),
            why: "it would be ignored silently".to_owned(),
            remedy: "did you mean `active`?".to_owned(),
            also: None,
        }
    }

    fn shown(all: Vec<Diagnostic>, text: &str) -> String {
        let mut found = Diagnostics::new();
        all.into_iter().for_each(|one| found.push(one));
        let bytes = text.as_bytes().to_vec();
        let file = SourceText { name: "identity/com.yaml".into(), bytes };
        diagnostics(&found, &[&file], Style::PLAIN)
    }

    #[test]
    fn a_problem_is_shown_like_a_compiler_shows_it() {
        let mut second = problem(3, 5, "unknown-key", "unknown key `titel`");
        second.severity = Severity::Warning;
        second.also = Some((
            Source { file: "a.yaml".into(), line: 1, column: 2 },
            "first written here".to_owned(),
        ));
        let first = problem(2, 12, "unknown-key", "unknown key `actve`");
        let text = shown(vec![second, first], "users:\n  ada@x: { actve: true }\n    titel: x\n");
        let expected = "\
error[unknown-key]: unknown key `actve`
  --> identity/com.yaml:2:12
    |
  2 |   ada@x: { actve: true }
    |            ^
  why: it would be ignored silently
  help: did you mean `active`?

warning[unknown-key]: unknown key `titel`
  --> identity/com.yaml:3:5
    |
  3 |     titel: x
    |     ^
  also: a.yaml:1:2: first written here
  why: it would be ignored silently
  help: did you mean `active`?

1 error, 1 warning
";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_long_lines_are_cut() {
        let line = format!("{}\u{1b}[2J\u{202e}", "x".repeat(5000));
        let text = shown(vec![problem(1, 5001, "control-character", "a \u{1b}[31m\r b")], &line);
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']), "{text}");
        assert!(text.contains("\\u{1b}[31m"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
        let caret = text.lines().find(|line| line.trim_end().ends_with('^'));
        let shown = text.lines().find(|line| line.contains("  1 | "));
        let at = |line: Option<&str>, what: &str| {
            line.and_then(|line| line.find(what).map(|at| line[..at].chars().count()))
        };
        assert_eq!(at(caret, "^"), at(shown, "\\u{1b}"));
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert_eq!(diagnostics(&Diagnostics::new(), &[], Style::PLAIN), "");
    }

    #[test]
    fn json_has_every_part() {
        let mut found = Diagnostics::new();
        found.push(problem(1, 2, "unknown-key", "unknown key `actve`"));
        let json = diagnostics_json(&found);
        assert_eq!(json[0]["source"]["line"], 1);
        assert_eq!(json[0]["help"], "did you mean `active`?");
        assert_eq!(json[0]["severity"], "error");
    }
}
