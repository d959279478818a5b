//! The base of a change on disk: a commit of the project's Git repository, or a folder.

mod error;
mod git;

use std::fmt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub use self::error::BaseError;
use self::git::Repository;
use super::project::{self, ProjectFiles};
use crate::config::Project;

/// Where a base is to be had.
#[derive(Clone, Debug)]
pub enum BaseSource {
    /// A branch, tag or commit of the repository that holds the project (`--base`).
    Reference(String),
    /// A folder: the base's project, or a checkout that holds it (`--base-dir`).
    Folder(PathBuf),
}

impl fmt::Display for BaseSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(name) => formatter.write_str(name),
            Self::Folder(path) => write!(formatter, "{}", path.display()),
        }
    }
}

/// The files of a base.
pub struct BaseFiles {
    /// The base's name in messages: what was given, and the commit that it is.
    pub name: String,
    /// The project of this organization and target; `None` where the base has none.
    pub project: Option<ProjectFiles>,
    /// Keeps the copy of a commit.
    _copy: Option<TempDir>,
}

/// Reads the base of the project at `root`.
///
/// # Errors
///
/// [`BaseError`].
pub fn read(source: &BaseSource, root: &Path, project: &Project) -> Result<BaseFiles, BaseError> {
    match source {
        BaseSource::Reference(name) => of_commit(name, root, project),
        BaseSource::Folder(folder) => of_folder(folder, root),
    }
}

fn of_commit(name: &str, root: &Path, project: &Project) -> Result<BaseFiles, BaseError> {
    let repository = Repository::around(root)?;
    let commit = repository.commit(name)?;
    let name = format!("{name} ({})", commit.id.get(..12).unwrap_or(&commit.id));
    let all: Vec<&str> = commit.projects().collect();
    if all.contains(&repository.folder.as_str()) {
        return loaded(name, commit.files(&repository.folder)?);
    }
    // A project that was moved is the same project.
    let mut found = Vec::new();
    for folder in all {
        let copy = commit.files(folder)?;
        let other = project::read_project_file(copy.path());
        let (_, _, other) = other.map_err(|problems| BaseError::Files(Box::new(problems)))?;
        if is_same(project, &other) {
            found.push((folder, copy));
        }
    }
    if found.len() > 1 {
        let folders = found.iter().map(|(folder, _)| (*folder).to_owned()).collect();
        return Err(BaseError::Several(folders));
    }
    match found.pop() {
        Some((_, copy)) => loaded(name, copy),
        None => Ok(BaseFiles { name, project: None, _copy: None }),
    }
}

fn loaded(name: String, copy: TempDir) -> Result<BaseFiles, BaseError> {
    let files = project::read_project_at(copy.path());
    let files = files.map_err(|problems| BaseError::Files(Box::new(problems)))?;
    Ok(BaseFiles { name, project: Some(files), _copy: Some(copy) })
}

fn of_folder(folder: &Path, root: &Path) -> Result<BaseFiles, BaseError> {
    if !folder.is_dir() {
        return Err(BaseError::NoFolder(folder.to_owned()));
    }
    let name = folder.display().to_string();
    // A checkout of the whole repository holds the project where the repository here does.
    let inside = Repository::around(root).ok().map(|repository| folder.join(repository.folder));
    let places = [Some(folder.to_owned()), inside];
    let there = places.into_iter().flatten().find(|place| project::is_project(place));
    let Some(there) = there else { return Ok(BaseFiles { name, project: None, _copy: None }) };
    let files = project::read_project_at(&there);
    let files = files.map_err(|problems| BaseError::Files(Box::new(problems)))?;
    Ok(BaseFiles { name, project: Some(files), _copy: None })
}

/// Whether two projects are of one organization and one target.
fn is_same(one: &Project, other: &Project) -> bool {
    let target = |project: &Project| {
        let target = &project.target;
        (target.provider, target.url.clone(), target.seed.clone(), target.workspace.clone())
    };
    one.organization == other.organization && target(one) == target(other)
}
