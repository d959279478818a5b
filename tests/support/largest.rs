//! The largest organization that HPE GreenLake's published quotas speak of: 5,500 users, 200
//! groups of 27 on average, 25 workspaces, 2,000 role assignments; as the twin's seed, and as a
//! project of the same.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// How large an organization is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) users: usize,
    pub(crate) groups: usize,
    pub(crate) members: usize,
    pub(crate) workspaces: usize,
    pub(crate) bindings: usize,
}

/// The largest.
pub(crate) const LARGEST: Size =
    Size { users: 5_500, groups: 200, members: 27, workspaces: 25, bindings: 2_000 };

const ROLES: [&str; 2] = ["ccs.observer", "ccs.operator"];

fn user(n: usize) -> String {
    format!("user{n:05}@scale.example")
}

fn workspace(w: usize) -> (String, String) {
    (format!("w{w:02}"), format!("{:032x}", 0x4000_8000_0000_0000_u128 + w as u128))
}

impl Size {
    /// Members of a group: a few more or fewer than the average, each once.
    fn members_of(self, group: usize) -> Vec<usize> {
        let count = match group % 2 {
            0 => self.members - 7,
            _ => self.members + 7,
        };
        let mut all: Vec<usize> =
            (0..count).map(|place| (group * 131 + place * 17) % self.users).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// `(group, role)` of every binding in one workspace.
    fn bindings_of(self, workspace: usize) -> impl Iterator<Item = (usize, &'static str)> {
        let each = self.bindings / self.workspaces;
        (0..each).map(move |place| {
            let n = workspace * each + place;
            (n % self.groups, ROLES[n / self.groups % 2])
        })
    }

    /// The seed of a twin that holds it all, or, `empty`, nothing yet.
    pub(crate) fn seed(self, empty: bool) -> Value {
        let spaces: Vec<(String, String)> = (0..self.workspaces).map(workspace).collect();
        let some = |count: usize| if empty { 0 } else { count };
        let users = (0..some(self.users)).map(|n| {
            json!({
                "userName": user(n), "countryCode": "GB",
                "name": { "givenName": format!("Given{n}"), "familyName": format!("Family{n}") },
            })
        });
        let groups = (0..some(self.groups)).map(|g| {
            let members: Vec<String> = self.members_of(g).into_iter().map(user).collect();
            json!({ "displayName": format!("group-{g:03}"), "members": members })
        });
        let assignments = (0..some(self.workspaces)).flat_map(|w| {
            self.bindings_of(w).map(move |(group, role)| {
                let holder = format!("group:group-{group:03}");
                json!({ "workspace": workspace(w).0, "principal": holder, "role": role })
            })
        });
        json!({
            "provider": "greenlake",
            "organization": { "name": "scale" },
            "workspaces":
                spaces.iter().map(|(name, id)| json!({ "id": id, "name": name })).collect::<Vec<_>>(),
            "clients": spaces
                .iter()
                .map(|(name, _)| json!({ "id": format!("c-{name}"), "secret": "s", "workspace": name }))
                .collect::<Vec<_>>(),
            "users": users.collect::<Vec<_>>(),
            "groups": groups.collect::<Vec<_>>(),
            "assignments": assignments.collect::<Vec<_>>(),
        })
    }

    /// The environment that its credentials are in.
    pub(crate) fn environment(self) -> Vec<(String, String)> {
        let both = |w| {
            let name = workspace(w).0;
            let variable = format!("SCALE_{}", name.to_uppercase());
            [
                (format!("{variable}_CLIENT_ID"), format!("c-{name}")),
                (format!("{variable}_CLIENT_SECRET"), "s".to_owned()),
            ]
        };
        (0..self.workspaces).flat_map(both).collect()
    }

    /// Writes the project whose files say all of it, for a server at `url`.
    pub(crate) fn write_project(self, root: &Path, url: &str) {
        let mut project = format!(
            "organization: scale\ntarget:\n  provider: greenlake\n  url: \"{url}\"\n  workspace: w00\n  workspaces:\n"
        );
        for (name, id) in (0..self.workspaces).map(workspace) {
            project += &format!(
                "    {name}: {{ id: {id:?}, credential: env:SCALE_{} }}\n",
                name.to_uppercase()
            );
        }
        project += "manage:\n  users: { domains: [scale.example] }\n  groups: { names: [\"*\"] }\n  bindings: { onRemove: delete }\n\
                    rules:\n  least-privilege: { maxRolesPerGroup: 20, maxRolesPerPerson: 500 }\n";
        fs::write(root.join("muster.yaml"), project).unwrap();
        let mut users = String::from("users:\n");
        for n in 0..self.users {
            users += &format!(
                "  {}: {{ name: {{ givenName: Given{n}, familyName: Family{n} }}, countryCode: GB }}\n",
                user(n)
            );
        }
        fs::write(root.join("users.yaml"), users).unwrap();
        let mut groups = String::from("groups:\n");
        for g in 0..self.groups {
            let members: Vec<String> = self.members_of(g).into_iter().map(user).collect();
            groups += &format!("  group-{g:03}: {{ members: [{}] }}\n", members.join(", "));
        }
        groups += "bindings:\n";
        for w in 0..self.workspaces {
            for (group, role) in self.bindings_of(w) {
                let name = workspace(w).0;
                groups += &format!(
                    "  - {{ role: {role}, group: group-{group:03}, workspace: {name} }}\n"
                );
            }
        }
        fs::write(root.join("groups.yaml"), groups).unwrap();
    }
}
