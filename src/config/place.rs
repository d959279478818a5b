//! The places of settings in a file.

use super::SourceText;
use super::node::{Place, Tag, Tree};
use super::sink::Sink;
use crate::kind::Source;

/// A file in which settings are looked for: it is read once, however many are asked for.
pub struct Places<'f> {
    tree: Option<Tree<'f>>,
    sink: Sink,
}

impl<'f> Places<'f> {
    /// The places in a file.
    #[must_use]
    pub fn of(file: &'f SourceText) -> Self {
        let mut sink = Sink::new(&file.name);
        let tree = super::parse::read(file, &mut sink);
        Self { tree, sink }
    }

    /// The place of the value that these keys lead to; of the last of them that is there, where the
    /// file says nothing of the others.
    #[must_use]
    pub fn find(&self, keys: &[&str]) -> Source {
        let mut place = Place::START;
        let mut node = self.tree.as_ref().and_then(Tree::root);
        for key in keys {
            node = node.filter(|node| node.tag() == Tag::Map);
            let Some((written, value)) = node
                .into_iter()
                .flat_map(|node| node.entries())
                .find(|(written, _)| written.text().eq_ignore_ascii_case(key))
            else {
                break;
            };
            place = written.place();
            node = Some(value);
        }
        self.sink.source(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_and_one_that_is_missing_is_told_by_the_last_that_is_there() {
        let bytes = "organization: a\nadministrators:\n  atLeast: 2\n".into();
        let file = SourceText { name: "muster.yaml".into(), bytes };
        let places = Places::of(&file);
        let at = |keys: &[&str]| {
            let source = places.find(keys);
            (source.line, source.column)
        };
        assert_eq!(at(&["administrators", "atLeast"]), (3, 3));
        assert_eq!(at(&["administrators", "margin"]), (2, 1));
        assert_eq!(at(&["limits"]), (1, 1));
    }
}
