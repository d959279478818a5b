//! `own-access`: a plan takes no role from the accounts that muster signs in as.
//!
//! Nobody but the provider knows what a role lets its holder do. So every role that muster holds
//! now stays, unless it is known to be of no use for writing, or another that is known to hold
//! everything stays in the same workspace. Only what is there before the plan and after it counts,
//! so that no prefix of the steps is without it.

mod loss;
mod losses;
mod reach;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};

pub use loss::{OwnLoss, OwnWay};
use reach::Reach;

use crate::kind::{Address, Family, FieldName, KindName, PREDEFINED_ROLE_PREFIX, Roles};
use crate::live::Capabilities;
use crate::plan::access::{Graph, Path, Paths, Place, scopes_of};
use crate::plan::inputs::Inputs;
use crate::plan::{Action, Change, Finding, Level};

const ID: &str = "own-access";

/// A role in a workspace, by their names.
type RoleAt<'g> = (&'g str, Option<&'g str>);

/// The findings on changes that take something from the accounts that muster signs in as.
pub(super) fn check(inputs: Inputs<'_>, graph: &Graph, changes: &[Change]) -> Vec<Finding> {
    accounts(inputs, graph, changes).flat_map(Account::findings).collect()
}

/// The ways to hold a role that these accounts lose, and what stands in for each.
pub(super) fn losses(inputs: Inputs<'_>, graph: &Graph, changes: &[Change]) -> Vec<OwnLoss> {
    accounts(inputs, graph, changes).flat_map(Account::losses).collect()
}

/// The accounts that muster signs in as.
fn accounts<'a>(
    inputs: Inputs<'a>,
    graph: &'a Graph,
    changes: &'a [Change],
) -> impl Iterator<Item = Account<'a>> {
    let own = &inputs.live.capabilities.own;
    own.iter().filter_map(move |live_name| {
        // A plan that renames the account has another address for it.
        let is_it = |(_, one): &(Place, &crate::live::Object)| {
            one.kind == live_name.kind() && one.key == *live_name.key()
        };
        let place = (0..).zip(inputs.live.objects()).find(is_it)?.0;
        Some(Account { inputs, graph, changes, place, address: &graph.node(place)?.address })
    })
}

/// One account that muster signs in as.
#[derive(Clone, Copy)]
struct Account<'a> {
    inputs: Inputs<'a>,
    graph: &'a Graph,
    changes: &'a [Change],
    place: Place,
    address: &'a Address,
}

impl<'a> Account<'a> {
    fn findings(self) -> Vec<Finding> {
        let itself: Vec<Finding> =
            self.changes.iter().filter_map(|change| self.of_itself(change)).collect();
        if !itself.is_empty() {
            return itself;
        }
        let mut findings = self.of_roles();
        if findings.is_empty() {
            findings.extend(self.losses().iter().filter_map(|loss| self.of_margin(loss)));
        }
        if holds_no_roles(&self.inputs.live.capabilities) {
            findings.extend(self.changes.iter().filter_map(|change| self.of_group(change)));
        }
        findings
    }

    /// The finding on a change of the account itself: whoever deletes it, deactivates it or gives
    /// it another name to sign in with may leave a credential that nobody accepts.
    fn of_itself(self, change: &Change) -> Option<Finding> {
        let name = change.kind().spec().name.map(FieldName::fixed);
        let what = match change.action {
            _ if change.address != *self.address => return None,
            Action::Delete => "delete it",
            Action::Update if change.removes => "deactivate it",
            Action::Update if name.is_some_and(|name| change.fields.contains(&name)) => {
                "give it another name to sign in with"
            }
            Action::Create | Action::Update => return None,
        };
        let message = format!("muster signs in as `{}`, and this plan would {what}", self.address);
        Some(self.finding(message, &[change], words::of_account(self.address, change)))
    }

    /// The roles that the account would lose.
    fn of_roles(self) -> Vec<Finding> {
        let before = Paths::of(&self.graph.before).all(self.place);
        let after = self.after();
        let (kept, there) = (self.kept(&before, &after), self.reaches(&after));
        let mut lost: BTreeMap<RoleAt<'a>, Vec<&Path>> = BTreeMap::new();
        for path in &before {
            let Some(at) = self.role_at(path) else { continue };
            let is_kept = kept.get(&at).is_some_and(|reach| reach.covers(&Reach::of(&path.hold)));
            if !is_kept && !self.is_read_only(at.0) && !self.holds_all(&kept, at.1) {
                lost.entry(at).or_default().push(path);
            }
        }
        let finding = |(at, paths): (RoleAt<'a>, Vec<&Path>)| {
            let held = paths.iter().map(|path| Reach::of(&path.hold));
            let held = held.reduce(Reach::join).unwrap_or_default();
            let is_replaced = self.holds_all(&there, at.1)
                || there.get(&at).is_some_and(|reach| reach.covers(&held));
            self.of_role(at, &paths, is_replaced)
        };
        lost.into_iter().map(finding).collect()
    }

    /// The paths that are left; none for an account that the plan makes unusable.
    fn after(self) -> Vec<Path> {
        let presence = self.graph.after.presence_of(self.place);
        let is_as_it_was = presence == self.graph.before.presence_of(self.place);
        let usable = is_as_it_was || presence.can_use_roles();
        if usable { Paths::of(&self.graph.after).all(self.place) } else { Vec::new() }
    }

    /// The roles held by one path before the plan and after it: a write in between takes nothing of
    /// them.
    fn kept(self, before: &[Path], after: &[Path]) -> BTreeMap<RoleAt<'a>, Reach> {
        let mut kept: BTreeMap<RoleAt<'a>, Reach> = BTreeMap::new();
        for path in before {
            let same = |other: &&Path| {
                (other.hold.role, other.via, other.through)
                    == (path.hold.role, path.via, path.through)
            };
            let (Some(at), Some(stays)) = (self.role_at(path), after.iter().find(same)) else {
                continue;
            };
            let reach = Reach::of(&path.hold).common(&Reach::of(&stays.hold));
            let known = kept.remove(&at).unwrap_or_default();
            kept.insert(at, known.join(reach));
        }
        kept
    }

    fn reaches(self, paths: &[Path]) -> BTreeMap<RoleAt<'a>, Reach> {
        let mut reaches: BTreeMap<RoleAt<'a>, Reach> = BTreeMap::new();
        for path in paths {
            let Some(at) = self.role_at(path) else { continue };
            let known = reaches.remove(&at).unwrap_or_default();
            reaches.insert(at, known.join(Reach::of(&path.hold)));
        }
        reaches
    }

    fn role_at(self, path: &Path) -> Option<RoleAt<'a>> {
        let role = self.graph.roles.get(path.hold.role)?;
        Some((role.role.as_str(), role.workspace.as_deref()))
    }

    /// Whether a role that holds everything is held for the whole of a workspace.
    fn holds_all(self, held: &BTreeMap<RoleAt<'_>, Reach>, workspace: Option<&str>) -> bool {
        let known = self.inputs.live.capabilities.full_roles;
        held.iter().any(|((role, place), reach)| {
            *place == workspace && reach.is_whole() && self.is_one_of(role, known)
        })
    }

    fn is_read_only(self, role: &str) -> bool {
        self.is_one_of(role, self.inputs.live.capabilities.read_only_roles)
    }

    fn is_one_of(self, role: &str, known: &[&str]) -> bool {
        let roles = &self.inputs.desired.project.roles;
        predefined(roles, role).is_some_and(|name| known.contains(&name.as_str()))
    }

    /// The changes that end a path, or leave less of it.
    fn causes(self, path: &Path) -> Vec<&'a Change> {
        let mut about: BTreeSet<Address> = BTreeSet::new();
        let group = |place: Option<Place>| {
            place.and_then(|place| self.graph.node(place)).map(|node| node.address.clone())
        };
        about.extend(group(path.via));
        if let Some(through) = group(path.through) {
            let (group, user) = (through.key().clone(), self.address.key().clone());
            about.extend([Address::membership(group, user), through]);
        }
        if let Some(role) = self.graph.roles.get(path.hold.role) {
            about.insert(role.address.clone());
            about.extend(scopes_of(role, &path.hold));
        }
        let is_loss = |change: &&Change| match change.family() {
            Family::Group => change.action == Action::Delete,
            Family::Grant | Family::Membership | Family::Scope => true,
            Family::Subject | Family::Plain => false,
        };
        let changes = self.changes.iter().filter(|change| about.contains(&change.address));
        changes.filter(is_loss).collect()
    }

    fn of_role(self, (role, workspace): RoleAt<'a>, paths: &[&Path], is_replaced: bool) -> Finding {
        let mut causes: Vec<&Change> = paths.iter().flat_map(|path| self.causes(path)).collect();
        causes.sort_by_key(|change| &change.address);
        causes.dedup_by_key(|change| &change.address);
        let ways: BTreeSet<String> = paths.iter().map(|path| self.way(path)).collect();
        let ways = ways.into_iter().collect::<Vec<_>>().join(" and ");
        let place = workspace.map_or_else(|| "the organization".to_owned(), |it| format!("`{it}`"));
        let mut message = format!(
            "muster signs in as `{}`, and would lose `{role}` in {place}, which it holds {ways}",
            self.address
        );
        if is_replaced {
            message.push_str(": what replaces it may be given only after it is gone");
        }
        let keep = words::keep(self.inputs.desired, self.address, &causes);
        self.finding(message, &causes, words::remedy(&keep, is_replaced))
    }

    /// The finding on a way whose others may all be taken by somebody else while it is.
    fn of_margin(self, loss: &OwnLoss) -> Option<Finding> {
        if loss.margin == 0 || loss.others.len() >= loss.needed() {
            return None;
        }
        let about = [Some(&loss.way.binding), loss.way.group.as_ref()];
        let about: Vec<&Address> = about.into_iter().flatten().collect();
        let is_cause = |change: &&Change| {
            about.contains(&&change.address)
                || change
                    .address
                    .ends()
                    .is_some_and(|(group, user)| user == *self.address && about.contains(&&group))
        };
        let causes: Vec<&Change> = self.changes.iter().filter(is_cause).collect();
        let message = format!(
            "muster signs in as `{}`, and would lose what `{}` gives it: {} other ways to hold it \
             stay, and others may take {} at the same time (`administrators.margin`)",
            self.address,
            loss.way.binding,
            loss.others.len(),
            loss.margin
        );
        let keep = words::keep(self.inputs.desired, self.address, &causes);
        Some(self.finding(message, &causes, words::remedy(&keep, false)))
    }

    fn way(self, path: &Path) -> String {
        let name = |place: Place| self.graph.name(place);
        match (path.via, path.through) {
            (Some(via), Some(through)) if via != through => {
                format!("through `{}`, in the group `{}`", name(through), name(via))
            }
            (Some(via), _) => format!("through the group `{}`", name(via)),
            (None, _) => "directly".to_owned(),
        }
    }

    /// A membership that ends, where the target shows no roles: what the group lets its members do
    /// is then unknown.
    fn of_group(self, change: &Change) -> Option<Finding> {
        let group = match change.family() {
            Family::Membership => {
                let (group, user) = change.address.ends()?;
                (user == *self.address).then_some(group)?
            }
            Family::Group => {
                let place = self.graph.place(&change.address)?;
                let is_in = self.graph.before.members_of(place).contains(&self.place);
                is_in.then(|| change.address.clone())?
            }
            Family::Subject | Family::Grant | Family::Scope | Family::Plain => return None,
        };
        (change.action == Action::Delete).then(|| {
            let message = format!(
                "muster signs in as `{}`, and would leave `{group}`, which may be what lets it write",
                self.address
            );
            let keep = words::keep(self.inputs.desired, self.address, &[change]);
            self.finding(message, &[change], words::remedy(&keep, false))
        })
    }

    fn finding(self, message: String, causes: &[&Change], remedy: String) -> Finding {
        Finding {
            level: Level::Deny,
            id: ID.to_owned(),
            message,
            addresses: causes.iter().map(|change| change.address.clone()).collect(),
            source: causes.iter().find_map(|change| change.source.clone()),
            remedy,
        }
    }
}

fn holds_no_roles(capabilities: &Capabilities) -> bool {
    KindName::of_family(Family::Grant).all(|kind| capabilities.refused_kinds.contains_key(&kind))
}

/// The provider's own name of a role; `None` where it is not a predefined one, or where an alias
/// that looks like another predefined role leaves it in doubt.
fn predefined(roles: &Roles, role: &str) -> Option<String> {
    let grn = roles.grn_of(role)?;
    let name = grn.strip_prefix(PREDEFINED_ROLE_PREFIX)?;
    let is_misleading = role.contains('.') && role != name && role != grn;
    (!is_misleading).then(|| name.to_owned())
}
