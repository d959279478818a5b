//! `muster import`: a live organization as files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::args::ImportArgs;
use super::context::instant;
use super::exit::{Exit, Failure};
use super::plan::{open, unread};
use crate::config::{Desired, Items, Project, SourceText, parse};
use crate::edge::project::read_project_file;
use crate::edge::{files, terminal};
use crate::live::Live;
use crate::plan::plan;
use crate::report::{self, Imported, Undeclarable, import, undeclarable};

/// `muster import`. Nothing is written over, and nothing is written that would not plan empty.
pub(super) async fn run(args: &ImportArgs) -> Result<Exit, Failure> {
    let (root, project_file, project) =
        read_project_file(Path::new(".")).map_err(|found| Failure {
            exit: Exit::Error,
            message: report::diagnostics(&found, &[], terminal::stderr_style()),
        })?;
    let session = open(&project, &root, args.target).await?;
    let nothing = Desired {
        project: project.clone(),
        items: Items::default(),
        intents: BTreeMap::new(),
        waivers: Vec::new(),
        digests: BTreeMap::new(),
    };
    let read = async {
        let reading = session.read().await?;
        session.settle(reading, &nothing).await
    };
    let read = read.await;
    let made = session.requests_made();
    session.close().await;
    let live = read.map_err(|error| unread(&error))?.live;
    let now = instant(None)?;
    let folder = args.out.as_path();
    let (imported, left) = declarable(&project_file, (&project, &live), folder)?;
    check(&project_file, (&imported, &left), folder, (&live, now))?;
    let taken: Vec<String> = imported
        .files
        .keys()
        .map(|path| root.join(folder).join(path))
        .filter(|path| files::exists(path))
        .map(|path| format!("`{}`", path.display()))
        .collect();
    if !taken.is_empty() {
        let what = format!("{} is there already; nothing was written", taken.join(", "));
        return Err(Failure::new(
            Exit::Error,
            &what,
            "name another folder: muster import --out DIR",
        ));
    }
    for (path, text) in &imported.files {
        files::write_new(&root.join(folder).join(path), text)
            .map_err(|error| Failure::new(Exit::Error, &format!("not written: {error}"), ""))?;
    }
    tell((&imported, &left), folder, made.reads);
    Ok(Exit::Ok)
}

/// The files, and the things that they cannot hold, which are left out. These are looked for only
/// where something of all that is live cannot be read back.
fn declarable(
    project_file: &SourceText,
    (project, live): (&Project, &Live),
    folder: &Path,
) -> Result<(Imported, Undeclarable), Failure> {
    let to_yaml = serde_yaml::to_string::<serde_json::Value>;
    let not_written =
        |error: serde_yaml::Error| Failure::new(Exit::Error, &format!("not written: {error}"), "");
    let nothing = Undeclarable::default();
    let all = import(project, live, &nothing, to_yaml).map_err(not_written)?;
    if parse(project_file, &sources(&all, folder), 1).is_ok() {
        return Ok((all, nothing));
    }
    let left = undeclarable(project_file, (project, live), to_yaml).map_err(not_written)?;
    let imported = import(project, live, &left, to_yaml).map_err(not_written)?;
    Ok((imported, left))
}

/// The files as they will lie in the project.
fn sources(imported: &Imported, folder: &Path) -> Vec<SourceText> {
    let source = |(path, text): (&String, &String)| SourceText {
        name: Arc::from(folder.join(path).to_string_lossy()),
        bytes: text.clone().into_bytes(),
    };
    imported.files.iter().map(source).collect()
}

/// Reads back what is to be written, and plans with it: there must be nothing to do.
fn check(
    project_file: &SourceText,
    (imported, left): (&Imported, &Undeclarable),
    folder: &Path,
    (live, now): (&Live, jiff::Timestamp),
) -> Result<(), Failure> {
    let sources = sources(imported, folder);
    if sources.is_empty() {
        let what = "nothing that is live is managed; nothing was written";
        return Err(Failure::new(Exit::Error, what, "say in `manage` what muster is to keep"));
    }
    let mut texts: Vec<&SourceText> = sources.iter().collect();
    texts.push(project_file);
    let (desired, _) = parse(project_file, &sources, 1).map_err(|found| {
        let told = report::diagnostics(&found, &texts, terminal::stderr_style());
        let lead = "error: what is live cannot all be declared; nothing was written\n\n";
        Failure { exit: Exit::Error, message: format!("{lead}{told}") }
    })?;
    let planned = plan(&desired, live, now);
    let Some(change) = planned.changes.first() else { return Ok(()) };
    let removed = left.objects().find(|one| planned.changes.iter().any(|c| c.address == **one));
    if let Some(removed) = removed {
        let what = format!(
            "`{removed}` cannot be declared, and the next plan would remove it for that; nothing \
             was written",
        );
        let remedy = format!(
            "give it another name at the target, or set `onRemove: report` in `manage.{}` until it \
             has one",
            removed.kind().plural()
        );
        return Err(Failure::new(Exit::Error, &what, &remedy));
    }
    let what = format!(
        "the plan after this import would not be empty: {} changes, the first of `{}` ({}); \
         nothing was written",
        planned.changes.len(),
        change.address,
        change.reason
    );
    let remedy = "please report it, with the object as the target shows it";
    Err(Failure::new(Exit::Error, &what, remedy))
}

/// The number of things that cannot be declared and are named.
const NAMED: usize = 20;

fn tell((imported, left): (&Imported, &Undeclarable), folder: &Path, reads: u64) {
    let counts: Vec<String> =
        imported.written.iter().map(|(kind, count)| kind.counted(*count)).collect();
    terminal::note(&format!(
        "wrote {} files into {}: {}\n",
        imported.files.len(),
        folder.display(),
        counts.join(", ")
    ));
    for ((kind, why), count) in &imported.left_out {
        let what = kind.counted(*count);
        terminal::note(&format!("left out {what}: {}\n", report::plain(why)));
    }
    for line in left.lines().take(NAMED) {
        terminal::note(&format!("cannot be declared: {}\n", report::plain(&line)));
    }
    if let Some(more) = left.lines().count().checked_sub(NAMED).filter(|more| *more > 0) {
        terminal::note(&format!("cannot be declared: {more} more\n"));
    }
    terminal::note(&format!(
        "{reads} requests made.\n\nNext: muster plan (there is nothing to do)\n"
    ));
}
