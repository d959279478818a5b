//! What was reviewed is what is applied, or nothing is: plan files through the program.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::folder::{Folder, OWN_POLICY, people, project_at};
use super::program::Ended;
use super::served::Served;

/// The bearer token of the servers here; it opens nothing else.
const TOKEN: &str = "only-on-loopback-7f3a";

/// A project, a server that wants a token, and a plan for it that was kept.
struct Reviewed {
    folder: Folder,
    served: Served,
}

impl Reviewed {
    fn new() -> Self {
        let folder = Folder::with(&[("live.json", r#"{"users": [], "groups": []}"#)]);
        let arguments =
            ["--seed", "live.json", "--state", "state.jsonl", "--token-env", "SECRET_TOKEN"];
        let served = Served::start_with(folder.path(), &arguments, &[("SECRET_TOKEN", TOKEN)]);
        folder.write("muster.yaml", project(served.url()));
        folder.write("people.yaml", people(6));
        folder.write("policies/no-root/rule.rego", OWN_POLICY);
        let this = Self { folder, served };
        let ended = this.muster(&["plan", "--out", "plan.json"]).exits(0).says("Kept as plan.json");
        ended.says("Apply it with: muster apply plan.json").shows("Plan: 15 to create");
        this
    }

    fn muster(&self, arguments: &[&str]) -> Ended {
        self.folder.muster(arguments).env("SCIM_TOKEN", TOKEN).run()
    }

    fn apply(&self) -> Ended {
        self.muster(&["apply", "plan.json", "--yes"])
    }

    /// The server's state, byte for byte.
    fn state(&self) -> String {
        self.folder.read("state.jsonl")
    }

    /// Demands that the plan is refused as stale, in these words, and that nothing is written.
    #[track_caller]
    fn is_refused(&self, words: &str) {
        let before = self.state();
        let ended = self.apply().exits(5).says(words).says("help: make a new plan");
        assert!(!ended.err.contains(TOKEN), "{}", ended.err);
        assert_eq!(self.state(), before);
    }
}

fn project(url: &str) -> String {
    let policies = "policies: [policies]\n";
    project_at(url).replace("provider: scim,", "provider: scim, credential: env:SCIM,") + policies
}

#[test]
fn a_reviewed_plan_is_applied_once() {
    let reviewed = Reviewed::new();
    let mode = std::fs::metadata(reviewed.folder.file("plan.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "plans name people");
    let ended = reviewed.apply().exits(0).shows("Applied: ").shows("15 to create");
    assert!(!ended.out.contains("failed"), "{}", ended.out);
    reviewed.is_refused("this plan was applied before");
    reviewed.muster(&["plan", "--detailed-exitcode"]).exits(0).shows("No changes");
    let journal = reviewed.folder.read(".muster/journal.jsonl");
    let plan = reviewed.folder.read("plan.json");
    for text in [&journal, &plan] {
        assert!(!text.contains(TOKEN) && !text.to_lowercase().contains("bearer"), "{text}");
    }
}

#[test]
fn a_plan_of_nothing_is_applied_once_too() {
    let reviewed = Reviewed::new();
    reviewed.apply().exits(0);
    reviewed.muster(&["plan", "--out", "plan.json"]).exits(0).shows("No changes");
    reviewed.apply().exits(0).shows("nothing to do").shows("0 writes made");
    reviewed.is_refused("this plan was applied before");
}

#[test]
fn a_byte_changed_anywhere_is_seen() {
    let reviewed = Reviewed::new();
    let plan = reviewed.folder.read("plan.json").into_bytes();
    let refused = |bytes: &[u8]| {
        reviewed.folder.write("plan.json", bytes);
        reviewed.is_refused("plan");
    };
    let places = (0..plan.len()).step_by(plan.len() / 40).chain([1, plan.len() - 2]);
    for at in places {
        let mut bytes = plan.clone();
        bytes[at] ^= 1;
        refused(&bytes);
    }
    refused(b"");
    refused(b"{}\n");
    refused(&plan[..plan.len() - 1]);
    refused(&plan[..plan.len() / 2]);
    refused(&[plan.as_slice(), b"\n"].concat());
    refused(&[b"\xef\xbb\xbf".as_slice(), &plan].concat());
    refused(&[b"\xff".as_slice(), &plan].concat());
    refused(&[b"[".repeat(100_000).as_slice(), &plan].concat());
    let again: serde_json::Value = serde_json::from_slice(&plan).unwrap();
    refused(serde_json::to_string_pretty(&again).unwrap().as_bytes());
    std::fs::remove_file(reviewed.folder.file("plan.json")).unwrap();
    reviewed.is_refused("No such file");
    reviewed.folder.write("plan.json", plan);
    reviewed.apply().exits(0);
}

#[test]
fn a_plan_that_was_sealed_anew_is_seen() {
    let reviewed = Reviewed::new();
    let plan = reviewed.folder.read("plan.json");
    let digest = serde_json::from_str::<serde_json::Value>(&plan).unwrap()["digest"].clone();
    let sealed = format!("\"digest\":{digest}");
    let unsealed = plan.replace("\"Engineer\"", "\"Director\"");
    assert_ne!(unsealed, plan);
    let unsealed = unsealed.replace(&sealed, "\"digest\":\"\"");
    let mut forged = String::from("\"digest\":\"");
    for byte in Sha256::digest(unsealed.as_bytes()) {
        forged.push_str(&format!("{byte:02x}"));
    }
    reviewed.folder.write("plan.json", unsealed.replace("\"digest\":\"\"", &(forged + "\"")));
    reviewed.is_refused("give other changes now");
}

#[test]
fn a_file_that_changed_is_named() {
    let reviewed = Reviewed::new();
    let people = reviewed.folder.read("people.yaml");
    let project = reviewed.folder.read("muster.yaml");
    for (name, text) in [
        ("people.yaml", &people),
        ("muster.yaml", &project),
        ("policies/no-root/rule.rego", &OWN_POLICY.to_owned()),
    ] {
        reviewed.folder.write(name, format!("{text}# a comment\n"));
        reviewed.is_refused(&format!("`{name}` is not what it was when the plan was made"));
        reviewed.folder.write(name, text);
    }
    let other = OWN_POLICY.replace("no-root", "no-admin").replace("no_root", "no_admin");
    for (name, text) in [("more.yaml", "users: {}\n"), ("policies/no-admin/rule.rego", &other)] {
        reviewed.folder.write(name, text);
        reviewed.is_refused(&format!("`{name}` is not what it was"));
        std::fs::remove_file(reviewed.folder.file(name)).unwrap();
    }
    std::fs::remove_dir(reviewed.folder.file("policies/no-admin")).unwrap();
    reviewed.apply().exits(0);
}

#[test]
fn a_server_that_moved_is_seen() {
    let reviewed = Reviewed::new();
    reviewed.apply().exits(0);
    reviewed.folder.write("people.yaml", people(6).replacen("Engineer", "Director", 2));
    let plan = || reviewed.muster(&["plan", "--out", "plan.json"]).exits(0);
    let ask = |method: &str, path: &str, body: &serde_json::Value| {
        let (status, told) = reviewed.served.ask_as(TOKEN, method, path, Some(body));
        assert!((200..300).contains(&status), "{status} {told}");
        told
    };
    // One that this plan changes anyway: users are created side by side, in no order.
    let one = "/Users?filter=userName%20eq%20%22user00@example.com%22";
    let (_, users) = reviewed.served.ask_as(TOKEN, "GET", one, None);
    let user = users["Resources"][0].clone();
    let path = format!("/Users/{}", user["id"].as_str().unwrap());
    plan();
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": "Doctor" }],
    });
    ask("PATCH", &path, &patch);
    let name = user["userName"].as_str().unwrap();
    reviewed.is_refused(&format!("`user/{name}` is not what it was at the target"));
    plan();
    let (_, groups) = reviewed.served.ask_as(TOKEN, "GET", "/Groups?count=100", None);
    let group = groups["Resources"][0].clone();
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "remove", "path": "members" }],
    });
    ask("PATCH", &path, &patch);
    reviewed.is_refused("is not what it was at the target");
}

#[test]
fn another_target_or_organization_is_seen() {
    let reviewed = Reviewed::new();
    let other = Reviewed::new();
    let plan = reviewed.folder.read("plan.json");
    let before = other.state();
    other.folder.write("plan.json", &plan);
    other.is_refused("the plan was made for the target");
    assert_eq!(other.state(), before);
    let project = reviewed.folder.read("muster.yaml").replace("acme", "apex");
    reviewed.folder.write("muster.yaml", project);
    reviewed.is_refused("the plan was made for the organization `acme`, and this is `apex`");
}

#[test]
fn a_plan_that_was_refused_is_not_kept() {
    let reviewed = Reviewed::new();
    let kept = reviewed.folder.read("plan.json");
    let people = reviewed.folder.read("people.yaml");
    reviewed.folder.write("people.yaml", people.replace("user05", "root"));
    let ended = reviewed.muster(&["plan", "--out", "plan.json"]).exits(3);
    ended.shows("nobody is called root").says("The plan was refused, so plan.json was not written");
    assert_eq!(reviewed.folder.read("plan.json"), kept);
    let ended = reviewed.muster(&["plan", "--out", "no/such/folder/plan.json"]).exits(3);
    ended.says("was refused");
    reviewed.folder.write("people.yaml", people);
    let ended = reviewed.muster(&["plan", "--out", "no/such/folder/plan.json"]).exits(1);
    ended.says("the plan was not kept").says("no/such/folder");
}

#[test]
fn what_a_killed_run_left_beside_gives_no_permissions() {
    let reviewed = Reviewed::new();
    reviewed.folder.write("plan.json.tmp", "half of a pl");
    let open = std::fs::Permissions::from_mode(0o666);
    std::fs::set_permissions(reviewed.folder.file("plan.json.tmp"), open).unwrap();
    reviewed.muster(&["plan", "--out", "plan.json"]).exits(0);
    let mode = std::fs::metadata(reviewed.folder.file("plan.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!reviewed.folder.file("plan.json.tmp").exists());
}
