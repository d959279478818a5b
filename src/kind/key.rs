//! The folded name by which two spellings are the same thing.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A name folded for comparison: trimmed, NFC, lower case.
///
/// `userName` is `caseExact: false` (RFC 7643 section 4.1.1); group names and domains are treated
/// alike, because servers differ and two names that differ by case alone are never meant. The
/// written form is kept beside the key, in the item's fields.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key(Arc<str>);

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // A million memberships share the keys of their groups and users.
        if Arc::ptr_eq(&self.0, &other.0) {
            return std::cmp::Ordering::Equal;
        }
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Key {
    /// Folds `written`.
    #[must_use]
    pub fn new(written: &str) -> Self {
        let trimmed = written.trim();
        if trimmed.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
            return Self(Arc::from(trimmed));
        }
        if trimmed.is_ascii() {
            return Self(Arc::from(trimmed.to_ascii_lowercase()));
        }
        let lower = trimmed.to_lowercase();
        let folded: String = match is_nfc_quick(lower.chars()) {
            IsNormalized::Yes => lower,
            _ => lower.nfc().collect(),
        };
        Self(Arc::from(folded))
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The composed form (NFC) of a text: the one in which names are written and compared, for servers
/// and editors spell one letter in either.
#[must_use]
pub fn composed(text: &str) -> std::borrow::Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.into(),
        _ => text.nfc().collect::<String>().into(),
    }
}

/// The form under which two keys look alike to a reader (NFKC, lower case): full-width letters
/// and ligatures fold onto their plain forms. Two different keys with one look-alike form are
/// refused where a person writes them.
#[must_use]
pub fn look_alike_form(key: &Key) -> String {
    key.as_str().nfkc().flat_map(char::to_lowercase).collect()
}

impl std::borrow::Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl serde::Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&std::borrow::Cow::<str>::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_fold_together() {
        assert_eq!(Key::new(" Ada@Example.COM "), Key::new("ada@example.com"));
        assert_eq!(Key::new("Jose\u{301}"), Key::new("JOSÉ"));
        assert_ne!(Key::new("strasse"), Key::new("straße"));
    }

    #[test]
    fn full_width_letters_look_like_plain_ones() {
        let wide = Key::new("\u{ff41}da");
        assert_ne!(wide, Key::new("ada"));
        assert_eq!(look_alike_form(&wide), look_alike_form(&Key::new("ada")));
    }
}
