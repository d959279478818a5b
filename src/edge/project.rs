//! The project on disk: found by walking up, read within bounds, and never left.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::plain::{self, Unread};
pub use super::walk::PROJECT_FILE;
use super::walk::{Walk, is_yaml, problem};
use crate::config::{Diagnostic, Diagnostics, MAX_FILE_BYTES, Project, SourceText, parse_project};
use crate::kind::Source;
/// How many bytes all files of desired state may have together.
const TOTAL_BYTES: u64 = 512 << 20;
/// How many bytes one policy or data file may have.
const POLICY_BYTES: u64 = 1 << 20;

/// A project as it lies on the disk.
#[derive(Clone, Debug)]
pub struct ProjectFiles {
    /// The folder that holds `muster.yaml`.
    pub root: PathBuf,
    /// The project file.
    pub project_file: SourceText,
    /// What it says.
    pub project: Project,
    /// The files of desired state, sorted by name.
    pub sources: Vec<SourceText>,
}

/// Finds the project from `from` upwards, and reads all of it but the policies.
///
/// # Errors
///
/// Every problem found; problems of `muster.yaml` come alone, because it says what else to read.
pub fn read_project(from: &Path) -> Result<ProjectFiles, Diagnostics> {
    let (root, project_file, project) = read_project_file(from)?;
    let sources = read_sources(&root, &project)?;
    Ok(ProjectFiles { root, project_file, project, sources })
}

/// Whether a folder holds a project.
#[must_use]
pub fn is_project(folder: &Path) -> bool {
    folder.join(PROJECT_FILE).symlink_metadata().is_ok()
}

/// Reads the project in `folder` itself, all of it but the policies.
///
/// # Errors
///
/// As [`read_project`].
pub fn read_project_at(folder: &Path) -> Result<ProjectFiles, Diagnostics> {
    let (root, project_file, project) = read_file_of(folder.to_owned())?;
    let sources = read_sources(&root, &project)?;
    Ok(ProjectFiles { root, project_file, project, sources })
}

/// Finds the project from `from` upwards, and reads its own file alone: where it lies, its text,
/// and what it says.
///
/// # Errors
///
/// Every problem found.
pub fn read_project_file(from: &Path) -> Result<(PathBuf, SourceText, Project), Diagnostics> {
    read_file_of(find_root(from)?)
}

fn read_file_of(root: PathBuf) -> Result<(PathBuf, SourceText, Project), Diagnostics> {
    let mut problems = Diagnostics::new();
    let walk = Walk::new(&root)?;
    let read = walk
        .resolve(PROJECT_FILE)
        .and_then(|(path, metadata)| read_file(&path, PROJECT_FILE, &metadata, MAX_FILE_BYTES));
    let project_file = match read {
        Ok(bytes) => SourceText { name: Arc::from(PROJECT_FILE), bytes },
        Err(unreadable) => {
            problems.push(*unreadable);
            return Err(problems);
        }
    };
    let (project, _) = parse_project(&project_file)?;
    Ok((root, project_file, project))
}

/// The folder of the nearest `muster.yaml`, from `from` up to the root of the Git repository.
///
/// # Errors
///
/// There is none.
pub fn find_root(from: &Path) -> Result<PathBuf, Diagnostics> {
    let start = std::fs::canonicalize(from).unwrap_or_else(|_| from.to_owned());
    for folder in start.ancestors() {
        if folder.join(PROJECT_FILE).symlink_metadata().is_ok() {
            return Ok(folder.to_owned());
        }
        if folder.join(".git").symlink_metadata().is_ok() {
            break;
        }
    }
    let mut none = Diagnostics::new();
    none.push(Diagnostic {
        source: None,
        ..*problem(
            PROJECT_FILE,
            "no-project",
            [
                &format!("there is no `{PROJECT_FILE}` in `{}` or above it", start.display()),
                "it says which organization and which target are meant",
                "go to the project's folder, name it with `-C`, or begin one with `muster init`",
            ],
        )
    });
    Err(none)
}

/// Reads the files of desired state: those under `sources`, or everything beside `muster.yaml`
/// but hidden files and folders and the folders of policies.
///
/// # Errors
///
/// Everything that is missing, unreadable, too large, no file, or outside the project.
pub fn read_sources(root: &Path, project: &Project) -> Result<Vec<SourceText>, Diagnostics> {
    let mut walk = Walk::new(root)?;
    let mut problems = Diagnostics::new();
    if project.sources.is_empty() {
        walk.skip.clone_from(&project.policies);
        walk.folder("", &is_yaml);
    }
    for (path, source) in &project.sources {
        if walk.entry(path, source, &is_yaml) && !walk.has_under(path) {
            problems.push(nothing_under(path, source, "YAML"));
        }
    }
    walk.files.remove(PROJECT_FILE);
    let total: u64 = walk.files.values().map(|(_, metadata)| metadata.len()).sum();
    if total > TOTAL_BYTES {
        let what = format!("the files of desired state have {total} bytes together");
        let why = format!("more than {TOTAL_BYTES} bytes are not read");
        problems.push(*problem(
            PROJECT_FILE,
            "project-too-large",
            [&what, &why, "name fewer `sources`"],
        ));
        return Err(problems);
    }
    let files = std::mem::take(&mut walk.files);
    problems.extend(walk.problems);
    let mut sources = Vec::with_capacity(files.len());
    for (name, bytes) in contents(&files, MAX_FILE_BYTES, &mut problems) {
        sources.push(SourceText { name: Arc::from(name), bytes });
    }
    if problems.has_errors() { Err(problems) } else { Ok(sources) }
}

/// Reads the project's own policies, and the data files beside them: name and text, sorted.
///
/// # Errors
///
/// As [`read_sources`]; a folder that is missing or holds no `.rego` file; and a file there that is
/// neither a policy nor data nor a note: a guard that cannot be read must not pass.
pub fn read_policies(root: &Path, project: &Project) -> Result<Vec<(String, String)>, Diagnostics> {
    let mut walk = Walk::new(root)?;
    let mut problems = Diagnostics::new();
    let is_ours = |name: &str| !is_note(name);
    for (path, source) in project.policies.iter().zip(&project.policy_sources) {
        let mut one = Walk::new(root)?;
        let is_there = one.entry(path, source, &is_ours);
        if is_there && !one.files.keys().any(|name| name.ends_with(".rego")) {
            problems.push(nothing_under(path, source, "policy (`*.rego`)"));
        }
        walk.files.extend(one.files);
        walk.problems.extend(one.problems);
    }
    let mut files = std::mem::take(&mut walk.files);
    problems.extend(walk.problems);
    let strays = files.extract_if(.., |name, _| !is_policy(name));
    strays.for_each(|(name, _)| problems.push(no_rule(&name)));
    let mut policies = Vec::with_capacity(files.len());
    for (name, bytes) in contents(&files, POLICY_BYTES, &mut problems) {
        match String::from_utf8(bytes) {
            Ok(text) => policies.push((name.to_owned(), text)),
            Err(_) => problems.push(*problem(
                name,
                "encoding",
                ["the file is not UTF-8", "only UTF-8 is read", "save it as UTF-8"],
            )),
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(policies) }
}

/// Whether a file in a folder of policies is read: a rule, a test or data.
fn is_policy(name: &str) -> bool {
    name.ends_with(".rego") || name.ends_with(".json") || is_yaml(name)
}

/// Whether a file in a folder of policies is for people: notes and licences.
fn is_note(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".md") || name.split(['.', '-']).next() == Some("license")
}

/// A file in a folder of policies that nobody would read.
fn no_rule(name: &str) -> Diagnostic {
    let last = name.rsplit('/').next().unwrap_or(name);
    let stem = last.split('.').next().unwrap_or(last);
    let what = format!("`{name}` is neither a rule nor a test, data or a note");
    let why = "a rule under another name would never be asked, and nobody would miss it";
    let remedy = format!(
        "if it is a rule or a test, call it `{stem}.rego`; data ends in `.yaml` or `.json`, notes in \
         `.md`; move anything else out of the folder"
    );
    *problem(name, "no-policy", [&what, why, &remedy])
}

fn nothing_under(path: &str, source: &Source, what: &str) -> Diagnostic {
    let what = format!("there is no {what} under `{path}`");
    let why = "what was there once and cannot be found now must not be ignored silently";
    let remedy = "mend the path, or delete the entry";
    let found = problem(PROJECT_FILE, "empty-source", [&what, why, remedy]);
    Diagnostic { source: Some(source.clone()), ..*found }
}

/// Reads all `files`, half of them on another thread; what cannot be read becomes a problem.
fn contents<'f>(
    files: &'f BTreeMap<String, (PathBuf, Metadata)>,
    bound: u64,
    problems: &mut Diagnostics,
) -> Vec<(&'f str, Vec<u8>)> {
    let all: Vec<_> = files.iter().collect();
    let (some, others) = all.split_at(all.len() / 2);
    let read = |part: &[(&'f String, &'f (PathBuf, Metadata))]| -> Vec<_> {
        let read = |(name, (path, metadata)): &(&'f String, &'f (PathBuf, Metadata))| {
            (name.as_str(), read_file(path, name, metadata, bound))
        };
        part.iter().map(read).collect()
    };
    let results = std::thread::scope(|scope| {
        let other = scope.spawn(|| read(others));
        let mut results = read(some);
        match other.join() {
            Ok(more) => results.extend(more),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        results
    });
    let mut contents = Vec::with_capacity(files.len());
    for (name, result) in results {
        match result {
            Ok(bytes) => contents.push((name, bytes)),
            Err(unreadable) => problems.push(*unreadable),
        }
    }
    contents
}

/// Reads one file: its size is known and bounded before, and it is a plain file.
fn read_file(
    path: &Path,
    name: &str,
    metadata: &Metadata,
    bound: u64,
) -> Result<Vec<u8>, Box<Diagnostic>> {
    if !metadata.is_file() {
        return Err(problem(
            name,
            "not-a-file",
            [
                &format!("`{name}` is neither a file nor a folder"),
                "reading a pipe or a device may never end",
                "delete it, or put a file in its place",
            ],
        ));
    }
    let too_large = |size: u64| {
        let what = format!("the file has {size} bytes or more");
        let why = format!("files of more than {bound} bytes are not read");
        problem(name, "file-too-large", [&what, &why, "split it into several files"])
    };
    if metadata.len() > bound {
        return Err(too_large(metadata.len()));
    }
    match plain::read(path, bound) {
        Ok(bytes) => Ok(bytes),
        Err(Unread::Large(_)) => Err(too_large(bound + 1)),
        Err(Unread::System(error)) => Err(super::walk::unreadable(name, &error)),
    }
}
