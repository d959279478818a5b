//! A folder with a project in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::TempDir;

use super::program::{Program, bounded, muster};

/// A folder that is gone after the test.
pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    /// A folder with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// The program, in this folder.
    pub(crate) fn muster(&self, arguments: &[&str]) -> Program {
        muster(self.path(), arguments)
    }

    /// The program within bounds, in this folder.
    pub(crate) fn bounded(&self, mib: usize, arguments: &[&str]) -> Program {
        bounded(mib, self.path(), arguments)
    }

    /// Every file and folder with its size and when it was last written.
    pub(crate) fn listing(&self) -> BTreeMap<PathBuf, (u64, SystemTime)> {
        let mut listing = BTreeMap::new();
        let mut open = vec![self.path().to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let metadata = fs::symlink_metadata(&path).unwrap();
                if metadata.is_dir() {
                    open.push(path.clone());
                }
                listing.insert(path, (metadata.len(), metadata.modified().unwrap()));
            }
        }
        listing
    }
}

/// A rule that refuses every user whose display name is `Boss`: what some tests are refused for.
pub(crate) const NO_TITLES: &str = "# METADATA\n\
    # title: No titles\n\
    # description: Nobody has a title.\n\
    # custom:\n\
    #   id: no-titles\n\
    #   severity: deny\n\
    #   scope: change\n\
    #   kinds: [user]\n\
    #   remedy: take the title out\n\
    #   practice: none\n\
    #   canary: |\n\
    #     {\"changes\": [{\"address\": \"user/x\", \"kind\": \"user\", \"action\": \"update\", \"after\": {\"displayName\": \"Boss\"}}]}\n\
    package guardrails.no_titles\n\
    \n\
    deny contains v if {\n\
    \tsome c in input.changes\n\
    \tobject.get(c, [\"after\", \"displayName\"], \"\") == \"Boss\"\n\
    \tv := {\"msg\": \"a title\", \"addresses\": [c.address]}\n\
    }\n";

/// A project file for a server at `url`, which manages everybody at `example.com`.
pub(crate) fn project_at(url: &str) -> String {
    format!(
        "organization: acme\n\
         target: {{ provider: scim, url: \"{url}\" }}\n\
         manage:\n\
         \x20 users: {{ domains: [example.com], onRemove: deactivate }}\n\
         \x20 groups: {{ names: ['*'], onRemove: report }}\n"
    )
}

/// Desired state: so many users, all of them in the group `everybody`, the first in `admins`.
pub(crate) fn people(count: usize) -> String {
    let mut users = String::from("users:\n");
    let mut members = String::new();
    for at in 0..count {
        users.push_str(&format!("  user{at:02}@example.com: {{ title: Engineer }}\n"));
        members.push_str(&format!("      - user{at:02}@example.com\n"));
    }
    format!(
        "{users}groups:\n  admins:\n    members: [user00@example.com]\n  everybody:\n    members:\n{members}"
    )
}

/// A guardrail of a project's own, for `policies/no-root/rule.rego`.
pub(crate) const OWN_POLICY: &str = r#"# METADATA
# title: Nobody is called root
# description: A name that says nothing about a person is refused.
# custom:
#   id: no-root
#   severity: deny
#   scope: change
#   kinds: [user]
#   remedy: choose the name of a person
#   canary: |
#     {"changes": [{"address": "user/root@example.com"}]}
package guardrails.no_root

deny contains v if {
	some c in input.changes
	c.address == "user/root@example.com"
	v := {"id": "no-root", "msg": "nobody is called root", "addresses": [c.address]}
}
"#;
