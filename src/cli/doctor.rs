//! `muster doctor`: which profile fits a server, and why; of HPE GreenLake, which parts answer.

use super::args::{DoctorArgs, Format};
use super::exit::{Exit, Failure};
use super::plan::open;
use crate::edge::project::ProjectFiles;
use crate::edge::session::Examined;
use crate::edge::terminal;
use crate::provider::greenlake::Checkup;
use crate::provider::scim::Diagnosis;
use crate::report::plain;

/// `muster doctor`.
pub(super) async fn run(files: &ProjectFiles, args: DoctorArgs) -> Result<Exit, Failure> {
    let session = open(&files.project, &files.root, args.target).await?;
    let examined = session.examine().await;
    let (target, chosen) = (session.target.clone(), session.dialect());
    let made = session.requests_made();
    session.close().await;
    let found = examined.map_err(|error| Failure::unread(Exit::Unreachable, &error.said))?;
    match (args.format.format, found) {
        (Format::Text, Examined::Scim(found)) => {
            terminal::text(&shown(&found, &target, chosen))?;
        }
        (Format::Text, Examined::Greenlake(found)) => {
            terminal::text(&checkup(&found, &target))?;
        }
        (Format::Json, Examined::Greenlake(found)) => {
            let json = serde_json::json!({
                "target": target,
                "own": found.own,
                "seen": found.seen,
                "warnings": found.warnings,
                "requestsMade": made.reads + made.writes,
            });
            terminal::json(&json)?;
        }
        (Format::Json, Examined::Scim(found)) => {
            let json = serde_json::json!({
                "target": target,
                "profile": found.profile,
                "configured": chosen,
                "because": found.because,
                "seen": found.seen,
                "warnings": found.warnings,
                "requestsMade": made.reads + made.writes,
            });
            terminal::json(&json)?;
        }
    }
    Ok(Exit::Ok)
}

fn checkup(found: &Checkup, target: &str) -> String {
    let mut out = format!("{}\n", plain(target));
    for (title, lines) in [
        ("Muster acts as:", &found.own),
        ("What the platform shows:", &found.seen),
        ("Take care:", &found.warnings),
    ] {
        if !lines.is_empty() {
            out.push_str(&format!("\n{title}\n"));
        }
        for line in lines {
            out.push_str(&format!("  - {}\n", plain(line)));
        }
    }
    out
}

fn shown(found: &Diagnosis, target: &str, chosen: &str) -> String {
    let mut out = format!("{}\n\nThe profile that fits is `{}`:\n", plain(target), found.profile);
    let mut lines = |title: &str, lines: &[String]| {
        if !title.is_empty() && !lines.is_empty() {
            out.push_str(&format!("\n{title}\n"));
        }
        for line in lines {
            out.push_str(&format!("  - {}\n", plain(line)));
        }
    };
    lines("", &found.because);
    lines("What the server says and shows:", &found.seen);
    lines("Take care:", &found.warnings);
    if chosen == found.profile {
        out.push_str(&format!("\nmuster.yaml uses `{chosen}` already.\n"));
    } else {
        out.push_str(&format!(
            "\nmuster.yaml uses `{chosen}`. To change it: target.profile: {}\n",
            found.profile
        ));
    }
    out
}
