//! Names that a reader takes for one another, although they are written differently.

use unicode_normalization::UnicodeNormalization;

/// Whether a reader cannot see the character, or sees the text around it in another order:
/// zero-width and joining characters, bidirectional controls, fillers, variation selectors, tags,
/// line and paragraph separators.
#[must_use]
pub const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The form that all names share which look the same (Unicode TS 39, after NFKC and lower case,
/// without what cannot be seen): to compare by, never to show or to write.
#[must_use]
pub fn skeleton(name: &str) -> String {
    let seen = name.chars().filter(|letter| !is_invisible(*letter));
    let folded: String = seen.nfkc().flat_map(char::to_lowercase).collect();
    let alike: String = unicode_security::skeleton(folded.trim()).collect();
    alike.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_share_a_skeleton() {
        for other in [
            "Ada@Example.com",
            "ada@example.com\u{200b}",
            "\u{430}da@example.com",
            "\u{ff41}da@example.com",
            " ada@exa\u{ad}mple.com",
        ] {
            assert_eq!(skeleton(other), skeleton("ada@example.com"), "{other}");
        }
        assert_ne!(skeleton("ada@example.com"), skeleton("eda@example.com"));
        assert_eq!(skeleton("Jose\u{301}"), skeleton("JOSÉ"));
    }
}
