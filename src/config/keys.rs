//! Repeated keys: found in every mapping of every file, whatever it is for.

use super::node::{Node, Place, Tag};
use super::sink::Sink;
use super::words::Excerpt;

/// Mappings up to this size are compared pair by pair, without an allocation.
const SMALL: u32 = 12;

/// Reports every key of `map` that was written before in it, with both places.
pub(super) fn refuse_repeated(map: Node<'_>, sink: &mut Sink) {
    let names = || map.entries().map(|(key, _)| key).filter(|key| is_name(*key));
    if map.count() <= SMALL {
        let mut later = names();
        while let Some(key) = later.next() {
            if let Some(twin) = later.clone().find(|other| other.text() == key.text()) {
                report(key.place(), twin, sink);
            }
        }
        return;
    }
    let mut sorted: Vec<Node<'_>> = names().collect();
    sorted.sort_unstable_by(|a, b| (a.text(), a.place()).cmp(&(b.text(), b.place())));
    for pair in sorted.windows(2) {
        if let [first, second] = pair
            && first.text() == second.text()
        {
            report(first.place(), *second, sink);
        }
    }
}

fn is_name(key: Node<'_>) -> bool {
    matches!(key.tag(), Tag::Plain | Tag::Quoted)
}

fn report(first: Place, second: Node<'_>, sink: &mut Sink) {
    let source = sink.source(first);
    sink.error_also(
        second.place(),
        "repeated-key",
        [
            format_args!("the key `{}` is written twice in one mapping", Excerpt(second.text())),
            format_args!("only one of the two could count, and nothing says which"),
            format_args!("keep one, or merge the two"),
        ],
        (source, "first written here"),
    );
}
