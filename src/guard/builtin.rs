//! The guardrails that come with the program: `policies/`, embedded when it is built.

use super::rego::{PolicyFile, PolicySet};

/// What the paths of the built-in pack begin with, so that none can be a project's own.
pub const FOLDER: &str = "built-in";

/// One rule a line: its folder, its rule, its tests.
macro_rules! pack {
    ($($name:literal,)*) => {
        const PACK: &[(&str, &str)] = &[$(
            (
                concat!($name, "/rule.rego"),
                include_str!(concat!("../../policies/", $name, "/rule.rego")),
            ),
            (
                concat!($name, "/rule_test.rego"),
                include_str!(concat!("../../policies/", $name, "/rule_test.rego")),
            ),
        )*];
    };
}

pack! {
    "break-glass",
    "group-only-roles",
    "least-privilege",
}

/// The built-in pack, tests included.
#[must_use]
pub fn policies() -> PolicySet {
    let file = |(path, text): &(&str, &str)| PolicyFile {
        path: format!("{FOLDER}/{path}"),
        text: (*text).to_owned(),
    };
    PolicySet { folders: vec![FOLDER.to_owned()], files: PACK.iter().map(file).collect() }
}
