//! Names that somebody may have meant when writing a pattern that matches nobody.

use crate::kind::{Key, skeleton};

/// The most slips that two names may be apart.
const MOST: usize = 2;

/// A pattern, ready to be asked whether a name is nearly one that it covers.
pub(super) struct Meant {
    key: Key,
    alike: String,
    local: Part,
    domain: Option<Part>,
}

impl Meant {
    pub(super) fn by(pattern: &str) -> Self {
        let key = Key::new(pattern);
        let (local, domain) = halves(key.as_str());
        let (local, domain) = (Part::of(local), domain.map(Part::of));
        Self { alike: skeleton(pattern), local, domain, key }
    }

    /// Whether the name is this one letter by letter, looks the same, or is a slip or two away.
    pub(super) fn is_near(&self, name: &str) -> bool {
        let name = Key::new(name);
        if name == self.key {
            return true;
        }
        let (local, domain) = halves(name.as_str());
        let apart = match (&self.domain, domain) {
            (Some(mine), Some(domain)) => self.local.slips(local).zip(mine.slips(domain)),
            (None, None) => self.local.slips(local).zip(Some(0)),
            _ => None,
        };
        apart.is_some_and(|(local, domain)| local + domain <= MOST)
            || (!name.as_str().is_ascii() || !self.key.as_str().is_ascii())
                && skeleton(name.as_str()) == self.alike
    }
}

/// A name before and after its last `@`.
fn halves(name: &str) -> (&str, Option<&str>) {
    name.rsplit_once('@').map_or((name, None), |(local, domain)| (local, Some(domain)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    One(char),
    Any,
    Many,
}

/// One half of a pattern.
struct Part {
    tokens: Vec<Token>,
    /// The number of slips that still make it the same name to a person: none in two letters, one
    /// in seven.
    reach: usize,
    has_many: bool,
}

impl Part {
    fn of(pattern: &str) -> Self {
        let mut tokens = Vec::new();
        let mut letters = pattern.chars();
        while let Some(letter) = letters.next() {
            tokens.push(match letter {
                '*' => Token::Many,
                '?' => Token::Any,
                '\\' => Token::One(letters.next().unwrap_or(letter)),
                '[' => {
                    let _class = letters.by_ref().find(|letter| *letter == ']');
                    Token::Any
                }
                letter => Token::One(letter),
            });
        }
        let said = tokens.iter().filter(|token| matches!(token, Token::One(_))).count();
        let reach = match said {
            0..=2 => 0,
            3..=7 => 1,
            _ => MOST,
        };
        let has_many = tokens.contains(&Token::Many);
        Self { tokens, reach, has_many }
    }

    /// The number of letters that are missing, too many, other or swapped in `name`; `None`: more
    /// than can be a slip.
    fn slips(&self, name: &str) -> Option<usize> {
        let name: Vec<char> = name.chars().collect();
        if !self.has_many && name.len().abs_diff(self.tokens.len()) > self.reach {
            return None;
        }
        // Rows of the usual table: two are kept, for swapped letters are seen two rows back.
        let mut above: Vec<usize> = Vec::new();
        let mut row: Vec<usize> = (0..=name.len()).collect();
        let mut before = None;
        for token in &self.tokens {
            let next = self.row(*token, before, &name, (&above, &row));
            above = std::mem::replace(&mut row, next);
            before = Some(*token);
        }
        row.last().copied().filter(|slips| *slips <= self.reach)
    }

    fn row(
        &self,
        token: Token,
        before: Option<Token>,
        name: &[char],
        (above, row): (&[usize], &[usize]),
    ) -> Vec<usize> {
        let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
        let free = usize::from(token != Token::Many);
        let mut next = vec![at(row, 0) + free];
        for (place, letter) in name.iter().enumerate() {
            let same = match token {
                Token::One(one) => one == *letter,
                Token::Any | Token::Many => true,
            };
            let left = next.last().copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(row, place) + usize::from(!same))
                .min(at(row, place + 1) + free)
                .min(left + free);
            let last = place.checked_sub(1).and_then(|last| Some((last, *name.get(last)?)));
            if let (Some((last, previous)), Some(Token::One(first)), Token::One(one)) =
                (last, before, token)
                && (first, one) == (*letter, previous)
            {
                least = least.min(at(above, last) + 1);
            }
            next.push(least);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_or_two_is_near_and_another_name_is_not() {
        for (pattern, name, near) in [
            ("bg@exmaple.com", "bg@example.com", true),
            ("rescue@example.org", "resuce@example.org", true),
            ("rescue@example.org", "rescue@exampel.org", true),
            ("rescue@example.org", "resce@exampl.org", true),
            ("rescue@example.org", "reseu@exampl.org", false),
            ("eve@example.org", "bob@example.org", false),
            ("bg@example.org", "bh@example.org", false),
            ("break-*@example.org", "braek-one@example.org", true),
            ("*@recovery.example.org", "x@recovry.example.org", true),
            ("*@recovery.example.org", "x@example.org", false),
            ("*", "anybody", true),
            ("emergency-?", "emergncy-2", true),
            ("root-[ab]", "rot-a", true),
            ("svc[bg]@x.org", "svc[bg]@x.org", true),
            ("Rescue@x.org", "r\u{435}scue@x.org", true),
            ("r\u{435}\u{455}\u{441}u\u{435}@x.org", "rescue@x.org", true),
            ("ops", "ops@example.org", false),
        ] {
            assert_eq!(Meant::by(pattern).is_near(name), near, "{pattern} {name}");
        }
    }
}
