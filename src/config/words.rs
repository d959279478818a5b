//! Words for messages: input cut short and made harmless, and guesses at what was meant.

use std::fmt::{self, Write};

pub(crate) use crate::kind::is_invisible;

/// How many characters of somebody's input a message shows.
const SHOWN: usize = 60;

/// Somebody's input in a message: cut to 60 characters, control and invisible characters
/// written as escapes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Excerpt<'a>(pub(super) &'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.0.chars().enumerate() {
            if at == SHOWN {
                return f.write_char('…');
            }
            if letter.is_control() || is_invisible(letter) || letter == '\u{feff}' {
                write!(f, "{}", letter.escape_unicode())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

/// The candidate nearest to `written`, if one is near enough to have been meant.
#[must_use]
pub fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = written.chars().count();
    if length > SHOWN {
        return None;
    }
    let reach = match length {
        0..=2 => 1,
        3..=8 => 2,
        _ => 3,
    };
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(written.len()) <= reach)
        .map(|candidate| (strsim::osa_distance(written, candidate), candidate))
        .filter(|(distance, candidate)| {
            *distance <= reach && *distance < candidate.chars().count().max(2)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// "did you mean" and the candidate nearest to what was written, or all candidates. Looked for only
/// when it is shown: a file may have a hundred thousand unknown keys, of which 200 are.
#[derive(Clone, Copy, Debug)]
pub(super) struct DidYouMean<'a>(pub(super) &'a str, pub(super) &'a [&'a str]);

impl fmt::Display for DidYouMean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match nearest(self.0, self.1.iter().copied()) {
            Some(near) => write!(f, "did you mean `{near}`?"),
            None => write!(f, "it may be one of {}", listed(self.1)),
        }
    }
}

/// Names in backticks, separated by commas.
pub(super) fn listed(names: &[&str]) -> String {
    let mut text = String::new();
    for (at, name) in names.iter().enumerate() {
        let _ = write!(text, "{}`{name}`", if at == 0 { "" } else { ", " });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_harmless() {
        assert_eq!(Excerpt("a\u{1b}[31m\u{202e}b").to_string(), "a\\u{1b}[31m\\u{202e}b");
        assert_eq!(Excerpt(&"x".repeat(1000)).to_string().chars().count(), SHOWN + 1);
    }

    #[test]
    fn near_names_are_guessed_and_far_ones_are_not() {
        assert_eq!(nearest("actve", ["active", "title"]), Some("active"));
        assert_eq!(nearest("memebrs", ["members", "owner"]), Some("members"));
        assert_eq!(nearest("colour", ["active", "title"]), None);
    }
}
