//! `muster init`: a small working project.

use super::args::InitArgs;
use super::exit::{Exit, Failure};
use crate::config::starter_project;
use crate::edge::{files, terminal};

/// `muster init`. Files that are there are never written over: if one is, nothing is written.
pub(super) fn run(args: &InitArgs) -> Result<Exit, Failure> {
    let written = starter_project(&organization(args));
    let taken: Vec<String> = written
        .iter()
        .map(|(path, _)| args.folder.join(path))
        .filter(|path| path.exists())
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
    let place = args.folder.display();
    terminal::note(&format!("\nNext: muster plan -C {place}\n"));
    Ok(Exit::Ok)
}

/// The organization's name: as given, or the folder's.
fn organization(args: &InitArgs) -> String {
    let folder = args.folder.file_name().and_then(|name| name.to_str());
    args.organization.as_deref().or(folder).unwrap_or("my-organization").to_owned()
}
