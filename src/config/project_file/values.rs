//! Values that several sections of the project file hold: globs, paths, how members are managed.

use crate::config::MembersDefault;
use crate::config::decode::{Mapping, list, text};
use crate::config::node::Node;
use crate::config::patterns::{check_glob, path_problem, plain_path};
use crate::config::sink::Sink;
use crate::config::words::Excerpt;

/// How members are managed.
pub(in crate::config) const MEMBER_MODES: &[(&str, MembersDefault)] =
    &[("exact", MembersDefault::Exact), ("additive", MembersDefault::Additive)];
/// A list of globs under `key`; `None` when it is not written, or not a list.
pub(super) fn globs(mapping: Mapping<'_>, key: &str, sink: &mut Sink) -> Option<Vec<String>> {
    let node = mapping.get(key)?;
    let entries = list(node, key, sink)?;
    let mut patterns = Vec::new();
    for entry in entries {
        if let Some(pattern) = text(entry, key, sink)
            && check_glob(entry, pattern, sink)
        {
            patterns.push(pattern.to_owned());
        }
    }
    Some(patterns)
}

/// A path that stays inside the project, in plain form.
pub(super) fn path(node: Node<'_>, key: &str, sink: &mut Sink) -> Option<String> {
    let written = text(node, key, sink)?;
    let Some(problem) = path_problem(written) else {
        return Some(plain_path(written));
    };
    sink.error(
        node.place(),
        "bad-path",
        [
            format_args!("`{key}` cannot be `{}`: {problem}", Excerpt(written)),
            format_args!("everything a project reads lies inside its own folder"),
            format_args!("write a path relative to the project file, such as `{key}`"),
        ],
    );
    None
}
