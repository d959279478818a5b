//! The base of a change: the project as its target branch has it. Its guard judges the change too,
//! and its target is the one that is read and written.

use std::collections::BTreeMap;

use super::{Desired, Intent, Members, MembersDefault, Project};
use crate::kind::{Address, Roles, with_texts};

impl Project {
    /// Takes from the base what no change decides for itself: the organization, the target, the
    /// resolvers and the schedule.
    pub fn take_target(&mut self, base: &Self) {
        self.organization.clone_from(&base.organization);
        self.target.clone_from(&base.target);
        self.resolvers.clone_from(&base.resolvers);
        self.revocations_first = base.revocations_first;
    }

    /// The same project with the guard of `base`. Roles have the names that they have here.
    #[must_use]
    pub fn guarded_by(&self, base: &Self) -> Self {
        let named = |role: &str| renamed(role, &base.roles, &self.roles);
        let mut guarded = Self {
            manage: base.manage.clone(),
            manage_source: base.manage_source.clone(),
            protected: base.protected.clone(),
            administrators: base.administrators.clone(),
            governance: base.governance.clone(),
            limits: base.limits.clone(),
            policies: base.policies.clone(),
            policy_sources: base.policy_sources.clone(),
            ..self.clone()
        };
        for role in
            guarded.administrators.roles.iter_mut().chain(&mut guarded.governance.privileged)
        {
            *role = named(role);
        }
        for rule in guarded.governance.rules.values_mut() {
            for value in rule.parameters.values_mut() {
                *value = with_texts(value, &named);
            }
        }
        guarded
    }
}

/// A role by its name here, as it is written there.
fn renamed(role: &str, there: &Roles, here: &Roles) -> String {
    there.grn_of(role).map_or_else(|| role.to_owned(), |grn| here.name_of(&grn))
}

impl Desired {
    /// The same desired state under the guard of `base`: its settings, its waivers, and its default
    /// for members that are not listed.
    #[must_use]
    pub fn guarded_by(&self, base: &Self) -> Self {
        let default = base.project.manage.members;
        let intents: BTreeMap<Address, Intent> = self
            .intents
            .iter()
            .map(|(address, intent)| (address.clone(), intent.by_default(default)))
            .collect();
        Self {
            project: self.project.guarded_by(&base.project),
            items: self.items.clone(),
            intents,
            waivers: base.waivers.clone(),
            digests: self.digests.clone(),
        }
    }
}

impl Intent {
    /// The same with another default for members that are not listed.
    fn by_default(&self, default: MembersDefault) -> Self {
        let members = match (self.is_default, self.members) {
            (true, Members::Exact | Members::Additive) => default.into(),
            (_, members) => members,
        };
        Self { members, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Desired, SourceText, parse};

    fn of(project: &str) -> Desired {
        let text = |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
        let file = format!(
            "organization: acme\ntarget: {{ provider: sandbox, personality: greenlake }}\n{project}"
        );
        let groups = text(
            "identity.yaml",
            "groups:\n  one: { members: [] }\n  two: { members: \
                                            [], memberMode: additive }\n",
        );
        parse(&text("muster.yaml", &file), &[groups], 1).map(|(desired, _)| desired).unwrap()
    }

    #[test]
    fn a_role_of_the_base_is_the_role_that_its_alias_meant_there() {
        let manage = "manage: { groups: { names: ['*'] } }\n";
        let base = of(&format!(
            "roles: {{ wa: ccs.account-admin, ob: ccs.observer }}\nadministrators: {{ roles: [wa] \
             }}\nprivileged: [ob]\nrules: {{ least-privilege: {{ broad: [wa] }} }}\n{manage}"
        ));
        let head = of(&format!("roles: {{ wa: ccs.observer, root: ccs.account-admin }}\n{manage}"));
        let project = head.guarded_by(&base).project;
        assert_eq!(project.administrators.roles, ["root"]);
        assert_eq!(project.governance.privileged, ["wa"]);
        let rule = &project.governance.rules["least-privilege"];
        assert_eq!(rule.parameters["broad"], serde_json::json!(["root"]));
    }

    #[test]
    fn members_that_are_not_listed_are_kept_where_the_base_keeps_them() {
        let manage = |members: &str| {
            of(&format!("manage: {{ groups: {{ names: ['*'] }}, members: {members} }}\n"))
        };
        let (base, head) = (manage("additive"), manage("exact"));
        let modes = |desired: &Desired| -> Vec<_> {
            desired.intents.values().map(|intent| intent.members).collect()
        };
        assert_ne!(modes(&head), modes(&base));
        assert_eq!(modes(&head.guarded_by(&base)), modes(&base));
    }
}
