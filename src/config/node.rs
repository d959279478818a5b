//! The tree of one YAML file: lean, and every node knows its place.
//!
//! Nodes lie in one vector in the order they were written (a container before its children), 16
//! bytes each. Their text stays in the file, where it stands there as it means; what escapes and
//! folded lines make of it lies in one string. A file of a million names is therefore one large
//! allocation, and dropping it is free.

/// Where a node begins. Lines and columns count from 1; a column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The line.
    pub(crate) line: u32,
    /// The column.
    pub(crate) column: u32,
}

impl Place {
    /// The first character of a file.
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    /// A scalar without quotes: text, or by its look a number, a boolean or null.
    Plain,
    /// A scalar in quotes or in block form: always text.
    Quoted,
    /// A sequence.
    List,
    /// A mapping; its children are keys and values in turn.
    Map,
    /// Something refused and reported already (an alias, a tagged node): say nothing more of it.
    Refused,
}

const TAGS: [Tag; 5] = [Tag::Plain, Tag::Quoted, Tag::List, Tag::Map, Tag::Refused];
const TAG_SHIFT: u32 = 29;
/// Set where a scalar's text is not in the file but in [`Tree::made`].
const IS_MADE: u32 = 1 << 28;
const LENGTH_MASK: u32 = IS_MADE - 1;

/// One node, packed. `first` is where a scalar's text begins, or the index behind a container's
/// last child; `second` is the text's length or the number of children, below [`IS_MADE`] and
/// three bits of tag.
#[derive(Clone, Copy, Debug)]
struct Raw {
    place: Place,
    first: u32,
    second: u32,
}

/// The tree of one file.
#[derive(Debug)]
pub(crate) struct Tree<'s> {
    source: &'s str,
    nodes: Vec<Raw>,
    made: String,
}

impl<'s> Tree<'s> {
    /// An empty tree of the file that holds `source`, with room for its nodes. Growing step by
    /// step would copy them several times over; room that is not used is never touched.
    pub(super) fn of(source: &'s str) -> Self {
        Self { source, nodes: Vec::with_capacity(source.len() / 16), made: String::new() }
    }

    /// The topmost node, unless the file holds nothing.
    pub(crate) fn root(&self) -> Option<Node<'_>> {
        (!self.nodes.is_empty()).then_some(Node { tree: self, at: 0 })
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node at `at`, an index given out by [`Self::scalar`] or [`Self::open`].
    pub(super) fn node(&self, at: u32) -> Node<'_> {
        Node { tree: self, at }
    }

    /// Adds a scalar, which may stand at the byte `at` of the file as it means.
    pub(super) fn scalar(&mut self, place: Place, tag: Tag, text: &str, at: usize) -> u32 {
        if self.source.get(at..at.saturating_add(text.len())) == Some(text) {
            return self.push(place, tag, at, text.len() as u32);
        }
        let first = self.made.len();
        self.made.push_str(text);
        self.push(place, tag, first, text.len() as u32 | IS_MADE)
    }

    /// Adds a container without children; [`Self::close`] ends it.
    pub(super) fn open(&mut self, place: Place, tag: Tag) -> u32 {
        self.push(place, tag, 0, 0)
    }

    /// Ends the container at `at`, which has `count` children.
    pub(super) fn close(&mut self, at: u32, count: u32) {
        let end = self.nodes.len() as u32;
        if let Some(raw) = self.nodes.get_mut(at as usize) {
            raw.first = end;
            raw.second = (raw.second & !LENGTH_MASK) | (count & LENGTH_MASK);
        }
    }

    /// All sizes are far below 2^28: a file has at most 64 MiB, which `parse` checks.
    fn push(&mut self, place: Place, tag: Tag, first: usize, length: u32) -> u32 {
        let at = self.nodes.len() as u32;
        let second = ((tag as u32) << TAG_SHIFT) | length;
        self.nodes.push(Raw { place, first: first as u32, second });
        at
    }
}

/// A node of a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'t> {
    tree: &'t Tree<'t>,
    at: u32,
}

impl<'t> Node<'t> {
    fn raw(self) -> Raw {
        self.tree.nodes[self.at as usize]
    }

    /// Where it begins.
    pub(crate) fn place(self) -> Place {
        self.raw().place
    }

    /// What it is.
    pub(crate) fn tag(self) -> Tag {
        TAGS[(self.raw().second >> TAG_SHIFT) as usize % TAGS.len()]
    }

    /// A scalar's text; nothing for a container.
    pub(crate) fn text(self) -> &'t str {
        let raw = self.raw();
        match self.tag() {
            Tag::Plain | Tag::Quoted => {
                let is_made = raw.second & IS_MADE != 0;
                let text = if is_made { &self.tree.made } else { self.tree.source };
                let first = raw.first as usize;
                &text[first..first + (raw.second & LENGTH_MASK) as usize]
            }
            Tag::List | Tag::Map | Tag::Refused => "",
        }
    }

    /// How many children a list has; how many keys a mapping has.
    pub(super) fn count(self) -> u32 {
        let children = self.raw().second & LENGTH_MASK;
        match self.tag() {
            Tag::List => children,
            Tag::Map => children / 2,
            Tag::Plain | Tag::Quoted | Tag::Refused => 0,
        }
    }

    /// The children of a list, or the keys and values of a mapping in turn.
    pub(crate) fn children(self) -> Children<'t> {
        let end = match self.tag() {
            Tag::List | Tag::Map => self.raw().first,
            Tag::Plain | Tag::Quoted | Tag::Refused => self.at + 1,
        };
        Children { tree: self.tree, next: self.at + 1, end }
    }

    /// The keys and values of a mapping.
    pub(crate) fn entries(self) -> Entries<'t> {
        Entries(self.children())
    }

    /// The value of a key, where this is a mapping that has it.
    pub(crate) fn get(self, key: &str) -> Option<Node<'t>> {
        let mut entries = self.entries().filter(|_| self.tag() == Tag::Map);
        entries.find(|(name, _)| name.text() == key).map(|(_, value)| value)
    }

    /// What the scalar is by the YAML 1.2 core schema; text unless it is plain.
    pub(super) fn core(self) -> Core {
        match self.tag() {
            Tag::Plain => Core::of(self.text()),
            _ => Core::Text,
        }
    }

    fn behind(self) -> u32 {
        match self.tag() {
            Tag::List | Tag::Map => self.raw().first.max(self.at + 1),
            Tag::Plain | Tag::Quoted | Tag::Refused => self.at + 1,
        }
    }
}

/// The children of a container.
#[derive(Clone, Debug)]
pub(crate) struct Children<'t> {
    tree: &'t Tree<'t>,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if self.next >= self.end {
            return None;
        }
        let node = Node { tree: self.tree, at: self.next };
        self.next = node.behind();
        Some(node)
    }
}

/// The keys and values of a mapping.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'t>(Children<'t>);

impl<'t> Iterator for Entries<'t> {
    type Item = (Node<'t>, Node<'t>);

    fn next(&mut self) -> Option<(Node<'t>, Node<'t>)> {
        Some((self.0.next()?, self.0.next()?))
    }
}

/// What a plain scalar is by the YAML 1.2 core schema (section 10.3.2). `NO`, `yes`, `on` and
/// dates are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Core {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number in one of the three notations.
    Integer,
    /// A number with a point or an exponent, an infinity, or not a number.
    Float,
    /// Anything else.
    Text,
}

impl Core {
    /// What `text`, written without quotes, is.
    pub(super) fn of(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Self::Null,
            "true" | "True" | "TRUE" => return Self::Boolean(true),
            "false" | "False" | "FALSE" => return Self::Boolean(false),
            ".nan" | ".NaN" | ".NAN" => return Self::Float,
            _ => {}
        }
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits(unsigned)
            || text.strip_prefix("0o").is_some_and(|rest| {
                !rest.is_empty() && rest.bytes().all(|b| (b'0'..=b'7').contains(&b))
            })
            || text
                .strip_prefix("0x")
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_hexdigit()))
        {
            return Self::Integer;
        }
        if matches!(unsigned, ".inf" | ".Inf" | ".INF") || is_float(unsigned) {
            return Self::Float;
        }
        Self::Text
    }
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, the sign already taken off.
fn is_float(text: &str) -> bool {
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let mantissa_holds = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    mantissa_holds
        && exponent.is_none_or(|exponent| {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !exponent.is_empty() && all_digits(exponent)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_small() {
        assert_eq!(size_of::<Raw>(), 16);
    }

    #[test]
    fn only_numbers_booleans_and_null_are_not_text() {
        for text in ["NO", "no", "yes", "on", "2026-12-31", "1.2.3", "0b1", "e5", ".", "-", "1_000"]
        {
            assert_eq!(Core::of(text), Core::Text, "{text}");
        }
        for text in ["0", "-1", "+7", "0123", "0o17", "0xFf"] {
            assert_eq!(Core::of(text), Core::Integer, "{text}");
        }
        for text in ["1.0", "1.", ".5", "-1e3", "6.02E+23", ".inf", "-.INF", ".nan"] {
            assert_eq!(Core::of(text), Core::Float, "{text}");
        }
        assert_eq!(Core::of(""), Core::Null);
        assert_eq!(Core::of("TRUE"), Core::Boolean(true));
    }
}
