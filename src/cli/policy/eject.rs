//! `muster policy eject`: a built-in rule as a beginning of one's own.

use std::path::Path;

use super::args::EjectArgs;
use super::rules::{folder, named};
use crate::cli::exit::{Exit, Failure};
use crate::cli::guardrails::Guardrails;
use crate::edge::{files, project, terminal};
use crate::guard::builtin;

/// `muster policy eject`.
pub(super) fn run(args: &EjectArgs) -> Result<Exit, Failure> {
    // The project's own rules have no part in it: its folder of policies may not be there yet.
    let guardrails = Guardrails::built_in()?;
    let root = project::find_root(Path::new(".")).ok();
    let rule = named(&guardrails, &args.rule)?;
    let id = &rule.id;
    let to = args.folder.join(format!("own-{id}"));
    let files: Vec<(std::path::PathBuf, String)> = guardrails
        .all
        .files
        .iter()
        .filter(|file| Some(file.folder()) == folder(rule))
        .map(|file| {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            (to.join(name), builtin::as_own(id, &file.text))
        })
        .collect();
    if files::exists(&to) {
        let what = format!("`{}` is there already", to.display());
        return Err(Failure::new(
            Exit::Error,
            &what,
            "nothing is written over: move it away first",
        ));
    }
    for (path, text) in &files {
        files::write_new(path, text).map_err(|error| Failure::new(Exit::Error, &error, ""))?;
        terminal::text(&format!("wrote {}\n", path.display()))?;
    }
    let folder = in_project(root.as_deref(), &args.folder);
    let mut next = format!("\nWrite in muster.yaml:\n\n  policies: [{folder}]\n");
    if rule.waivable {
        next.push_str(&format!("  rules: {{{id}: {{off: \"replaced by own-{id}\"}}}}\n"));
    } else {
        next.push_str(&format!(
            "\n`{id}` cannot be turned off: it keeps people from being locked out. The copy runs \
             beside it.\n"
        ));
    }
    terminal::text(&next)?;
    Ok(Exit::Ok)
}

/// A folder as `muster.yaml` would name it: relative to the project, where it is below it.
fn in_project(root: Option<&Path>, folder: &Path) -> String {
    let real = |path: &Path| files::real(path).unwrap_or_else(|| path.to_owned());
    let below =
        root.and_then(|root| real(folder).strip_prefix(real(root)).ok().map(Path::to_owned));
    below.unwrap_or_else(|| folder.to_owned()).display().to_string()
}
