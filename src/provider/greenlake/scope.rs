//! Scopes by name: the whole workspace, scope groups and tenant groups, or a raw GRN.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::kind::{Key, TENANT_GROUP, WHOLE_WORKSPACE};
use crate::provider::Transport;
use crate::provider::scim::ReadError;

use super::collection::{Collection, Refused, Row};
use super::platform::{compared, grn_of, workspace_of};
use super::scope_group::{self, Group};

const TENANT_GROUPS: &[&str] = &["workspaces", "v1beta1", "groups"];
/// What the name of a scope group begins with where a tenant group has the same.
const SCOPE_PREFIX: &str = "scope-group/";

/// The parts of one workspace that roles can be given for.
#[derive(Clone, Debug)]
pub(super) struct Scopes {
    /// The workspace's id.
    id: String,
    scope_groups: Option<Vec<Group>>,
    tenant_groups: Option<Vec<Named>>,
    /// Why the tenant groups are not known, where they could not be read.
    pub(super) no_tenant_groups: Option<String>,
    /// The declared names of scope groups that are to be renamed, with their GRNs.
    renamed: BTreeMap<String, String>,
    /// The names of scope groups that are declared and not there yet.
    planned: BTreeSet<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Named {
    id: String,
    name: String,
    /// What the parts of the platform refer to it by; a group without one cannot be granted.
    #[serde(default)]
    grn: Option<String>,
}

impl Row for Named {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Which lists of names are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) scope_groups: bool,
    pub(super) tenant_groups: bool,
}

impl Wanted {
    /// What it takes to name a GRN.
    pub(super) fn by_grn(grn: &str) -> Self {
        // A name is written without its prefix only when nothing of the other sort has it.
        let is_group = grn.contains("/scope-groups/") || grn.contains("/tenant-groups/");
        Self { scope_groups: is_group, tenant_groups: is_group }
    }

    /// What it takes to find a written name.
    pub(super) fn by_name(name: &str) -> Self {
        let is_known = name == WHOLE_WORKSPACE || name.starts_with("grn:");
        Self {
            scope_groups: !is_known && !name.starts_with(TENANT_GROUP),
            tenant_groups: !is_known && !name.starts_with(SCOPE_PREFIX),
        }
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self {
            scope_groups: self.scope_groups || other.scope_groups,
            tenant_groups: self.tenant_groups || other.tenant_groups,
        }
    }
}

/// Why a written scope is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// Nothing has the name; these names come near, or are all there are.
    Unknown(Vec<String>),
    /// A scope group and a tenant group have it.
    Ambiguous,
    /// It lies in the workspace of this id.
    Elsewhere(String),
    /// A scope group that is declared, and that this plan makes.
    Planned,
}

/// What a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    /// The workspace itself.
    Whole,
    /// A scope group of it.
    ScopeGroup,
    /// A group of an MSP's tenants.
    TenantGroup,
}

impl Scopes {
    /// What a written scope is; `None`: that is not known.
    pub(super) fn sort(&self, written: &str) -> Option<Sort> {
        match self.grn(written) {
            Ok(grn) if compared(&grn) == grn_of(&self.id) => Some(Sort::Whole),
            Ok(grn) if grn.contains("/scope-groups/") => Some(Sort::ScopeGroup),
            Ok(grn) if grn.contains("/tenant-groups/") => Some(Sort::TenantGroup),
            Err(Unresolved::Planned) => Some(Sort::ScopeGroup),
            Ok(_) | Err(_) => None,
        }
    }

    pub(super) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            scope_groups: None,
            tenant_groups: None,
            no_tenant_groups: None,
            renamed: BTreeMap::new(),
            planned: BTreeSet::new(),
        }
    }

    /// Reads the lists that are wanted and not there yet.
    pub(super) async fn read<T: Transport + Sync>(
        &mut self,
        transport: &T,
        wanted: Wanted,
    ) -> Result<(), ReadError> {
        if wanted.scope_groups && self.scope_groups.is_none() {
            self.scope_groups = Some(scope_group::all().list(transport).await?);
        }
        if wanted.tenant_groups && self.tenant_groups.is_none() {
            let list = Collection {
                path: TENANT_GROUPS,
                limit: 2_000,
                filter: None,
                may_lack_total: true,
            };
            // A workspace that is no MSP has no tenant groups, and HPE does not say how it says
            // so. A name that is then not found is a finding; nothing is removed because of it.
            self.tenant_groups = Some(match list.list(transport).await {
                Ok(groups) => groups,
                Err(refused) => match refused.status() {
                    Some(400 | 403 | 404 | 405) => {
                        self.no_tenant_groups = Some(said(refused));
                        Vec::new()
                    }
                    _ => return Err(refused.into()),
                },
            });
        }
        Ok(())
    }

    /// The scope groups, where they were read.
    pub(super) fn groups(&self) -> Vec<Group> {
        self.scope_groups.clone().unwrap_or_default()
    }

    /// Takes note of the declared scope groups of the workspace: which of them have another name
    /// now, and which are not there yet.
    pub(super) fn declare(&mut self, declared: &[scope_group::Declared<'_>]) {
        for one in declared {
            let groups = self.scope_groups.iter().flatten();
            let named = |name: &Key| groups.clone().find(|group| Key::new(&group.name) == *name);
            if named(&Key::new(one.name)).is_some() {
                continue;
            }
            match one.former.iter().find_map(named).and_then(|group| group.grn.clone()) {
                Some(grn) => {
                    self.renamed.insert(one.name.to_owned(), grn);
                }
                None => {
                    self.planned.insert(one.name.to_owned());
                }
            }
        }
    }

    /// Every group: the prefix of its sort, its name and its GRN.
    fn named(&self) -> impl Iterator<Item = (&'static str, &str, Option<&str>)> {
        let scope = self.scope_groups.iter().flatten();
        let scope = scope.map(|one| (SCOPE_PREFIX, one.name.as_str(), one.grn.as_deref()));
        let renamed = self.renamed.iter();
        let renamed = renamed.map(|(name, grn)| (SCOPE_PREFIX, name.as_str(), Some(grn.as_str())));
        let tenant = self.tenant_groups.iter().flatten();
        let tenant = tenant.map(|one| (TENANT_GROUP, one.name.as_str(), one.grn.as_deref()));
        scope.chain(renamed).chain(tenant)
    }

    /// The GRN of a written scope.
    pub(super) fn grn(&self, written: &str) -> Result<String, Unresolved> {
        if written == WHOLE_WORKSPACE {
            return Ok(grn_of(&self.id));
        }
        if written.starts_with("grn:") {
            return match workspace_of(written) {
                Some(other) if grn_of(&other) != grn_of(&self.id) => {
                    Err(Unresolved::Elsewhere(other))
                }
                _ => Ok(written.to_owned()),
            };
        }
        let is_meant = |(prefix, name, _): &(&'static str, &str, Option<&str>)| {
            *name == written || written.strip_prefix(prefix) == Some(*name)
        };
        let found: Vec<Option<&str>> =
            self.named().filter(is_meant).map(|(_, _, grn)| grn).collect();
        let plain = written.strip_prefix(SCOPE_PREFIX).unwrap_or(written);
        match found.as_slice() {
            [Some(grn)] => Ok((*grn).to_owned()),
            [] if self.planned.contains(plain) => Err(Unresolved::Planned),
            [] | [None] => Err(Unresolved::Unknown(self.names())),
            _ => Err(Unresolved::Ambiguous),
        }
    }

    /// Every name there is, as it is written.
    pub(super) fn names(&self) -> Vec<String> {
        let names: BTreeSet<String> =
            self.named().map(|(prefix, name, _)| self.shown(prefix, name)).collect();
        names.into_iter().collect()
    }

    /// The name of one. A scope group's has the prefix only where it takes one: where the name could
    /// be read as something else. A tenant group always has it, because no whole workspace holds it.
    fn shown(&self, prefix: &str, name: &str) -> String {
        let is_twice = self.named().any(|(other, another, _)| other != prefix && another == name);
        let reads_otherwise = name.eq_ignore_ascii_case(WHOLE_WORKSPACE)
            || ["grn:", SCOPE_PREFIX, TENANT_GROUP].iter().any(|start| name.starts_with(start));
        if is_twice || reads_otherwise || prefix == TENANT_GROUP {
            format!("{prefix}{name}")
        } else {
            name.to_owned()
        }
    }

    /// The name of a GRN: [`WHOLE_WORKSPACE`], a group's name, or the GRN itself.
    pub(super) fn name(&self, grn: &str) -> String {
        let sought = compared(grn);
        if sought == grn_of(&self.id) {
            return WHOLE_WORKSPACE.to_owned();
        }
        let found = self.named().find(|(_, _, grn)| grn.is_some_and(|grn| compared(grn) == sought));
        found.map_or_else(|| grn.to_owned(), |(prefix, name, _)| self.shown(prefix, name))
    }
}

fn said(refused: Refused) -> String {
    ReadError::from(refused).said.what
}

/// How the scopes of declared bindings are written, by the binding's key and the scope's GRN: a
/// live binding is shown in the words of the file, so that only a difference is one.
pub(super) type Spelled = BTreeMap<(String, String), String>;

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "3f2c0e1a9b1c4d7e8f60718293a4b5c6";

    fn scopes() -> Scopes {
        let named = |name: &str, kind: &str| Named {
            id: name.to_owned(),
            name: name.to_owned(),
            grn: Some(format!(
                "grn:glp/workspaces/{OWN}/regions/default/providers/x/{kind}/{name}"
            )),
        };
        let group = |name: &str| {
            let Named { id, name, grn } = named(name, "scope-groups");
            Group::of(&id, &name, grn)
        };
        Scopes {
            scope_groups: Some(vec![group("east"), group("both")]),
            tenant_groups: Some(vec![
                named("gold", "tenant-groups"),
                named("both", "tenant-groups"),
            ]),
            ..Scopes::new("3F2C0E1A-9b1c-4d7e-8f60-718293a4b5c6")
        }
    }

    #[test]
    fn a_name_and_its_grn_are_one() {
        let scopes = scopes();
        for written in
            ["workspace", "east", "tenant-group/gold", "scope-group/both", "tenant-group/both"]
        {
            let grn = scopes.grn(written).unwrap();
            assert_eq!(scopes.name(&grn), written, "{grn}");
        }
        assert_eq!(scopes.grn("scope-group/east"), scopes.grn("east"));
        assert_eq!(scopes.grn("workspace").unwrap(), format!("grn:glp/workspaces/{OWN}"));
        assert_eq!(scopes.name("grn:glp/other"), "grn:glp/other");
    }

    #[test]
    fn a_group_that_is_called_as_something_else_has_its_prefix() {
        let grn = |name: &str| {
            format!("grn:glp/workspaces/{OWN}/regions/default/providers/x/scope-groups/{name}")
        };
        let names = ["workspace", "Workspace", "grn:x", "tenant-group/a", "scope-group/a"];
        let groups = names.map(|name| Group::of(name, name, Some(grn(name))));
        let scopes = Scopes { scope_groups: Some(groups.into()), ..scopes() };
        for name in names {
            let shown = scopes.name(&grn(name));
            assert_eq!(shown, format!("scope-group/{name}"));
            assert_eq!(scopes.grn(&shown).unwrap(), grn(name));
        }
    }

    #[test]
    fn what_names_nothing_is_said_with_what_there_is() {
        let scopes = scopes();
        assert_eq!(scopes.grn("both"), Err(Unresolved::Ambiguous));
        let Err(Unresolved::Unknown(names)) = scopes.grn("west") else { panic!("found") };
        assert_eq!(names, ["east", "scope-group/both", "tenant-group/both", "tenant-group/gold"]);
        let other = "grn:glp/workspaces/00000000000000000000000000000001";
        assert_eq!(
            scopes.grn(other),
            Err(Unresolved::Elsewhere("00000000000000000000000000000001".to_owned()))
        );
    }

    #[test]
    fn only_the_lists_that_are_needed_are_asked_for() {
        let (both, none) = (Wanted { scope_groups: true, tenant_groups: true }, Wanted::default());
        assert_eq!(Wanted::by_name("workspace"), none);
        assert_eq!(Wanted::by_name("grn:glp/workspaces/1"), none);
        assert_eq!(Wanted::by_name("east"), both);
        assert_eq!(
            Wanted::by_name("scope-group/east"),
            Wanted { scope_groups: true, tenant_groups: false }
        );
        assert_eq!(Wanted::by_grn("grn:glp/workspaces/1"), none);
    }
}
