//! Plans for the guard's own tests.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::administrators::Rules;
use crate::config::{Administrators, Desired, SourceText, parse};
use crate::kind::{Address, FieldName, Fields, Grant, Item, Key, KindName, Source};
use crate::plan::access::{AccessDelta, Graph};
use crate::plan::{
    Action, Approvers, AskedBy, Change, Cost, Demand, Finding, Plan, Population, Realm, Standing,
};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) fn source(line: u32) -> Source {
    Source { file: "identity.yaml".into(), line, column: 3 }
}

pub(crate) fn fields_of(address: &Address) -> Fields {
    let mut fields = Fields::new();
    if address.kind() == KindName::Binding {
        let mut parts = address.key().as_str().splitn(4, '/');
        let principal = format!("{}/{}", parts.next().unwrap(), parts.next().unwrap());
        fields.insert(FieldName::fixed("principal"), principal.into());
        fields.insert(FieldName::fixed("role"), parts.next().unwrap().into());
        let workspace = parts.next().unwrap();
        if workspace != "-" {
            fields.insert(FieldName::fixed("workspace"), workspace.into());
        }
    }
    fields
}

pub(crate) fn change(address: &str, action: Action) -> Change {
    let address: Address = address.parse().unwrap();
    let fields = fields_of(&address);
    Change {
        before: (action != Action::Create).then(|| fields.clone()),
        after: (action != Action::Delete).then_some(fields),
        address,
        action,
        fields: vec![],
        reason: "a test".to_owned(),
        source: Some(source(7)),
        remote: None,
        expect: None,
        version: None,
        removes: action == Action::Delete,
        after_these: vec![],
    }
}

pub(crate) fn rename(address: &str, field: &'static str, before: &str) -> Change {
    let mut change = change(address, Action::Update);
    change.before = Some(Fields::from_iter([(FieldName::fixed(field), before.into())]));
    let after = change.address.key().as_str().to_owned();
    change.after = Some(Fields::from_iter([(FieldName::fixed(field), after.into())]));
    change.fields = vec![FieldName::fixed(field)];
    change
}

pub(crate) fn plan(changes: Vec<Change>) -> Plan {
    Plan {
        approvers: Approvers::default(),
        graph: Graph::default(),
        access: AccessDelta::default(),
        organization: "acme".to_owned(),
        target: "sandbox".to_owned(),
        now: now(),
        changes,
        unmanaged: vec![],
        findings: vec![],
        held: vec![],
        waiting: vec![],
        skew: None,
        member_batch: 100,
        new_groups_have_members: false,
        population: Population::default(),
        cost: Cost::default(),
        ids: BTreeMap::new(),
        doubts: BTreeMap::new(),
        administration: Default::default(),
        own: vec![],
    }
}

/// What the smallest project declares: nothing, with every default.
pub(crate) fn desired() -> Desired {
    let file = "organization: acme\ntarget: { provider: sandbox }\n";
    let text = |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
    let nobody = text("identity.yaml", "users: {}\n");
    parse(&text("muster.yaml", file), &[nobody], 1).map(|(desired, _)| desired).unwrap()
}

pub(crate) fn declare(desired: &mut Desired, address: &str, grant: Option<Grant>) {
    let address: Address = address.parse().unwrap();
    let fields = fields_of(&address);
    let mut item = Item::new(address.clone(), fields);
    item.grant = grant.map(Box::new);
    item.source = Some(source(9));
    desired.items.insert(item);
}

/// Has `plan` begin with these active users, each in these administrators' groups.
pub(crate) fn administered(plan: &mut Plan, users: &[(&str, &[&str])]) {
    let groups: BTreeSet<Key> =
        users.iter().flat_map(|(_, groups)| groups.iter().map(|group| Key::new(group))).collect();
    let standing = |groups: &[&str]| Standing {
        active: true,
        through: groups.iter().map(|group| Key::new(group)).collect(),
    };
    let realm = Realm {
        demand: 0,
        workspace: None,
        standing: users.iter().map(|(user, groups)| (Key::new(user), standing(groups))).collect(),
        powers: groups.iter().map(|key| (Address::new(KindName::Group, key.clone()), 1)).collect(),
    };
    plan.administration.realms = vec![realm];
    let names = groups.iter().map(|group| group.as_str().to_owned()).collect();
    plan.administration.groups = groups;
    demanded(plan, Administrators { roles: vec![], groups: names, at_least: 2, margin: 0 });
}

/// Has `plan` go by this definition of administrators.
pub(crate) fn demanded(plan: &mut Plan, rule: Administrators) {
    let before = plan.administration.demands.first();
    let disbanded = before.map(|demand| demand.disbanded.clone()).unwrap_or_default();
    plan.administration.demands = vec![Demand { asked_by: AskedBy::Project, rule, disbanded }];
}

/// A definition of administrators to judge plans by.
pub(crate) struct Asking(pub(crate) Administrators);

impl Asking {
    /// The rules of a plan that goes by it.
    pub(crate) fn rules(&self, plan: &Plan) -> Rules {
        let mut plan = plan.clone();
        demanded(&mut plan, self.0.clone());
        Rules::of(&plan).unwrap()
    }

    pub(crate) fn judge(&self, plan: &Plan) -> Vec<Finding> {
        self.rules(plan).judge(plan)
    }
}
