//! Every name once: repeated names, names that fold together, names that look alike.

use std::collections::BTreeMap;

use super::InFile;
use crate::config::section::Declared;
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::kind::{Key, KindName, look_alike_form};

/// Sorts `all` by key and reports what is declared more than once; the first of each stays.
pub(super) fn unique<'t>(
    mut all: Vec<InFile<Declared<'t>>>,
    kind: KindName,
    sinks: &mut [Sink],
) -> Vec<InFile<Declared<'t>>> {
    // Stable: of two equal names, the one that comes first by file and line stays first.
    all.sort_by(|(_, a), (_, b)| a.key.cmp(&b.key));
    all.dedup_by(|(file, later), (first_file, first)| {
        let is_repeated = later.key == first.key;
        // Within one file the same spelling is the same mapping: reported as a repeated key.
        if is_repeated && !(file == first_file && later.written == first.written) {
            report_repeated(kind, (*file, later), (*first_file, first), sinks);
        }
        is_repeated
    });
    report_look_alikes(&all, kind, sinks);
    all
}

fn report_repeated(
    kind: KindName,
    (file, later): InFile<&Declared<'_>>,
    (first_file, first): InFile<&Declared<'_>>,
    sinks: &mut [Sink],
) {
    let source = sinks[first_file].source(first.place);
    let also = (source, "first declared here");
    if later.written == first.written {
        sinks[file].error_also(
            later.place,
            "declared-twice",
            [
                format_args!("the {kind} `{}` is declared twice", Excerpt(later.written)),
                format_args!("only one of the two could count, and nothing says which"),
                format_args!("keep one, or merge the two"),
            ],
            also,
        );
        return;
    }
    let (one, other) = (Excerpt(later.written), Excerpt(first.written));
    sinks[file].error_also(
        later.place,
        "names-fold-together",
        [
            format_args!("the {kind}s `{one}` and `{other}` are one and the same"),
            format_args!("names are compared without case, in Unicode normal form C"),
            format_args!("keep one of the two"),
        ],
        also,
    );
}

/// Only names outside ASCII can look like another: the others are their own look-alike form.
fn report_look_alikes(all: &[InFile<Declared<'_>>], kind: KindName, sinks: &mut [Sink]) {
    let mut seen: BTreeMap<Key, usize> = BTreeMap::new();
    for (at, (file, one)) in all.iter().enumerate() {
        if one.key.as_str().is_ascii() {
            continue;
        }
        let form = Key::new(&look_alike_form(&one.key));
        let plain = all.binary_search_by(|(_, other)| other.key.cmp(&form)).ok();
        let twin = plain.filter(|twin| *twin != at).or_else(|| seen.get(&form).copied());
        seen.entry(form).or_insert(at);
        let Some((twin_file, twin)) = twin.and_then(|twin| all.get(twin)) else { continue };
        let source = sinks[*twin_file].source(twin.place);
        sinks[*file].error_also(
            one.place,
            "look-alike",
            [
                format_args!("the {kind} `{}` looks like another", Excerpt(one.written)),
                format_args!("a reader cannot tell it from `{}`", Excerpt(twin.written)),
                format_args!("rename one of the two"),
            ],
            (source, "the other one"),
        );
    }
}
