//! Servers that lie, through the program: whatever they answer, it ends in words and in no write.

use std::sync::Mutex;

use muster::provider::scim::ReadErrorKind as Kind;

use super::folder::{Folder, project_at};
use super::lies::{LIES, Lie, failing, honest, list};
use super::server::{Reply, Server};

/// The memory that a refusal may take, in MiB of addresses: one body of 32 MiB, what it is
/// decoded to, and the stacks of the threads that wait.
const MIB: usize = 256;

/// What is wrong with how `arguments` end against this liar, if anything.
fn held_up(lie: &Lie, arguments: &[&str]) -> Option<String> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let tell = lie.tell;
    let start = Server::start(move |ask| tell(ask).unwrap_or_else(|| honest(ask)));
    let server = runtime.block_on(start);
    let folder = Folder::with(&[("muster.yaml", &project_at(&server.url))]);
    // Nobody the server has is declared: a listing taken for whole would be a list of removals.
    folder.write("people.yaml", "users: { ada@example.com: { title: Engineer } }\n");
    let ended = folder.bounded(MIB, arguments).run();
    let asked = server.asked();
    let writes = asked.iter().filter(|ask| ask.method != "GET").count();
    let wanted = if lie.kind == Kind::NotFound { 1 } else { 69 };
    let is_right = ended.status == wanted
        && ended.out.is_empty()
        && ended.err.starts_with("error: the target was not read: ")
        && ended.err.contains(lie.words)
        && ended.err.contains("\n  why: ")
        && ended.err.contains("\n  help: ")
        && !ended.err.contains('\x1b')
        && writes == 0
        && !asked.is_empty();
    (!is_right).then(|| format!("{}: wanted {wanted}, {writes} writes, {ended:?}", lie.name))
}

/// Many at a time, because most of them make the program wait.
#[test]
fn plan_and_apply_believe_no_liar() {
    let commands: [&[&str]; 2] = [&["plan", "--out", "plan.json"], &["apply", "--yes"]];
    let tries = LIES.iter().flat_map(|lie| commands.map(|arguments| (lie, arguments)));
    let (left, wrong) = (Mutex::new(tries), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    let Some((lie, arguments)) = left.lock().unwrap().next() else { return };
                    let found = held_up(lie, arguments);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_honest_server_is_believed() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start(honest));
    let folder = Folder::with(&[("muster.yaml", &project_at(&server.url))]);
    folder.write("people.yaml", "users: { ada@example.com: { title: Engineer } }\n");
    // What it has and nobody declared is too much to remove.
    let plan = folder.bounded(512, &["plan"]).run().exits(4);
    plan.shows("limit/users/remove").shows("waivers:").shows("Refused:");
    let apply = folder.bounded(512, &["apply", "--yes"]).run().exits(4);
    apply.shows("limit/users/remove");
    assert!(server.asked().iter().all(|ask| ask.method == "GET"));
}

#[test]
fn a_listing_that_looks_whole_and_is_short_removes_nothing() {
    // The server leaves out its first users, and says so in no way: what is declared is missed
    // and made anew, which the server refuses; what was left out is not taken for gone.
    let folder = Folder::with(&[("live.json", &seed(12))]);
    let served = super::served::Served::start(
        folder.path(),
        &["--seed", "live.json", "--fault", "GET /Users$=hide:6"],
    );
    folder.write("muster.yaml", project_at(served.url()));
    folder.write("people.yaml", super::folder::people(12));
    let ended = folder.muster(&["apply", "--yes", "--format", "json"]).run();
    assert!([0, 6].contains(&ended.status), "{ended:?}");
    assert_eq!(ended.json()["summary"]["delete"], 0, "{}", ended.out);
    let (_, group) = served.ask("GET", "/Groups?count=100", None);
    let members = group["Resources"][0]["members"].as_array().unwrap();
    assert_eq!(members.len(), 12, "{group}");
}

/// A seed of so many users, all in the group `everybody`.
fn seed(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|at| format!("user{at:02}@example.com")).collect();
    let users: Vec<_> = names
        .iter()
        .map(|name| serde_json::json!({ "userName": name, "title": "Engineer" }))
        .collect();
    let groups = serde_json::json!([{ "displayName": "everybody", "members": names }]);
    serde_json::json!({ "users": users, "groups": groups }).to_string()
}

#[test]
fn a_server_that_wants_a_slash_at_the_end_is_asked_there() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let start = Server::start(|ask| {
        let (path, query) = ask.target.split_once('?').unwrap_or((&ask.target, ""));
        if !path.ends_with('/') {
            let head = format!(
                "HTTP/1.1 308 X\r\nlocation: {path}/?{query}\r\ncontent-length: 0\r\n\
                 connection: close\r\n\r\n"
            );
            return Reply::Bytes(head.into_bytes());
        }
        match (ask.method.as_str(), path) {
            ("GET", "/scim/Users/" | "/scim/Groups/") => list(0, &[]),
            _ => failing(400),
        }
    });
    let server = runtime.block_on(start);
    let folder = Folder::with(&[("muster.yaml", &project_at(&server.url))]);
    folder.write("people.yaml", "users: { ada@example.com: { title: Engineer } }\n");
    folder.muster(&["plan"]).run().exits(0).shows("Plan: 1 to create");
    assert!(server.asked().iter().any(|ask| ask.target.starts_with("/scim/Users/?startIndex=1&")));
    folder.muster(&["apply", "--yes"]).run().exits(6).shows("answered 400");
    let posts = server.asked().into_iter().filter(|ask| ask.method == "POST");
    let posts: Vec<_> = posts.map(|ask| (ask.target, ask.body["userName"].clone())).collect();
    let name = serde_json::json!("ada@example.com");
    assert_eq!(
        posts,
        [("/scim/Users".to_owned(), name.clone()), ("/scim/Users/".to_owned(), name)]
    );
}
