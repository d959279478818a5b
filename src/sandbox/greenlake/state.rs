//! All that the twin holds, and the only way it changes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::record::{
    Assignment, Claim, Client, Entry, Group, Name, Organization, Policy, Principal, PrincipalKind,
    Profile, Role, ScopeGroup, TenantGroup, User, Workspace, WorkspaceKind,
};
use super::table::{Row, Table};

/// One change of the state. A state file is a snapshot followed by effects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Effect(pub(super) Change);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Change {
    Put(Object),
    Delete(Kind, u64),
}

/// An organization with its workspaces, directory, bindings, domains and log. `Default` is an
/// organization without a name, without anything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Snapshot", into = "Snapshot")]
pub struct State {
    pub(super) organization: Organization,
    pub(super) clients: Table<Client>,
    pub(super) workspaces: Table<Workspace>,
    pub(super) roles: Table<Role>,
    pub(super) users: Table<User>,
    pub(super) groups: Table<Group>,
    pub(super) scope_groups: Table<ScopeGroup>,
    pub(super) tenant_groups: Table<TenantGroup>,
    pub(super) assignments: Table<Assignment>,
    pub(super) claims: Table<Claim>,
    pub(super) profiles: Table<Profile>,
    pub(super) policies: Table<Policy>,
    pub(super) log: Table<Entry>,
    pub(super) zone: Table<Name>,
    /// The last number given.
    issued: u64,
}

/// The form of a state in a file.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    organization: Organization,
    issued: u64,
    rows: Vec<Object>,
}

/// A row that has a table.
pub(super) trait Stored: Row + Sized {
    /// Which.
    const KIND: Kind;

    fn table(state: &State) -> &Table<Self>;
}

macro_rules! objects {
    ($($kind:ident: $table:ident,)*) => {
        /// A row of any table.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub(super) enum Object {
            $($kind(Arc<$kind>),)*
        }

        /// Which table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub(super) enum Kind {
            $($kind,)*
        }

        $(impl From<$kind> for Object {
            fn from(row: $kind) -> Object {
                Object::$kind(Arc::new(row))
            }
        })*

        $(impl Stored for $kind {
            const KIND: Kind = Kind::$kind;

            fn table(state: &State) -> &Table<$kind> {
                &state.$table
            }
        })*

        impl State {
            fn put(&mut self, object: Object) {
                match object {
                    $(Object::$kind(row) => {
                        self.issued = self.issued.max(row.serial());
                        self.$table.put(row);
                    })*
                }
            }

            fn delete(&mut self, kind: Kind, serial: u64) {
                match kind {
                    $(Kind::$kind => self.$table.remove(serial),)*
                }
            }

            fn rows(&self) -> Vec<Object> {
                let mut rows = Vec::new();
                $(rows.extend(self.$table.iter().map(|row| Object::$kind(Arc::clone(row))));)*
                rows
            }
        }
    };
}

objects! {
    Client: clients,
    Workspace: workspaces,
    Role: roles,
    User: users,
    Group: groups,
    ScopeGroup: scope_groups,
    TenantGroup: tenant_groups,
    Assignment: assignments,
    Claim: claims,
    Profile: profiles,
    Policy: policies,
    Entry: log,
    Name: zone,
}

impl From<Snapshot> for State {
    fn from(snapshot: Snapshot) -> State {
        let mut state = State { organization: snapshot.organization, ..State::default() };
        for row in snapshot.rows {
            state.put(row);
        }
        state.issued = state.issued.max(snapshot.issued);
        state
    }
}

impl From<State> for Snapshot {
    fn from(state: State) -> Snapshot {
        let rows = state.rows();
        Snapshot { organization: state.organization, issued: state.issued, rows }
    }
}

impl State {
    /// Changes the state.
    pub fn apply(&mut self, effect: &Effect) {
        match &effect.0 {
            Change::Put(object) => self.put(object.clone()),
            Change::Delete(kind, serial) => self.delete(*kind, *serial),
        }
    }

    /// The TXT records of the zone that the twin's DNS serves, by name.
    pub fn zone(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.zone.iter().map(|name| (name.name.as_str(), name.values.as_slice()))
    }

    /// The number that the next row gets.
    pub(super) fn next(&self) -> u64 {
        self.issued + 1
    }

    /// The groups that hold a user.
    pub(super) fn groups_of(&self, user: &str) -> impl Iterator<Item = &Arc<Group>> {
        self.groups.iter().filter(move |group| group.members.contains(user))
    }

    /// Whether there is somebody of that name.
    pub(super) fn knows(&self, principal: &Principal) -> bool {
        match principal.kind {
            PrincipalKind::User => self.users.find(&principal.id).is_some(),
            PrincipalKind::Group => self.groups.find(&principal.id).is_some(),
            PrincipalKind::Client => self.clients.find(&principal.id).is_some(),
        }
    }

    /// How the log names whoever acts by a client: the e-mail address of its user, or the client.
    pub(super) fn actor(&self, client: &Client) -> String {
        match self.users.find(&client.principal.id) {
            Some(user) if client.principal.kind == PrincipalKind::User => user.user_name.clone(),
            _ => client.id.clone(),
        }
    }

    /// Whether a workspace is an MSP's.
    pub(super) fn is_msp(&self, workspace: &str) -> bool {
        self.workspaces.find(workspace).is_some_and(|row| row.kind == WorkspaceKind::Msp)
    }
}
