//! Mistakes: how a TXT record can be meant for a claim and still not be it.

/// What every value begins with.
pub(super) const PREFIX: &str = "hpe-greenlake-domain-verification=";

/// How a record misses the value it was meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mistake {
    /// Quotes or backslashes are part of the text: they were escaped once too often.
    Quoted,
    /// Blanks are part of the text.
    Spaced,
    /// It differs by capital letters alone.
    Capitals,
    /// It is the token without what stands before it.
    Bare,
    /// The value is there, and other text beside it.
    Surrounded,
    /// It is the value of another claim, or of this one before it was claimed anew.
    Stale,
}

impl Mistake {
    /// How `text` misses `wanted`; `None` when it is it, or has nothing to do with it.
    pub(super) fn of(text: &str, wanted: &str) -> Option<Self> {
        if text == wanted {
            return None;
        }
        let unquoted: String = text.chars().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect();
        let tight: String = unquoted.chars().filter(|c| !c.is_whitespace()).collect();
        let bare = wanted.strip_prefix(PREFIX).unwrap_or(wanted);
        if unquoted == wanted {
            Some(Self::Quoted)
        } else if tight == wanted {
            Some(Self::Spaced)
        } else if tight.eq_ignore_ascii_case(wanted) {
            Some(Self::Capitals)
        } else if tight.eq_ignore_ascii_case(bare) {
            Some(Self::Bare)
        } else if tight.contains(bare) {
            Some(Self::Surrounded)
        } else if Self::is_of_the_kind(text) {
            Some(Self::Stale)
        } else {
            None
        }
    }

    /// Whether a record claims a domain with HPE, for whomever.
    pub(super) fn is_of_the_kind(text: &str) -> bool {
        let tight = text.chars().filter(|c| !matches!(c, '"' | '\\') && !c.is_whitespace());
        tight.collect::<String>().to_ascii_lowercase().starts_with(PREFIX)
    }

    /// Id, why it matters, what to do.
    pub(super) const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Quoted => (
                "txt-quoted",
                "the quotes or backslashes are part of the record's text, so it is not the value",
                "enter the value without quotes: the provider adds its own",
            ),
            Self::Spaced => (
                "txt-spaced",
                "the blanks are part of the record's text, so it is not the value",
                "enter the value without blanks, in one string",
            ),
            Self::Capitals => (
                "txt-capitals",
                "the value is compared letter by letter",
                "enter the value as it is shown, in lower case",
            ),
            Self::Bare => (
                "txt-bare",
                "the record holds the token alone, without what stands before it",
                "enter the whole value, `hpe-greenlake-domain-verification=` included",
            ),
            Self::Surrounded => (
                "txt-surrounded",
                "the record holds more than the value, so it is not the value",
                "give the value a TXT record of its own",
            ),
            Self::Stale => (
                "txt-stale",
                "it is the value of another claim, or of this one before it was claimed anew",
                "replace it by the value that is shown",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_miss_a_value_has_its_name() {
        let token = "0a".repeat(32);
        let wanted = format!("{PREFIX}{token}");
        let other = format!("{PREFIX}{}", "0b".repeat(32));
        let half = wanted.len() / 2;
        for (text, mistake) in [
            (wanted.clone(), None),
            ("v=spf1 -all".to_owned(), None),
            (String::new(), None),
            (format!("\"{wanted}\""), Some(Mistake::Quoted)),
            (format!("\\\"{wanted}\\\""), Some(Mistake::Quoted)),
            (format!("{}\"\"{}", &wanted[..half], &wanted[half..]), Some(Mistake::Quoted)),
            (format!("{} {}", &wanted[..half], &wanted[half..]), Some(Mistake::Spaced)),
            (format!("{}\" \"{}", &wanted[..half], &wanted[half..]), Some(Mistake::Spaced)),
            (format!(" {wanted}"), Some(Mistake::Spaced)),
            (wanted.to_uppercase(), Some(Mistake::Capitals)),
            (token.clone(), Some(Mistake::Bare)),
            (format!("{wanted},v=spf1"), Some(Mistake::Surrounded)),
            (format!("{wanted}{wanted}"), Some(Mistake::Surrounded)),
            (other.clone(), Some(Mistake::Stale)),
            (format!("\"{other}\""), Some(Mistake::Stale)),
            (format!("{PREFIX}{}", &token[..60]), Some(Mistake::Stale)),
        ] {
            assert_eq!(Mistake::of(&text, &wanted), mistake, "{text}");
        }
    }
}
