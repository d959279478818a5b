//! The guardrails that come with the program: `policies/`, embedded when it is built.

use super::rego::{PolicyFile, PolicySet};

/// What the paths of the built-in pack begin with, so that none can be a project's own.
pub const FOLDER: &str = "built-in";

/// A file of the pack, by its path.
macro_rules! file {
    ($path:expr) => {
        ($path, include_str!(concat!("../../policies/", $path)))
    };
}

/// One rule a line: its folder, its rule, its tests.
macro_rules! pack {
    ($($name:literal,)*) => {
        const PACK: &[(&str, &str)] = &[
            file!("lib/lib.rego"),
            file!("lib/base_test.rego"),
            file!("lib/rules_test.rego"),
            $(
                file!(concat!($name, "/rule.rego")),
                file!(concat!($name, "/rule_test.rego")),
            )*
        ];
    };
}

pack! {
    "administrators-independent",
    "author-is-beneficiary",
    "blast-radius",
    "break-glass",
    "break-glass-domain",
    "break-glass-outside-sso",
    "break-glass-present",
    "break-glass-tested",
    "contractors-apart",
    "domain-before-users",
    "domain-change",
    "domain-connection",
    "domain-owner",
    "domain-unclaim",
    "domain-verified-lately",
    "dormant-user",
    "duplicate-group",
    "empty-group-with-roles",
    "grant-ends-soon",
    "grant-reason",
    "group-cycle",
    "group-only-roles",
    "group-owner",
    "integration-managed",
    "least-privilege",
    "leavers-lose-everything",
    "msp-boundary",
    "msp-single-manager",
    "msp-standing-privilege",
    "orphan-user",
    "owner-is-not-alone",
    "privileged-owner",
    "privileged-reason",
    "privileged-until",
    "pseudo-address",
    "reviewer-is-beneficiary",
    "role-baseline",
    "separation-of-duties",
    "stale-review",
    "subdomain-parent",
    "system-of-record",
    "temporary-user-roles",
    "unverified-domain-roles",
    "user-domain-claimed",
}

/// How many rules the pack has; two files of it are what they share.
pub const RULES: usize = PACK.len() / 2 - 1;

/// The built-in pack, tests included.
#[must_use]
pub fn policies() -> PolicySet {
    let file = |(path, text): &(&str, &str)| PolicyFile {
        path: format!("{FOLDER}/{path}"),
        text: (*text).to_owned(),
    };
    PolicySet { folders: vec![FOLDER.to_owned()], files: PACK.iter().map(file).collect() }
}

/// Whether a policy file is one of the pack's. A folder of a project may be called as the pack's.
#[must_use]
pub fn is_built_in(path: &str) -> bool {
    let own = path.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/'));
    own.is_some_and(|own| PACK.iter().any(|(path, _)| *path == own))
}

/// The text of a file of the rule `id` as one of the rule `own-<id>`: its id, its package, and
/// what tests import; a test goes on calling it as before.
#[must_use]
pub fn as_own(id: &str, text: &str) -> String {
    let word = id.replace('-', "_");
    let own = format!("own_{word}");
    let line = |line: &str| {
        let renamed = line.replace(&format!("\"{id}\""), &format!("\"own-{id}\""));
        match line.trim_end() {
            _ if line == format!("#   id: {id}") => format!("#   id: own-{id}"),
            at if at == format!("package guardrails.{word}") => format!("package guardrails.{own}"),
            at if at == format!("package guardrails.{word}_test") => {
                format!("package guardrails.{own}_test")
            }
            at if at == format!("import data.guardrails.{word}") => {
                format!("import data.guardrails.{own} as {word}")
            }
            at if at.starts_with(&format!("import data.guardrails.{word} as ")) => {
                line.replace(&format!("guardrails.{word} "), &format!("guardrails.{own} "))
            }
            _ => renamed,
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_that_name_is_not_the_pack() {
        assert!(policies().files.iter().all(|file| is_built_in(&file.path)));
        for path in ["built-in/mine/rule.rego", "built-in", "built-in/", "p/break-glass/rule.rego"]
        {
            assert!(!is_built_in(path), "{path}");
        }
    }
}
