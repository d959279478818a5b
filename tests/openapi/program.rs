//! The program against a whole organization, every exchange of it validated: a plan, an apply, and
//! a plan that has nothing left to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use muster::edge::sandbox::greenlake::GreenLakeOptions;
use muster::edge::twin::{Twin, start_twin};
use serde_json::Value;
use tempfile::TempDir;

use crate::front::{Exchange, Front};
use crate::{prism, say};

/// Where a token comes from; HPE publishes no OpenAPI of it.
const TOKENS: &str = "/authorization/v2/oauth2/";

/// A copy of the example, about the twin instead of one of its own.
struct Project {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            // What a rehearsal keeps is no part of the example.
            if entry.file_name() != ".muster" {
                copy(&entry.path(), &to);
            }
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_else(|| panic!("no `{name}`: {row}"))
}

impl Project {
    /// The published APIs are at `url`; what HPE publishes nothing of is at the twin itself.
    fn new(example: &Path, seed: &Value, (url, twin): (&str, &Twin)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(example, folder.path());
        let path = folder.path().join("muster.yaml");
        let written = fs::read_to_string(&path).unwrap();
        let rest = written.split_once("\nroles:\n").unwrap().1;
        let rows = |name: &str| seed[name].as_array().unwrap().iter();
        let ids: BTreeMap<&str, &str> =
            rows("workspaces").map(|row| (text(row, "name"), text(row, "id"))).collect();
        let mut workspaces = String::new();
        let mut variables = Vec::new();
        for client in rows("clients") {
            let workspace = text(client, "workspace");
            let variable = workspace.to_uppercase();
            let id = ids[workspace];
            workspaces.push_str(&format!(
                "    {workspace}: {{ id: {id}, credential: env:{variable} }}\n"
            ));
            variables.push((format!("{variable}_CLIENT_ID"), text(client, "id").to_owned()));
            variables
                .push((format!("{variable}_CLIENT_SECRET"), text(client, "secret").to_owned()));
        }
        let (own, dns) = (twin.server.url(), twin.dns);
        let project = format!(
            "organization: acme\ntarget:\n  provider: greenlake\n  url: {url}\n  workspace: main\n  \
             credential: env:MAIN\n  workspaces:\n{workspaces}  experimental: [domains, sso]\n  \
             experimentalUrl: {own}\ndns: {{ resolvers: [\"{dns}\", \"{dns}\"] }}\nroles:\n{rest}"
        );
        fs::write(path, project).unwrap();
        Self { folder, variables }
    }

    /// Runs the program to its end, with nothing that breaks the OpenAPI; what it wrote to stdout.
    async fn run(&self, front: &Front, arguments: &[&str], status: i32) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let mut broken = front.exchanges();
        broken.retain(|one| one.violation.is_some());
        assert!(broken.is_empty(), "{} break the OpenAPI: {broken:#?}", broken.len());
        let (out, err) =
            (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert_eq!(ended.status.code(), Some(status), "{arguments:?}:\n{out}\n{err}");
        out.into_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_keeps_to_hpe_s_openapi_from_plan_to_plan() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/greenlake-acme");
    let seed: Value =
        serde_json::from_str(&fs::read_to_string(example.join("live.json")).unwrap()).unwrap();
    let options = GreenLakeOptions { seed: Some(seed.clone()), ..GreenLakeOptions::default() };
    let twin = start_twin(options, None).await.unwrap();
    let front = Front::start(&prism::SPECS, &twin.server.url()).await;
    let project = Project::new(&example, &seed, (&front.url(), &twin));

    let plan = project.run(&front, &["plan", "--detailed-exitcode"], 2).await;
    assert!(plan.contains("Plan: "), "{plan}");
    let planned = front.exchanges().len();
    // One domain of the example waits for its record.
    let applied = project.run(&front, &["apply", "--yes"], 7).await;
    let done = front.exchanges().len();
    let rest = project.run(&front, &["plan", "--detailed-exitcode"], 0).await;
    assert!(rest.contains("No changes now."), "{applied}\n{rest}");

    let exchanges = front.exchanges();
    let astray: Vec<&Exchange> = (exchanges.iter())
        .filter(|one| one.spec.is_none() && !one.path.starts_with(TOKENS))
        .collect();
    assert!(astray.is_empty(), "held to no file: {astray:#?}");
    let validated: Vec<&Exchange> = exchanges.iter().filter(|one| one.spec.is_some()).collect();
    let is_write = |one: &&&Exchange| one.method != "GET";
    for spec in ["scim", "authorization"] {
        let written = validated.iter().filter(is_write).filter(|one| one.spec == Some(spec));
        assert!(written.count() > 0, "nothing was written of {spec}");
    }
    assert!(exchanges[..planned].iter().all(|one| one.spec.is_none() || one.method == "GET"));
    assert!(planned > 0 && done > planned && exchanges.len() > done);
    say(&format!(
        "{} exchanges of the program validated against HPE's OpenAPI, {} of them writes: \
         {planned} for the plan, {} for apply, {} for the plan after it",
        validated.len(),
        validated.iter().filter(is_write).count(),
        done - planned,
        exchanges.len() - done,
    ));
    twin.stop().await;
}
