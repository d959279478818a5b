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
}
