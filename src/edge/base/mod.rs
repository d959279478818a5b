//! The base of a change on disk: a commit of the project's Git repository, or a folder.

mod error;
mod git;

use std::collections::BTreeSet;
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
    /// The project of this target; `None` where the base has none.
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
        BaseSource::Folder(folder) => of_folder(folder, root, project),
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
        if is_of(copy.path(), project)? {
            found.push((folder.to_owned(), copy));
        }
    }
    match only(found)? {
        Some(copy) => loaded(name, copy),
        None => Ok(BaseFiles { name, project: None, _copy: None }),
    }
}

fn loaded(name: String, copy: TempDir) -> Result<BaseFiles, BaseError> {
    let project = Some(read_at(copy.path())?);
    Ok(BaseFiles { name, project, _copy: Some(copy) })
}

fn of_folder(folder: &Path, root: &Path, project: &Project) -> Result<BaseFiles, BaseError> {
    if !folder.is_dir() {
        return Err(BaseError::NoFolder(folder.to_owned()));
    }
    let name = folder.display().to_string();
    // A checkout of the whole repository holds the project where the repository here does.
    let inside = Repository::around(root).ok().map(|repository| folder.join(repository.folder));
    let places = [Some(folder.to_owned()), inside];
    let there = match places.into_iter().flatten().find(|place| project::is_project(place)) {
        Some(there) => Some(there),
        None => moved(folder, project)?,
    };
    let project = there.as_deref().map(read_at).transpose()?;
    Ok(BaseFiles { name, project, _copy: None })
}

fn read_at(folder: &Path) -> Result<ProjectFiles, BaseError> {
    project::read_project_at(folder).map_err(|problems| BaseError::Files(Box::new(problems)))
}

/// The folder of a checkout that holds the project now, where it is another than here.
fn moved(checkout: &Path, project: &Project) -> Result<Option<PathBuf>, BaseError> {
    let mut found = Vec::new();
    let mut open = vec![checkout.to_owned()];
    while let Some(folder) = open.pop() {
        if project::is_project(&folder) && is_of(&folder, project)? {
            found.push((folder.display().to_string(), folder.clone()));
        }
        let unread = |error| BaseError::Unread(folder.clone(), error);
        for entry in std::fs::read_dir(&folder).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            // Links may lead anywhere, and a folder whose name begins with a dot holds no project.
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !is_hidden && entry.file_type().map_err(unread)?.is_dir() {
                open.push(entry.path());
            }
        }
    }
    only(found)
}

/// The one that was found, by its folder. A folder lists its entries in any order.
fn only<T>(mut found: Vec<(String, T)>) -> Result<Option<T>, BaseError> {
    if found.len() > 1 {
        let mut folders: Vec<String> = found.into_iter().map(|(folder, _)| folder).collect();
        folders.sort();
        return Err(BaseError::Several(folders));
    }
    Ok(found.pop().map(|(_, one)| one))
}

/// Whether the project in a folder is of the same target.
fn is_of(folder: &Path, project: &Project) -> Result<bool, BaseError> {
    let other = project::read_project_file(folder);
    let (_, _, other) = other.map_err(|problems| BaseError::Files(Box::new(problems)))?;
    Ok(is_same(project, &other))
}

/// Whether two projects are of one target. What the organization, a workspace and the provider are
/// called decides nothing: else a change of a name would be a change of the guard.
fn is_same(one: &Project, other: &Project) -> bool {
    let place = |project: &Project| {
        let target = &project.target;
        let url = target.url.as_ref().map(|url| url.trim_end_matches('/').to_lowercase());
        let provider = url.is_none().then_some(target.provider);
        let workspaces = target.workspaces.values().map(|one| one.id.to_lowercase());
        let workspaces: BTreeSet<String> = workspaces.collect();
        (url, provider, target.seed.clone(), workspaces)
    };
    let ((url, provider, seed, here), (others, by, from, there)) = (place(one), place(other));
    let is_shared = !here.is_disjoint(&there) || (here.is_empty() && there.is_empty());
    (url, provider, seed) == (others, by, from) && is_shared
}
