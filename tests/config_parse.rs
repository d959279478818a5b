//! Text → Desired: what is accepted, and what it becomes.

use muster::config::{Desired, Diagnostics, Members, SourceText, parse};
use muster::kind::{Address, GREENLAKE_USER_URN, Key};

const PROJECT: &str = "
organization: acme
target:
  provider: greenlake
  url: https://global.api.example.com
  credential: env:GREENLAKE
  workspaces:
    prod: { id: 3f2c0e1a, credential: env:GREENLAKE_PROD }
manage:
  users:    { domains: [example.com], onRemove: report }
  groups:   { names: ['*'], except: ['legacy-*'], onRemove: report }
  members:  exact
  bindings: { onRemove: delete }
protected:
  users: [bg-one@example.com, '*@recovery.example.org']
administrators:
  roles: [ccs.account-admin]
  atLeast: 2
limits:
  users: { remove: '10% or 50' }
";

const IDENTITY: &str = "
users:
  Ada@example.com: { name: { givenName: Ada, familyName: Lovelace }, countryCode: NO }
  raj@example.com:
  eve@example.com: { active: false, previously: [eva@example.com] }
  bg@recovery.example.org: {}
groups:
  com-admins:
    description: Compute Ops Management administrators
    owner: ada@example.com
    previously: [com-superusers]
    members:
      - ada@example.com
      - { user: raj@example.com, until: 2026-12-31, reason: INC-4411 storage migration }
  empty: { members: [], memberMode: additive }
  loose: {}
bindings:
  - { role: ccs.observer, group: com-admins, workspace: prod, until: 2027-03-31, reason: runs the fleet }
domains:
  example.com: { owner: ada@example.com, sso: corp-oidc }
waivers:
  - { rule: group-only-roles, for: 'binding/user/bot@example.com/*', until: 2026-12-31, reason: migration, approvedBy: sec-lead }
";

fn text(name: &str, text: &str) -> SourceText {
    SourceText { name: name.into(), bytes: text.as_bytes().to_vec() }
}

fn desired(files: &[(&str, &str)]) -> Result<(Desired, Diagnostics), Diagnostics> {
    let sources: Vec<SourceText> = files.iter().map(|(name, body)| text(name, body)).collect();
    parse(&text("muster.yaml", PROJECT), &sources, 2)
}

#[test]
fn the_example_of_the_design_is_read_as_written() {
    let (desired, warnings) = desired(&[("identity.yaml", IDENTITY)]).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let addresses: Vec<String> = desired.items.keys().map(ToString::to_string).collect();
    assert_eq!(
        addresses,
        [
            "domain/example.com",
            "user/ada@example.com",
            "user/bg@recovery.example.org",
            "user/eve@example.com",
            "user/raj@example.com",
            "group/com-admins",
            "group/empty",
            "group/loose",
            "membership/com-admins/ada@example.com",
            "membership/com-admins/raj@example.com",
            "binding/group/com-admins/ccs.observer/prod",
        ]
    );
    let ada = desired.items.get(&Address::user("ada@example.com")).unwrap();
    assert_eq!(ada.fields.get("userName").unwrap(), "Ada@example.com");
    assert_eq!(ada.fields.get("name").unwrap()["givenName"], "Ada");
    assert_eq!(ada.fields.get(GREENLAKE_USER_URN).unwrap()["countryCode"], "NO");
    assert_eq!(ada.source.as_ref().unwrap().to_string(), "identity.yaml:3:3");
    let raj = Address::membership(Key::new("com-admins"), Key::new("raj@example.com"));
    let raj = desired.items.get(&raj).unwrap();
    assert_eq!(raj.source.as_ref().unwrap().to_string(), "identity.yaml:14:9");
    let grant = raj.grant.as_ref().unwrap();
    assert_eq!(grant.until.unwrap().to_string(), "2026-12-31T23:59:59.999999999Z");
    assert_eq!(grant.reason.as_deref(), Some("INC-4411 storage migration"));
    assert_eq!(desired.members_of(&Address::group("com-admins")), Members::Exact);
    assert_eq!(desired.members_of(&Address::group("empty")), Members::Additive);
    assert_eq!(desired.members_of(&Address::group("loose")), Members::Unmanaged);
    let eve = &desired.intents[&Address::user("eve@example.com")];
    assert_eq!(eve.previously, [Key::new("eva@example.com")]);
    assert_eq!(desired.waivers[0].at_most, 1);
    assert_eq!(desired.digests.len(), 2);
    assert_eq!(desired.project.target.workspaces["prod"].id, "3f2c0e1a");
}

#[test]
fn the_order_of_files_and_the_number_of_threads_change_nothing() {
    let files: Vec<SourceText> = (0..20)
        .map(|file| {
            let mut body = format!("users:\n  u{file}@example.com: {{ title: T{file} }}\n");
            body.push_str(&format!("groups:\n  g{file}:\n    members:\n"));
            for member in (0..20).rev() {
                body.push_str(&format!("      - u{member}@example.com\n"));
            }
            text(&format!("team{file}.yaml"), &body)
        })
        .collect();
    let project = text("muster.yaml", PROJECT);
    let (first, _) = parse(&project, &files, 1).unwrap();
    assert_eq!(first.items.len(), 20 + 20 + 400);
    for workers in [1, 2, 7] {
        let mut shuffled = files.clone();
        shuffled.rotate_left(workers * 2);
        shuffled.reverse();
        let (other, _) = parse(&project, &shuffled, workers).unwrap();
        assert_eq!(other.items, first.items);
        assert_eq!(other.intents, first.intents);
        assert_eq!(other.digests, first.digests);
    }
}

#[test]
fn warnings_do_not_refuse() {
    let files = [("a.yaml", "users: {}\ngroups:\n  g: { owner: gone@example.com }\n")];
    let (_, warnings) = desired(&files).unwrap();
    let checks: Vec<&str> = warnings.sorted().iter().map(|one| one.id).collect();
    assert_eq!(checks, ["unknown-owner"]);
}

#[test]
fn names_meet_across_files_with_both_places() {
    let files = [
        ("b.yaml", "users:\n  ADA@example.com: {}\n"),
        ("a.yaml", "users:\n  ada@example.com: {}\n"),
    ];
    let problems = desired(&files).err().unwrap().sorted();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].id, "names-fold-together");
    assert_eq!(problems[0].source.as_ref().unwrap().to_string(), "b.yaml:2:3");
    assert_eq!(problems[0].also.as_ref().unwrap().0.to_string(), "a.yaml:2:3");
    let files = [("a.yaml", "groups:\n  g: {}\n"), ("b.yaml", "groups:\n  g: {}\n")];
    let problems = desired(&files).err().unwrap().sorted();
    assert_eq!(problems[0].id, "declared-twice");
}

#[test]
fn what_objects_are_found_by_cannot_be_called_unheld() {
    let project = |line: &str| {
        let file = format!(
            "organization: acme\ntarget:\n  provider: scim\n  url: https://h.example.com\n  \
             credential: env:A\n  dialect:\n    unheld: [{line}]\n"
        );
        parse(&text("muster.yaml", &file), &[text("people.yaml", "users: {}\n")], 1)
    };
    for line in ["user.userName", "group.displayName", "user.title, user.username"] {
        let problems = project(line).unwrap_err().sorted();
        let found: Vec<_> = problems.iter().map(|problem| format!("{problem:?}")).collect();
        assert!(found.len() == 1 && found[0].contains("name-unheld"), "{line}: {found:?}");
        assert!(found[0].contains("muster.yaml"), "{found:?}");
    }
    for line in ["user.displayName", "group.externalId", "user.emails.type"] {
        assert!(project(line).is_ok(), "{line}");
    }
}
