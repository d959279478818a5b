//! What `muster init` writes: a small project that plans a few changes against the sandbox.

/// The files of a new project for `organization`: paths relative to it, and texts. `check` passes
/// on it, and `plan` shows a handful of changes.
#[must_use]
pub fn starter_project(organization: &str) -> Vec<(String, String)> {
    // Text in JSON quotes is text in YAML, whatever it holds.
    let quoted = serde_json::Value::from(organization).to_string();
    [
        ("muster.yaml", PROJECT.replace("ORGANIZATION", &quoted)),
        ("identity/example.yaml", IDENTITY.to_owned()),
        ("live.json", LIVE.to_owned()),
        (".gitignore", IGNORED.to_owned()),
    ]
    .map(|(path, text)| (path.to_owned(), text))
    .to_vec()
}

const PROJECT: &str = r#"# The project: which target is written to, and what may be written.
organization: ORGANIZATION

target:
  provider: sandbox            # an embedded server; `scim` or `greenlake` for a real one
  seed: live.json              # what it holds at first
  state: .muster/sandbox.json  # where it keeps what became of it
  # url: https://idp.example.com/scim/v2
  # credential: env:IDP        # reads IDP_TOKEN; never the secret itself

manage:                        # the jurisdiction: nothing outside it is ever touched
  users:  { domains: [example.com], onRemove: deactivate }   # report | deactivate | delete
  groups: { names: ["*"], except: ["legacy-*"], onRemove: report }
  members: exact               # exact | additive; a group may say otherwise

protected:                     # never written, whoever asks
  users: [break-glass@example.com]

administrators:                # muster never leaves fewer than this many
  groups: [admins]
  atLeast: 1
"#;

const IDENTITY: &str = r#"# Who there is, and who is in which group. Only what is written is managed.
users:
  ada@example.com:   { name: { givenName: Ada, familyName: Lovelace }, title: Engineer, active: true }
  grace@example.com: { name: { givenName: Grace, familyName: Hopper }, active: true }
  alan@example.com:  { name: { givenName: Alan, familyName: Turing }, active: true }

groups:
  admins:
    owner: ada@example.com
    members: [ada@example.com]
  engineering:
    owner: grace@example.com
    members:
      - ada@example.com
      - grace@example.com
      # A grant can say why, and until when; after that day it is taken back.
      - { user: alan@example.com, until: 2099-12-31, reason: storage migration }
"#;

const LIVE: &str = r#"{
  "users": [
    {
      "userName": "ada@example.com",
      "name": { "givenName": "Ada", "familyName": "Lovelace" },
      "title": "Analyst",
      "active": true
    },
    {
      "userName": "grace@example.com",
      "name": { "givenName": "Grace", "familyName": "Hopper" },
      "active": true
    }
  ],
  "groups": [
    { "displayName": "admins", "members": ["ada@example.com"] }
  ]
}
"#;

const IGNORED: &str = ".muster/\n";

#[cfg(test)]
mod tests {
    use super::starter_project;
    use crate::config::{SourceText, parse};

    #[test]
    fn the_new_project_is_sound_whatever_the_name() {
        for organization in ["acme", "a: b # \"c\"", "NO", "1.0", "*", "Ünïcode 東京"] {
            let files: Vec<SourceText> = starter_project(organization)
                .into_iter()
                .filter(|(path, _)| path.ends_with(".yaml"))
                .map(|(path, text)| SourceText { name: path.into(), bytes: text.into_bytes() })
                .collect();
            let Ok((desired, warnings)) = parse(&files[0], &files[1..], 1) else {
                panic!("{organization}: {:?}", parse(&files[0], &files[1..], 1))
            };
            assert!(warnings.is_empty(), "{warnings:?}");
            assert_eq!(desired.project.organization, organization);
            assert_eq!(desired.items.len(), 9);
        }
    }

    #[test]
    fn the_seed_is_json() {
        let seed = starter_project("acme").into_iter().find(|(path, _)| path == "live.json");
        let seed = seed.map(|(_, text)| serde_json::from_str::<serde_json::Value>(&text));
        assert!(seed.is_some_and(|seed| seed.is_ok()));
    }
}
