//! `muster import` of an organization: it plans empty, and it is enough to build all of it again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use muster::edge::sandbox::greenlake::{GreenLakeOptions, start_greenlake};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::turn::{rows, text};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/greenlake-acme");
/// Where the example keeps its twin.
const STATE: &str = ".muster/twin.json";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_name().to_str() {
            Some(".muster") => {}
            _ if from.is_dir() => copy(&from, &to),
            _ => drop(fs::copy(&from, &to).unwrap()),
        }
    }
}

fn muster(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command.args(arguments).current_dir(folder).env_clear().output().unwrap()
}

#[track_caller]
fn exits(folder: &Path, arguments: &[&str], status: i32) {
    let output = muster(folder, arguments);
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{out}\n{err}");
}

/// Applies. One domain of the example waits for its record in DNS for ever: that is 7.
#[track_caller]
fn converge(folder: &Path) {
    exits(folder, &["apply", "--yes"], 7);
    exits(folder, &["plan", "--detailed-exitcode"], 0);
}

/// What the example's twin holds now.
fn export(folder: &Path) -> Value {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let options = GreenLakeOptions {
            state_file: Some(folder.join(STATE)),
            ..GreenLakeOptions::default()
        };
        let server = start_greenlake(options).await.unwrap();
        let state = server.with(|twin| twin.state.export()).await.unwrap();
        server.stop().await;
        state
    })
}

/// The organization without ids and dates, every list by what names its rows.
fn picture(state: &Value) -> BTreeMap<String, Vec<Value>> {
    let mut groups: BTreeMap<String, String> = BTreeMap::new();
    for group in rows(state, "scopeGroups") {
        let place = format!("{}/{}", text(group, "workspace"), text(group, "name"));
        groups.insert(text(group, "id").to_owned(), place);
    }
    let lists = ["users", "groups", "assignments"].map(|list| {
        let rows = rows(state, list).iter().map(|row| {
            let mut row = row.as_object().unwrap().clone();
            row.remove("id");
            row.remove("sourceInstance");
            // Whoever is made anew is `STAGED` until they accept the invitation themselves.
            row.remove("active");
            row.remove("status");
            if let Some(Value::Array(members)) = row.get_mut("members") {
                members.sort_by_key(Value::to_string);
            }
            if let Some(Value::Array(scopes)) = row.get_mut("scope") {
                for scope in scopes.iter_mut() {
                    let named = scope.as_str().and_then(|grn| groups.get(grn.rsplit('/').next()?));
                    if let Some(name) = named {
                        *scope = json!(name);
                    }
                }
                scopes.sort_by_key(Value::to_string);
            }
            Value::Object(row)
        });
        let mut rows: Vec<Value> = rows.collect();
        rows.sort_by_key(Value::to_string);
        (list.to_owned(), rows)
    });
    BTreeMap::from(lists)
}

/// The seed without what muster manages: what is protected, led elsewhere or outside stays.
fn wiped(state: &Value) -> Value {
    let mut seed = state.clone();
    let of = |name: &str, domain: &str| name.ends_with(domain);
    let is_outside = |group: &Value| {
        text(group, "source") != "Local" || text(group, "displayName").starts_with("legacy-")
    };
    // Whoever is in a group that nobody manages would be lost to it.
    let outside: BTreeSet<&str> = rows(state, "groups")
        .iter()
        .filter(|group| is_outside(group))
        .flat_map(|group| group["members"].as_array().unwrap())
        .map(|name| name.as_str().unwrap())
        .collect();
    let stays = |user: &Value| {
        let name = text(user, "userName");
        text(user, "source") != "Local"
            || outside.contains(name)
            || of(name, "@rescue.example")
            || of(name, "@recovery.auth.greenlake.hpe.com")
            || !(of(name, "@acme.example") || of(name, ".acme.example"))
    };
    let kept: BTreeSet<String> = rows(state, "users")
        .iter()
        .filter(|user| stays(user))
        .map(|user| text(user, "userName").to_owned())
        .collect();
    let keep = |seed: &mut Value, list: &str, stays: &dyn Fn(&Value) -> bool| {
        seed[list].as_array_mut().unwrap().retain(stays);
    };
    keep(&mut seed, "users", &stays);
    keep(&mut seed, "groups", &is_outside);
    for group in seed["groups"].as_array_mut().unwrap() {
        let members = group["members"].as_array_mut().unwrap();
        members.retain(|name| kept.contains(name.as_str().unwrap()));
    }
    keep(&mut seed, "assignments", &|row| {
        let (kind, name) = text(row, "principal").split_once(':').unwrap();
        let is_ours = text(row, "source") == "LOCAL" && name.contains("@rescue.example");
        text(row, "source") != "LOCAL" || (kind == "user" && is_ours) || kind == "api-client"
    });
    seed
}

/// The example after one apply, in a folder of its own.
fn applied() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(EXAMPLE), folder.path());
    converge(folder.path());
    folder
}

/// Takes the files of a project away and imports them anew.
fn imported(folder: &Path) {
    fs::remove_dir_all(folder.join("identity")).unwrap();
    exits(folder, &["import"], 0);
}

/// An organization that is only imported says nothing yet of owners, reasons and ends, and one of
/// its domains is still to be proved: the guardrails that ask for those are off, and say why.
fn without_terms(folder: &Path) {
    let file = folder.join("muster.yaml");
    let mut project = fs::read_to_string(&file).unwrap();
    project = project
        .replace("privileged-until: { maxDays: 40000 }", "privileged-until: { off: imported }");
    for rule in ["group-owner", "privileged-owner", "privileged-reason", "unverified-domain-roles"]
    {
        project.push_str(&format!("  {rule}: {{ off: imported }}\n"));
    }
    fs::write(&file, project).unwrap();
}

#[test]
fn what_is_imported_plans_empty() {
    let folder = applied();
    imported(folder.path());
    let before = export(folder.path());
    exits(folder.path(), &["plan", "--detailed-exitcode"], 0);
    assert_eq!(export(folder.path()), before);
}

#[test]
fn what_is_imported_is_enough_to_build_the_organization_again() {
    let folder = applied();
    imported(folder.path());
    let before = export(folder.path());
    let seed = wiped(&before);
    let count = |state: &Value, list: &str| rows(state, list).len();
    assert!(count(&seed, "users") * 4 < count(&before, "users"), "too little is wiped");
    assert!(count(&seed, "groups") == 2 && count(&seed, "assignments") < 12, "{seed:#}");
    fs::remove_dir_all(folder.path().join(".muster")).unwrap();
    fs::write(folder.path().join("live.json"), seed.to_string()).unwrap();
    without_terms(folder.path());
    converge(folder.path());
    let (before, after) = (picture(&before), picture(&export(folder.path())));
    for (list, rows) in &before {
        for row in rows {
            let name = |row: &Value| [text(row, "userName"), text(row, "displayName")].join(" ");
            let now: Vec<&Value> = after[list].iter().filter(|it| name(it) == name(row)).collect();
            assert!(after[list].contains(row), "{list} lost {row}, and has {now:?}");
        }
        for row in &after[list] {
            assert!(rows.contains(row), "{list} has {row} now");
        }
    }
}
