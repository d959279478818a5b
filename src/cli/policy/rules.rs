//! The rules that `muster policy` is about, and how one of them is found.

use std::path::{Path, PathBuf};

use crate::cli::exit::{Exit, Failure};
use crate::cli::failures::problems;
use crate::cli::guardrails::Guardrails;
use crate::config::nearest;
use crate::edge::project;
use crate::guard::rego::Rule;

/// The guardrails of the project that is found from here upwards, with its folder; those built in
/// where there is none.
pub(super) fn guardrails() -> Result<(Option<PathBuf>, Guardrails), Failure> {
    let here = Path::new(".");
    if project::find_root(here).is_err() {
        return Ok((None, Guardrails::built_in()?));
    }
    let read = project::read_project_file(here);
    let (root, file, project) = read.map_err(|found| problems(&found, &[]))?;
    let guardrails = Guardrails::of(&root, &project, &[&file])?;
    Ok((Some(root), guardrails))
}

/// The folder that holds a rule.
pub(super) fn folder(rule: &Rule) -> Option<&str> {
    rule.file.rsplit_once('/').map(|(folder, _)| folder)
}

/// The rule of this id.
pub(super) fn named<'a>(guardrails: &'a Guardrails, id: &str) -> Result<&'a Rule, Failure> {
    let outline = &guardrails.outline;
    outline.get(id).ok_or_else(|| {
        let remedy = match nearest(id, outline.rules().iter().map(|rule| rule.id.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`muster policy list` shows the rules there are".to_owned(),
        };
        Failure::new(Exit::Error, &format!("there is no rule `{id}`"), &remedy)
    })
}
