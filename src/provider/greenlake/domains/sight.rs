//! Sight: what many looks at one TXT value come to.

use super::dns::Look;

/// What all servers together say of one TXT value. A look that failed is neither "there" nor
/// "not there".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Every server asked shows it; at least one was asked.
    Everywhere,
    /// Some show it; the others do not, or could not be asked.
    Somewhere,
    /// Every server asked answered, and none shows it.
    Nowhere,
    /// No server shows it, and not all answered; or none was asked, or the value is not known.
    Unknown,
}

impl Sight {
    /// What the looks at the domain itself say of `txt`.
    #[must_use]
    pub fn of(looks: &[Look], txt: Option<&str>) -> Self {
        let Some(txt) = txt else { return Self::Unknown };
        let (mut shown, mut absent, mut failed) = (0_usize, 0_usize, 0_usize);
        for look in looks {
            match look.answer.texts() {
                Some(texts) if texts.contains(&txt) => shown += 1,
                Some(_) => absent += 1,
                None => failed += 1,
            }
        }
        match (shown, absent, failed) {
            (0, 1.., 0) => Self::Nowhere,
            (0, _, _) => Self::Unknown,
            (_, 0, 0) => Self::Everywhere,
            _ => Self::Somewhere,
        }
    }

    /// One word for programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Somewhere => "somewhere",
            Self::Nowhere => "nowhere",
            Self::Unknown => "unknown",
        }
    }
}
