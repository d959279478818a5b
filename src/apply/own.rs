//! Muster's own access, proved at the write: a way by which it holds a role is taken only while
//! those that stand in for it are there.

use std::collections::BTreeMap;

use super::administrators::names_of;
use super::{Op, Step, Writer};
use crate::kind::{Address, Family, Fields, WHOLE_WORKSPACE, is_part_of_workspace};
use crate::live::{Capabilities, Live, Member, RemoteId, Usability};
use crate::plan::{OwnLoss, OwnWay, Plan};

/// The losses of a plan, and what has to be there when one is made.
#[derive(Clone, Debug)]
pub(super) struct OwnAccess {
    losses: Vec<OwnLoss>,
    ids: BTreeMap<Address, RemoteId>,
    /// The bindings as the plan saw them.
    bindings: BTreeMap<Address, Fields>,
    capabilities: Capabilities,
}

/// The number of ways of which each loss of a step needs some.
type Counted<'a> = Vec<(&'a OwnLoss, usize)>;

impl OwnAccess {
    /// The access that a plan takes; `None` where it takes nothing from muster's own accounts.
    pub(super) fn of(plan: &Plan, live: &Live) -> Option<Self> {
        let losses = plan.own.clone();
        if losses.is_empty() {
            return None;
        }
        let ways = losses.iter().flat_map(|loss| &loss.others);
        let mut ids: BTreeMap<Address, RemoteId> = BTreeMap::new();
        let mut bindings = BTreeMap::new();
        let wanted = ways.flat_map(|way| [Some(&way.binding), way.group.as_ref()]).flatten();
        let wanted = wanted.chain(losses.iter().map(|loss| &loss.account));
        let wanted = wanted.chain(losses.iter().filter_map(|loss| loss.way.group.as_ref()));
        for address in wanted {
            let Some(object) = plan
                .graph
                .place(address)
                .and_then(|place| live.objects().get(usize::try_from(place).ok()?))
            else {
                continue;
            };
            ids.insert(address.clone(), object.id.clone());
            bindings.insert(address.clone(), object.fields.clone());
        }
        Some(Self { losses, ids, bindings, capabilities: live.capabilities.clone() })
    }

    /// The accounts and the groups, with their ids.
    pub(super) fn ids(&self) -> impl Iterator<Item = (&Address, &RemoteId)> {
        self.ids.iter().filter(|(address, _)| address.family() != Family::Grant)
    }

    /// The losses that a step makes.
    pub(super) fn of_step(&self, step: &Step) -> Option<Self> {
        let makes = |loss: &&OwnLoss| match &step.op {
            Op::Update { address, .. } => loss.way.binding == *address,
            Op::Delete { address, .. } => {
                loss.way.binding == *address || loss.way.group.as_ref() == Some(address)
            }
            Op::RemoveMembers { group, users } => {
                loss.way.group.as_ref() == Some(group) && users.contains(&loss.account)
            }
            Op::Create { .. } | Op::AddMembers { .. } | Op::VerifyMembers { .. } => false,
        };
        let losses: Vec<OwnLoss> = self.losses.iter().filter(makes).cloned().collect();
        (!losses.is_empty()).then(|| Self { losses, ..self.clone() })
    }

    /// Why a loss must not be made now, where it must not.
    pub(super) async fn before<W: Writer + Sync>(
        &self,
        writer: &W,
    ) -> Result<Option<String>, String> {
        let counted = self.count(writer).await?;
        let short = counted.into_iter().find(|(loss, count)| *count < loss.needed());
        Ok(short.map(|(loss, count)| {
            format!(
                "muster signs in as `{}` and would lose what `{}` gives it: {count} of at least {} \
                 other ways to hold it are there now",
                loss.account,
                loss.way.binding,
                loss.needed()
            )
        }))
    }

    /// Why a loss that was made has to be taken back, where it has.
    pub(super) async fn after<W: Writer + Sync>(
        &self,
        writer: &W,
    ) -> Result<Option<String>, String> {
        let counted = self.count(writer).await?;
        let short = counted.into_iter().find(|(loss, count)| *count < loss.enough);
        Ok(short.map(|(loss, _)| {
            format!(
                "muster signs in as `{}` and has lost what `{}` gave it: somebody else took the \
                 other way to hold it at the same time",
                loss.account, loss.way.binding
            )
        }))
    }

    async fn count<W: Writer + Sync>(&self, writer: &W) -> Result<Counted<'_>, String> {
        let mut counted = Vec::new();
        for loss in &self.losses {
            let mut count = 0;
            if self.is_usable(&loss.account, writer).await? {
                for way in &loss.others {
                    count += usize::from(self.is_there(way, &loss.account, writer).await?);
                }
            }
            counted.push((loss, count));
        }
        Ok(counted)
    }

    async fn is_usable<W: Writer + Sync>(&self, who: &Address, writer: &W) -> Result<bool, String> {
        let Some(id) = self.ids.get(who) else { return Ok(false) };
        let now = writer.look(who, id).await?;
        Ok(now.is_some_and(|now| Usability::of(&now, &self.capabilities).can_use_roles()))
    }

    /// Whether a way is there, as far as the plan saw it.
    async fn is_there<W: Writer + Sync>(
        &self,
        way: &OwnWay,
        account: &Address,
        writer: &W,
    ) -> Result<bool, String> {
        let OwnWay { binding, group } = way;
        let (Some(id), Some(then)) = (self.ids.get(binding), self.bindings.get(binding)) else {
            return Ok(false);
        };
        let now = writer.look(binding, id).await?;
        if !now.is_some_and(|now| is_as_wide(&now.fields, then)) {
            return Ok(false);
        }
        let Some(group) = group else { return Ok(true) };
        let (Some(group_id), Some(id)) = (self.ids.get(group), self.ids.get(account)) else {
            return Ok(false);
        };
        let names = names_of(account, id);
        let is_own = |member: &Member| match member {
            Member::Unknown(name) => {
                names.contains(name) || RemoteId::compare(name) == id.compared()
            }
            Member::Known(_) => false,
        };
        let now = writer.look(group, group_id).await?;
        Ok(now.is_some_and(|now| now.members.iter().flatten().any(is_own)))
    }
}

/// Whether a binding is of the same role, and for all that it was for.
fn is_as_wide(now: &Fields, then: &Fields) -> bool {
    let scopes = |fields: &Fields| -> Vec<String> {
        let scopes = fields.get("scope").and_then(serde_json::Value::as_array);
        let names = scopes.into_iter().flatten().filter_map(serde_json::Value::as_str);
        names.map(str::to_owned).collect()
    };
    let (wide, narrow) = (scopes(now), scopes(then));
    let is_whole = wide.is_empty() || wide.iter().any(|scope| scope == WHOLE_WORKSPACE);
    let holds = |scope: &String| wide.contains(scope) || (is_whole && is_part_of_workspace(scope));
    let covers = (is_whole || !narrow.is_empty()) && narrow.iter().all(holds);
    now.get("role") == then.get("role") && now.get("workspace") == then.get("workspace") && covers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_that_became_narrower_or_another_stands_in_for_none() {
        let binding = |role: &str, workspace: &str, scope: &[&str]| -> Fields {
            let fields =
                serde_json::json!({ "role": role, "workspace": workspace, "scope": scope });
            serde_json::from_value(fields).unwrap()
        };
        let whole = binding("a", "main", &["workspace"]);
        let (east, both) =
            (binding("a", "main", &["east"]), binding("a", "main", &["east", "west"]));
        assert!(is_as_wide(&whole, &east) && is_as_wide(&both, &east) && is_as_wide(&east, &east));
        assert!(!is_as_wide(&east, &whole) && !is_as_wide(&east, &both));
        let tenants = binding("a", "main", &["tenant-group/t"]);
        assert!(!is_as_wide(&whole, &tenants) && is_as_wide(&tenants, &tenants));
        assert!(!is_as_wide(&binding("b", "main", &["workspace"]), &east));
        assert!(!is_as_wide(&binding("a", "prod", &["workspace"]), &east));
    }
}
