//! `muster import`: a live organization as files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::args::ImportArgs;
use super::context::instant;
use super::exit::{Exit, Failure};
use super::plan::{open, unread};
use crate::config::{Desired, Items, SourceText, parse};
use crate::edge::project::read_project_file;
use crate::edge::{files, terminal};
use crate::live::Live;
use crate::plan::plan;
use crate::report::{self, Imported, import};

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
    let imported = import(&project, &live, serde_yaml::to_string)
        .map_err(|error| Failure::new(Exit::Error, &format!("not written: {error}"), ""))?;
    let now = instant(None)?;
    check(&project_file, &imported, &live, now)?;
    let folder = args.out.as_path();
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
    tell(&imported, folder, made.reads);
    Ok(Exit::Ok)
}

/// Reads back what is to be written, and plans with it: there must be nothing to do.
fn check(
    project_file: &SourceText,
    imported: &Imported,
    live: &Live,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    let sources: Vec<SourceText> = imported
        .files
        .iter()
        .map(|(path, text)| SourceText {
            name: Arc::from(path.as_str()),
            bytes: text.clone().into_bytes(),
        })
        .collect();
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
    if let Some(change) = planned.changes.first() {
        let what = format!(
            "the plan after this import would not be empty: {} changes, the first of `{}` ({}); \
             nothing was written",
            planned.changes.len(),
            change.address,
            change.reason
        );
        return Err(Failure::new(
            Exit::Error,
            &what,
            "please report it, with the object as the target shows it",
        ));
    }
    Ok(())
}

fn tell(imported: &Imported, folder: &Path, reads: u64) {
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
    terminal::note(&format!(
        "{reads} requests made.\n\nNext: muster plan (there is nothing to do)\n"
    ));
}
