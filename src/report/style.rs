//! Colour, where there is a terminal that wants it. Everything is legible without.

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences for colour are written.
    pub colour: bool,
}

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something comes to be.
    Create,
    /// Something changes.
    Update,
    /// Something goes.
    Delete,
    /// Something is refused.
    Deny,
    /// Something is worth a look.
    Warn,
    /// Something is good.
    Good,
    /// Something is beside the point.
    Faint,
    /// Something is a heading.
    Bold,
}

impl Style {
    /// No colour.
    pub const PLAIN: Self = Self { colour: false };

    /// The text in its tone.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Create | Tone::Good => "32",
            Tone::Update | Tone::Warn => "33",
            Tone::Delete | Tone::Deny => "31",
            Tone::Faint => "2",
            Tone::Bold => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// Where a line holds sequences that colour it, as `paint` writes them.
    pub(super) fn codes(line: &str) -> Vec<usize> {
        let is_one = |at: &usize| {
            let rest = line.get(at + 1..).and_then(|rest| rest.strip_prefix('['));
            let code = rest.and_then(|rest| rest.split_once('m')).map(|(code, _)| code);
            matches!(code, Some("0" | "1" | "2" | "31" | "32" | "33"))
        };
        line.match_indices('\u{1b}').map(|(at, _)| at).filter(is_one).collect()
    }
}
