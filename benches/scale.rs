//! How long `check` and `plan` take on a very large organization, against the bare parses of the
//! same bytes: `cargo bench --bench scale [-- USERS GROUPS MEMBERS_EACH]`.
//!
//! Figures are whole-process wall times, the best of three, on whatever machine this is; only the
//! ratios mean anything.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and runs the binary")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up has no figures")]
#![expect(clippy::print_stdout, reason = "figures are what it is for")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as Segment, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Clone, Copy)]
struct Size {
    users: usize,
    groups: usize,
    members: usize,
}

impl Size {
    fn member(self, group: usize, place: usize) -> usize {
        (group * 37 + place * 991) % self.users
    }
}

fn user_name(n: usize) -> String {
    format!("user{n:06}@example.com")
}

/// Writes the project: users in twenty files, groups in twenty others.
fn write_project(size: Size, root: &Path, url: &str) -> Vec<String> {
    let mut files = Vec::new();
    for part in 0..20 {
        let mut users = String::from("users:\n");
        for n in (0..size.users).filter(|n| n % 20 == part) {
            users += &format!(
                "  {}: {{ name: {{ givenName: Given{n}, familyName: Family{n} }}, displayName: Given{n} Family{n}, title: Engineer }}\n",
                user_name(n)
            );
        }
        files.push((format!("users-{part:02}.yaml"), users));
        let mut groups = String::from("groups:\n");
        for g in (0..size.groups).filter(|g| g % 20 == part) {
            groups +=
                &format!("  group-{g:05}:\n    description: Group number {g}\n    members:\n");
            for place in 0..size.members {
                groups += &format!("      - {}\n", user_name(size.member(g, place)));
            }
        }
        files.push((format!("groups-{part:02}.yaml"), groups));
    }
    let project = format!(
        "organization: scale\ntarget: {{ provider: scim, url: \"{url}\", credential: env:SCALE }}\nmanage:\n  users: {{ domains: [example.com] }}\n  groups: {{ names: [\"*\"] }}\n"
    );
    fs::write(root.join("muster.yaml"), project).unwrap();
    for (name, text) in &files {
        fs::write(root.join(name), text).unwrap();
    }
    files.into_iter().map(|(_, text)| text).collect()
}

/// The listings, in pages of 1,000, as bytes.
fn listings(size: Size) -> BTreeMap<(&'static str, usize), Bytes> {
    let mut pages = BTreeMap::new();
    let users: Vec<Value> = (0..size.users).map(|n| json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": format!("u{n:031}"), "userName": user_name(n), "active": true,
        "name": { "givenName": format!("Given{n}"), "familyName": format!("Family{n}") },
        "displayName": format!("Given{n} Family{n}"), "title": "Engineer",
        "meta": { "resourceType": "User", "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "location": format!("/Users/u{n:031}") },
    })).collect();
    add_pages(&mut pages, "Users", &users);
    drop(users);
    let groups: Vec<Value> = (0..size.groups).map(|g| json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": format!("g{g:031}"), "displayName": format!("group-{g:05}"),
        "members": (0..size.members).map(|place| json!({ "value": format!("u{:031}", size.member(g, place)) })).collect::<Vec<_>>(),
        "meta": { "resourceType": "Group", "location": format!("/Groups/g{g:031}") },
    })).collect();
    add_pages(&mut pages, "Groups", &groups);
    pages
}

fn add_pages(
    pages: &mut BTreeMap<(&'static str, usize), Bytes>,
    kind: &'static str,
    all: &[Value],
) {
    for (at, some) in all.chunks(1000).enumerate() {
        let page = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": all.len(), "startIndex": at * 1000 + 1, "itemsPerPage": some.len(), "Resources": some,
        });
        pages.insert((kind, at * 1000 + 1), Bytes::from(serde_json::to_vec(&page).unwrap()));
    }
}

type Pages = Arc<BTreeMap<(&'static str, usize), Bytes>>;

async fn answer(
    State(pages): State<Pages>,
    Segment(kind): Segment<String>,
    RawQuery(query): RawQuery,
) -> ([(axum::http::HeaderName, &'static str); 1], Bytes) {
    let query = query.unwrap_or_default();
    let start = query.split('&').find_map(|pair| pair.strip_prefix("startIndex="));
    let start = start.and_then(|text| text.parse().ok()).unwrap_or(1);
    let body = match kind.as_str() {
        "Users" => pages.get(&("Users", start)).cloned(),
        "Groups" => pages.get(&("Groups", start)).cloned(),
        _ => Some(Bytes::from_static(br#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],"patch":{"supported":true},"bulk":{"supported":false},"filter":{"supported":true,"maxResults":1000},"changePassword":{"supported":false},"sort":{"supported":false},"etag":{"supported":false},"authenticationSchemes":[]}"#)),
    };
    ([(CONTENT_TYPE, "application/scim+json")], body.unwrap_or_default())
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "a bare parse only parses")]
struct File {
    #[serde(default)]
    users: BTreeMap<String, User>,
    #[serde(default)]
    groups: BTreeMap<String, Group>,
}
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "a bare parse only parses")]
struct User {
    name: BTreeMap<String, String>,
    display_name: String,
    title: String,
}
#[derive(Deserialize)]
#[expect(dead_code, reason = "a bare parse only parses")]
struct Group {
    description: String,
    members: Vec<String>,
}

fn best<T>(times: usize, mut work: impl FnMut() -> T) -> Duration {
    let run = |work: &mut dyn FnMut() -> T| {
        let begun = Instant::now();
        let made = work();
        let took = begun.elapsed();
        drop(made);
        took
    };
    (0..times).map(|_| run(&mut work)).min().unwrap()
}

/// Runs muster; how long it took, and the most memory it had (`VmHWM`, as last seen).
fn muster(root: &Path, command: &str, expect: i32) -> (Duration, u64) {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_muster"))
        .args([command, "-C"])
        .arg(root)
        .env("SCALE_TOKEN", "bench")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let status = loop {
        if let Ok(status) = fs::read_to_string(&status_file) {
            let high = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = high.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
            peak = peak.max(kib.unwrap_or(0));
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(status.code(), Some(expect), "{command}");
    (begun.elapsed(), peak / 1024)
}

fn best_run(root: &Path, command: &str) -> (Duration, u64) {
    (0..3).map(|_| muster(root, command, 0)).min().unwrap()
}

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|text| text.parse().ok()).collect();
    let (users, groups, members) = match numbers.as_slice() {
        [users, groups, members] => (*users, *groups, *members),
        _ => (100_000, 10_000, 100),
    };
    let size = Size { users, groups, members };
    let place = tempfile::tempdir().unwrap();
    let pages = Arc::new(listings(size));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app =
        Router::new().route("/{kind}", axum::routing::get(answer)).with_state(Arc::clone(&pages));
    runtime.spawn(async move { axum::serve(listener, app).await });
    let texts = write_project(size, place.path(), &url);
    let bytes: usize = texts.iter().map(String::len).sum();
    let listed: usize = pages.values().map(Bytes::len).sum();
    println!("{users} users, {groups} groups, {} memberships", groups * members);
    println!(
        "{:.1} MB of YAML in {} files, {:.1} MB of JSON in {} pages",
        bytes as f64 / 1e6,
        texts.len(),
        listed as f64 / 1e6,
        pages.len()
    );

    let yaml_one = best(3, || {
        texts.iter().map(|text| serde_yaml::from_str::<File>(text).unwrap()).collect::<Vec<_>>()
    });
    let yaml_all = best(3, || {
        let (first, second) = texts.split_at(texts.len() / 2);
        let parse = |some: &[String]| {
            some.iter().map(|text| serde_yaml::from_str::<File>(text).unwrap()).collect::<Vec<_>>()
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(|| parse(second));
            (parse(first), other.join().unwrap())
        })
    });
    let json_value = best(3, || {
        pages
            .values()
            .map(|page| serde_json::from_slice::<Value>(page).unwrap())
            .collect::<Vec<_>>()
    });
    let seconds = |took: Duration| took.as_secs_f64();
    println!("bare YAML parse, one core    {:.2} s", seconds(yaml_one));
    println!("bare YAML parse, two cores   {:.2} s", seconds(yaml_all));
    println!("bare JSON parse              {:.2} s", seconds(json_value));
    drop(texts);

    let (check, check_peak) = best_run(place.path(), "check");
    println!(
        "check                        {:.2} s  {check_peak} MiB  {:.2} x bare YAML on one core, {:.2} x on two",
        seconds(check),
        seconds(check) / seconds(yaml_one),
        seconds(check) / seconds(yaml_all)
    );
    let (plan, plan_peak) = best_run(place.path(), "plan");
    println!(
        "plan                         {:.2} s  {plan_peak} MiB  {:.2} x (YAML on one core + JSON), {:.2} x (YAML on two cores + JSON)",
        seconds(plan),
        seconds(plan) / seconds(yaml_one + json_value),
        seconds(plan) / seconds(yaml_all + json_value)
    );
}
