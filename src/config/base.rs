//! The base of a change: the project as its target branch has it. Its guard judges the change too,
//! and its target is the one that is read and written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::jurisdiction::compile_names;
use super::patterns::is_glob;
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
        let meant = meant(&base.roles, &self.roles);
        for role in
            guarded.administrators.roles.iter_mut().chain(&mut guarded.governance.privileged)
        {
            *role = named(role);
        }
        meant.extend(&mut guarded.governance.privileged);
        for rule in guarded.governance.rules.values_mut() {
            for value in rule.parameters.values_mut() {
                *value = meant.in_lists(&with_texts(value, &named));
            }
        }
        guarded
    }
}

/// Roles by a name that they have in the base, with their name here. A pattern of the base matches
/// names of the base, so whatever it matches there it has to match here under another name.
struct Meant(Vec<(String, String)>);

fn meant(there: &Roles, here: &Roles) -> Meant {
    let grns = there.aliases().chain(here.aliases());
    let grns = grns.filter_map(|alias| there.grn_of(alias).or_else(|| here.grn_of(alias)));
    let grns: BTreeSet<String> =
        grns.chain(here.aliases().filter_map(|alias| here.grn_of(alias))).collect();
    let mut all = Vec::new();
    for grn in &grns {
        let now = here.name_of(grn);
        let then = there.aliases().filter(|alias| there.grn_of(alias).as_ref() == Some(grn));
        let then = then.map(str::to_owned).chain([there.name_of(grn)]);
        all.extend(then.filter(|then| *then != now).map(|then| (then, now.clone())));
    }
    Meant(all)
}

impl Meant {
    /// Adds the names here of the roles that a pattern among these matches there.
    fn extend(&self, patterns: &mut Vec<String>) {
        let of = |pattern: &String| {
            is_glob(pattern).then(|| compile_names(std::slice::from_ref(pattern)))
        };
        let globs: Vec<_> = patterns.iter().filter_map(of).filter_map(Result::ok).collect();
        let is_matched = |name: &str| globs.iter().any(|glob| glob.is_match(name));
        let matched = self.0.iter().filter(|(then, _)| is_matched(then));
        let matched: BTreeSet<String> = matched.map(|(_, now)| now.clone()).collect();
        patterns.extend(matched);
    }

    /// The same value with the names added to every list of texts in it.
    fn in_lists(&self, value: &Value) -> Value {
        match value {
            Value::Array(entries) if entries.iter().all(Value::is_string) => {
                let texts = entries.iter().filter_map(Value::as_str).map(str::to_owned);
                let mut texts: Vec<String> = texts.collect();
                self.extend(&mut texts);
                texts.into()
            }
            Value::Array(entries) => entries.iter().map(|entry| self.in_lists(entry)).collect(),
            Value::Object(keys) => {
                let keys = keys.iter().map(|(key, value)| (key.clone(), self.in_lists(value)));
                Value::Object(keys.collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
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
