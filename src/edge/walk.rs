//! Walking a project's folders without ever leaving it.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{Diagnostic, Diagnostics, Severity};
use crate::kind::Source;

/// The project file's name.
pub const PROJECT_FILE: &str = "muster.yaml";
/// How deep folders may nest.
const DEPTH: usize = 64;

/// Whether a file is YAML by its name. The case of its ending is nobody's intent: a file that was
/// left out for it would read as `remove everything in it`.
pub(super) fn is_yaml(name: &str) -> bool {
    ends_with_any(name, &[".yaml", ".yml"])
}

/// Whether a name ends with one of `ends`, in capitals or not.
pub(super) fn ends_with_any(name: &str, ends: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    ends.iter().any(|end| name.ends_with(end))
}

/// One walk: what was found so far, and what went wrong.
pub(super) struct Walk {
    root: PathBuf,
    /// Folders, relative to the root, that are not walked.
    pub(super) skip: Vec<String>,
    /// The files found, by name relative to the root.
    pub(super) files: BTreeMap<String, (PathBuf, Metadata)>,
    /// What went wrong.
    pub(super) problems: Diagnostics,
}

impl Walk {
    /// A walk in the project at `root`.
    pub(super) fn new(root: &Path) -> Result<Self, Diagnostics> {
        match std::fs::canonicalize(root) {
            Ok(root) => Ok(Self {
                root,
                skip: Vec::new(),
                files: BTreeMap::new(),
                problems: Diagnostics::new(),
            }),
            Err(error) => {
                let mut problems = Diagnostics::new();
                let found = unreadable(&root.display().to_string(), &error);
                problems.push(Diagnostic { source: None, ..*found });
                Err(problems)
            }
        }
    }

    /// A file or folder that the project file names at `source`; whether it can be reached.
    pub(super) fn entry(
        &mut self,
        name: &str,
        source: &Source,
        wanted: &dyn Fn(&str) -> bool,
    ) -> bool {
        let found = self.resolve(name);
        let is_there = found.is_ok();
        match found {
            Ok((_, metadata)) if metadata.is_dir() => self.folder(name, wanted),
            Ok((path, metadata)) => {
                self.files.insert(name.to_owned(), (path, metadata));
            }
            Err(found) => {
                self.problems.push(Diagnostic { source: Some(source.clone()), ..*found });
            }
        }
        is_there
    }

    /// Whether anything found so far is `name` or lies under it.
    pub(super) fn has_under(&self, name: &str) -> bool {
        self.files.keys().any(|file| {
            name.is_empty()
                || file
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Everything `wanted` in a folder and the folders in it, hidden ones apart.
    pub(super) fn folder(&mut self, name: &str, wanted: &dyn Fn(&str) -> bool) {
        let mut open: Vec<String> = vec![name.to_owned()];
        while let Some(folder) = open.pop() {
            if folder.split('/').count() > DEPTH {
                self.problems.push(*problem(
                    &folder,
                    "too-deep",
                    [
                        &format!("folders are nested more than {DEPTH} deep"),
                        "a link that leads back to a folder above it never ends",
                        "delete the link",
                    ],
                ));
                return;
            }
            for inside in self.listing(&folder) {
                self.visit(inside, wanted, &mut open);
            }
        }
    }

    fn visit(&mut self, name: String, wanted: &dyn Fn(&str) -> bool, open: &mut Vec<String>) {
        let last = name.rsplit('/').next().unwrap_or_default();
        if last.starts_with('.') || self.skip.contains(&name) {
            return;
        }
        if last == PROJECT_FILE && name != PROJECT_FILE {
            self.problems.push(*problem(
                &name,
                "nested-project",
                [
                    "another project lies inside this one",
                    "its files would be read as this project's desired state",
                    "name this project's own folders under `sources`",
                ],
            ));
            return;
        }
        match self.resolve(&name) {
            Ok((real, metadata)) if metadata.is_dir() => {
                // A link to a folder that holds the link: following it would never end.
                if self.root.join(&name).starts_with(&real) && self.root.join(&name) != real {
                    self.problems.push(*circle(&name));
                } else {
                    open.push(name);
                }
            }
            Ok((path, metadata)) if wanted(last) => {
                self.files.insert(name, (path, metadata));
            }
            Ok(_) => {}
            Err(found) => self.problems.push(*found),
        }
    }

    /// The names in a folder, relative to the root.
    fn listing(&mut self, folder: &str) -> Vec<String> {
        let path = self.root.join(folder);
        let mut names = Vec::new();
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) => {
                self.problems.push(*unreadable(folder, &error));
                return names;
            }
        };
        for entry in entries {
            match entry.map(|entry| entry.file_name().into_string()) {
                Ok(Ok(name)) if folder.is_empty() => names.push(name),
                Ok(Ok(name)) => names.push(format!("{folder}/{name}")),
                Ok(Err(name)) => self.problems.push(*problem(
                    folder,
                    "encoding",
                    [
                        &format!("the name of the file `{}` is not UTF-8", name.to_string_lossy()),
                        "it could not be named in a message or a plan",
                        "rename it",
                    ],
                )),
                Err(error) => self.problems.push(*unreadable(folder, &error)),
            }
        }
        names.sort();
        names
    }

    /// Where `name` leads, links followed; never out of the project.
    pub(super) fn resolve(&self, name: &str) -> Result<(PathBuf, Metadata), Box<Diagnostic>> {
        let path = self.root.join(name);
        let real = std::fs::canonicalize(&path).map_err(|error| unreadable(name, &error))?;
        if !real.starts_with(&self.root) {
            return Err(problem(
                name,
                "leaves-the-project",
                [
                    &format!("`{name}` is a link that leads out of the project"),
                    "what is not in the repository was not reviewed",
                    "put the file itself there",
                ],
            ));
        }
        let metadata = std::fs::metadata(&real).map_err(|error| unreadable(name, &error))?;
        Ok((real, metadata))
    }
}

/// A problem of the file `name` as a whole: what, why, and what to do.
pub(super) fn problem(
    name: &str,
    check: &'static str,
    [what, why, remedy]: [&str; 3],
) -> Box<Diagnostic> {
    Box::new(Diagnostic {
        source: Some(Source { file: Arc::from(name), line: 1, column: 1 }),
        severity: Severity::Error,
        id: check,
        what: what.to_owned(),
        why: why.to_owned(),
        remedy: remedy.to_owned(),
        also: None,
    })
}

fn circle(name: &str) -> Box<Diagnostic> {
    problem(
        name,
        "link-in-a-circle",
        [
            &format!("`{name}` is a link that leads back to a folder above it"),
            "following it would never end",
            "delete the link",
        ],
    )
}

/// A file or folder that cannot be read.
pub(super) fn unreadable(name: &str, error: &Error) -> Box<Diagnostic> {
    problem(
        name,
        "unreadable",
        [
            &format!("`{name}` cannot be read: {error}"),
            "what cannot be read must not be taken for absent",
            "mend its path or its permissions",
        ],
    )
}
