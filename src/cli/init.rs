//! `muster init`: a small working project.

use std::path::Path;

use super::args::InitArgs;
use super::exit::{Exit, Failure};
use crate::config::starter_project;
use crate::edge::environment::folder_name;
use crate::edge::{files, terminal};

/// `muster init`. Files that are there are never written over: if one is, nothing is written.
/// `chdir` is the folder that was gone to before: what to do next is told from where one is.
pub(super) fn run(chdir: Option<&Path>, args: &InitArgs) -> Result<Exit, Failure> {
    let written = starter_project(&organization(args));
    let taken: Vec<String> = written
        .iter()
        .map(|(path, _)| args.folder.join(path))
        .filter(|path| files::exists(path))
        .map(|path| format!("`{}`", path.display()))
        .collect();
    if !taken.is_empty() {
        let what = format!("{} is there already; nothing was written", taken.join(", "));
        return Err(Failure::new(Exit::Error, &what, "name an empty folder: muster init DIR"));
    }
    for (path, text) in &written {
        let path = args.folder.join(path);
        files::write_new(&path, text)
            .map_err(|error| Failure::new(Exit::Error, &format!("not written: {error}"), ""))?;
        terminal::note(&format!("wrote {}\n", path.display()));
    }
    let place = chdir.map_or_else(|| args.folder.clone(), |chdir| chdir.join(&args.folder));
    if place == Path::new(".") {
        terminal::note("\nNext: muster plan\n");
    } else {
        terminal::note(&format!("\nNext: muster plan -C {}\n", place.display()));
    }
    Ok(Exit::Ok)
}

/// The organization's name: as given, or the folder's.
fn organization(args: &InitArgs) -> String {
    let named = args.organization.clone().or_else(|| folder_name(&args.folder));
    named.unwrap_or_else(|| "my-organization".to_owned())
}
