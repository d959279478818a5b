//! The input document: the one thing a guardrail sees. `policies/README.md` explains it to
//! people field by field; the JSON Schema comes from the same types ([`json_schema`]).
//!
//! Every key is always there (hazards H1 and H4 of Rego: what may be missing is what silently
//! turns a rule off). The changes are written chunk by chunk, so that an organization of a
//! million memberships is never held a second time.

mod access;
mod build;
mod canary;
mod changes;
mod header;
mod heading;
mod index;
mod select;
mod values;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::PolicyError;
use super::protection::{Protection, touched_by};
use crate::config::Desired;
use crate::kind::{Address, Fields, Item, KindName, Source};
use crate::plan::access::{Graph, When, declared};
use crate::plan::{Action, Change, Observation, Plan};

pub use changes::{ActionView, ChangeView, GrantView};
pub use header::{Asked, Header, Point, Run, SCHEMA, Settings, Summary};

pub(super) use canary::document as canary;

use changes::{grant_view, with_ends};
use heading::Heading;

/// The whole document, as `opa eval --input` takes it.
#[derive(Serialize, JsonSchema)]
struct Whole<'a> {
    #[serde(flatten)]
    header: &'a Header,
    changes: Vec<ChangeView<'a>>,
}

/// The JSON Schema of the input document.
#[must_use]
pub fn json_schema() -> Value {
    schemars::schema_for!(Whole<'_>).to_value()
}

#[derive(Clone, Copy)]
enum Entry<'a> {
    Change(&'a Change),
    Declared(&'a Item),
    Observed(&'a Observation),
}

/// An input document over a plan, over what is declared, or over what is there.
pub struct Document<'a> {
    header: Header,
    desired: &'a Desired,
    entries: Vec<Entry<'a>>,
    protection: Protection,
    elsewhere: BTreeMap<Address, String>,
}

impl<'a> Document<'a> {
    /// The document of a plan: every change.
    ///
    /// # Errors
    ///
    /// A pattern of the project that is no glob.
    pub fn planned(
        plan: &'a Plan,
        desired: &'a Desired,
        asked: &Asked,
    ) -> Result<Self, PolicyError> {
        let crate::plan::Summary { create, update, delete } = plan.summary();
        let protection = Protection::new(&desired.project.protected)?;
        let header = Heading {
            graph: &plan.graph,
            desired,
            asked,
            protection: &protection,
            changes: &plan.changes,
            access: Some(&plan.access),
            target: plan.target.clone(),
            summary: Summary { create, update, delete },
        };
        let header = header.make(Point::Plan, plan.now);
        let entries = plan.changes.iter().map(Entry::Change).collect();
        let about = plan.changes.iter().map(|change| &change.address);
        let elsewhere = elsewhere(&plan.graph, about);
        Ok(Self { header, desired, entries, protection, elsewhere })
    }

    /// The document of what is declared and not past its `until`: the items of `kinds` (those
    /// that some rule names), and beside them every item that is about somebody protected. Not
    /// everything: Rego need not be handed a million memberships that no rule looks at.
    ///
    /// # Errors
    ///
    /// A pattern of the project that is no glob.
    pub fn declared(
        desired: &'a Desired,
        now: Timestamp,
        kinds: &BTreeSet<KindName>,
        asked: &Asked,
    ) -> Result<Self, PolicyError> {
        let project = &desired.project;
        let protection = Protection::new(&project.protected)?;
        let past = |item: &Item| {
            item.grant.as_ref().and_then(|grant| grant.until).is_some_and(|until| until < now)
        };
        let shown = |item: &&Item| {
            let wanted = kinds.contains(&item.address.kind()) || protection.covers_item(item);
            wanted && !past(item)
        };
        let entries = desired.items.values().filter(shown).map(Entry::Declared).collect();
        let graph = declared(desired, now, When::ToCome);
        let target = header::target_name(project);
        let header = Heading::still(&graph, desired, asked, &protection, target);
        let header = header.make(Point::Check, now);
        Ok(Self { header, desired, entries, protection, elsewhere: BTreeMap::new() })
    }

    /// The document of what is there: `seen`, now or at the end of `plan`.
    ///
    /// # Errors
    ///
    /// A pattern of the project that is no glob.
    pub fn observed(
        plan: &Plan,
        seen: &'a [Observation],
        desired: &'a Desired,
        point: Point,
        asked: &Asked,
    ) -> Result<Self, PolicyError> {
        let protection = Protection::new(&desired.project.protected)?;
        let mut graph = plan.graph.clone();
        match point {
            Point::Live | Point::Check => graph.after.clone_from(&graph.before),
            Point::End | Point::Plan => {}
        }
        let target = plan.target.clone();
        let header = Heading::still(&graph, desired, asked, &protection, target);
        let header = header.make(point, plan.now);
        let entries = seen.iter().map(Entry::Observed).collect();
        let elsewhere = elsewhere(&plan.graph, seen.iter().map(|one| &one.address));
        Ok(Self { header, desired, entries, protection, elsewhere })
    }

    /// How many changes or declared items it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Everything but the changes.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The changes, in chunks of at most `size`.
    pub fn chunks(&self, size: usize) -> impl Iterator<Item = Vec<ChangeView<'_>>> {
        let views = |chunk: &'_ [Entry<'a>]| chunk.iter().map(|entry| self.view(*entry)).collect();
        self.entries.chunks(size.max(1)).map(views)
    }

    /// The whole document as JSON, for `opa eval --input` and conftest.
    ///
    /// # Errors
    ///
    /// None that can be met: every part of it has a JSON form.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let changes = self.entries.iter().map(|entry| self.view(*entry)).collect();
        serde_json::to_string_pretty(&Whole { header: &self.header, changes })
    }

    /// Where those of `wanted` that are in the document were written.
    #[must_use]
    pub fn sources(&self, wanted: &BTreeSet<Address>) -> BTreeMap<Address, Source> {
        let mut sources = BTreeMap::new();
        for entry in &self.entries {
            let (address, source) = match *entry {
                Entry::Change(change) => (&change.address, change.source.as_ref()),
                Entry::Declared(item) => (&item.address, item.source.as_ref()),
                Entry::Observed(seen) => (&seen.address, self.declared_at(&seen.address)),
            };
            if let (true, Some(source)) = (wanted.contains(address), source) {
                sources.insert(address.clone(), source.clone());
            }
        }
        // What is not among the changes may be declared all the same.
        for address in wanted
            .iter()
            .filter(|address| !sources.contains_key(*address))
            .cloned()
            .collect::<Vec<_>>()
        {
            if let Some(source) = self.declared_at(&address) {
                sources.insert(address, source.clone());
            }
        }
        sources
    }

    fn declared_at(&self, address: &Address) -> Option<&'a Source> {
        self.desired.items.get(address)?.source.as_ref()
    }

    fn view(&self, entry: Entry<'a>) -> ChangeView<'_> {
        match entry {
            Entry::Change(change) => self.change_view(change),
            Entry::Declared(item) => ChangeView {
                touches_protected: self.protection.covers_item(item),
                source: item.source.as_ref(),
                ..self.standing(&item.address, &item.fields, ActionView::Declare)
            },
            Entry::Observed(seen) => ChangeView {
                touches_protected: false,
                fields: Cow::Borrowed(&seen.differs),
                source: self.declared_at(&seen.address),
                ..self.standing(&seen.address, &seen.fields, ActionView::Observe)
            },
        }
    }

    /// Something that stands, declared or seen.
    fn standing<'b>(
        &'b self,
        address: &'b Address,
        fields: &'b Fields,
        action: ActionView,
    ) -> ChangeView<'b> {
        let item = self.desired.items.get(address);
        ChangeView {
            address,
            kind: address.kind(),
            action,
            before: None,
            after: Some(with_ends(address, fields)),
            fields: Cow::Borrowed(&[]),
            reason: "",
            removes: false,
            touches_protected: true,
            managed_by: self.managed_by(address),
            source: None,
            grant: item.map(grant_view).unwrap_or_default(),
        }
    }

    fn change_view(&self, change: &'a Change) -> ChangeView<'_> {
        let declared = self.desired.items.get(&change.address);
        let side = |fields: &'a Option<Fields>| {
            fields.as_ref().map(|fields| with_ends(&change.address, fields))
        };
        ChangeView {
            address: &change.address,
            kind: change.kind(),
            action: match change.action {
                Action::Create => ActionView::Create,
                Action::Update => ActionView::Update,
                Action::Delete => ActionView::Delete,
            },
            before: side(&change.before),
            after: side(&change.after),
            fields: Cow::Borrowed(&change.fields),
            reason: &change.reason,
            removes: change.takes_away(),
            touches_protected: self.protection.first(&touched_by(change)).is_some(),
            managed_by: self.managed_by(&change.address),
            source: change.source.as_ref(),
            grant: declared.map(grant_view).unwrap_or_default(),
        }
    }

    /// Who else manages a thing.
    fn managed_by(&self, address: &Address) -> &str {
        if self.elsewhere.is_empty() {
            return "";
        }
        self.elsewhere.get(&whose(address)).map_or("", String::as_str)
    }
}

/// What somebody else manages of these. Of two things with one address it is enough that one is.
fn elsewhere<'a>(
    graph: &Graph,
    addresses: impl Iterator<Item = &'a Address>,
) -> BTreeMap<Address, String> {
    let roles = graph.roles.iter();
    let roles = roles.filter_map(|role| Some((role.address.clone(), role.elsewhere.clone()?)));
    let nodes = addresses.filter_map(|address| {
        let address = whose(address);
        let node = graph.node(graph.place(&address)?)?;
        Some((address, node.elsewhere.clone()?))
    });
    let mut elsewhere: BTreeMap<Address, String> = roles.chain(nodes).collect();
    for node in graph.hidden() {
        if let Some(who) = &node.elsewhere {
            elsewhere.entry(node.address.clone()).or_insert_with(|| who.clone());
        }
    }
    elsewhere
}

/// Whose a thing is: the members of a group belong to the group.
fn whose(address: &Address) -> Address {
    address.ends().map_or_else(|| address.clone(), |(group, _)| group)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{change, declare, desired, now, plan};
    use super::*;
    use crate::kind::Grant;

    fn json(document: &Document<'_>) -> Value {
        serde_json::from_str(&document.to_json().unwrap()).unwrap()
    }

    #[test]
    fn every_key_is_there_whatever_the_change() {
        let plan = plan(vec![
            change("user/a@x.org", Action::Create),
            change("membership/g/a@x.org", Action::Update),
            change("binding/user/a@x.org/viewer/-", Action::Delete),
        ]);
        let desired = desired();
        let document = json(&Document::planned(&plan, &desired, &Asked::default()).unwrap());
        let mut keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(
            keys,
            [
                "access",
                "actor",
                "administrators",
                "bindings",
                "breakGlass",
                "changes",
                "domains",
                "groups",
                "holds",
                "now",
                "nowNs",
                "organization",
                "point",
                "privileged",
                "protected",
                "run",
                "schema",
                "settings",
                "summary",
                "target",
                "users",
                "waivers",
                "workspaces"
            ]
        );
        for change in document["changes"].as_array().unwrap() {
            let mut keys: Vec<&String> = change.as_object().unwrap().keys().collect();
            keys.sort();
            assert_eq!(
                keys,
                [
                    "action",
                    "address",
                    "after",
                    "before",
                    "fields",
                    "grant",
                    "kind",
                    "managedBy",
                    "reason",
                    "removes",
                    "source",
                    "touchesProtected"
                ]
            );
        }
        assert_eq!(document["changes"][1]["after"]["group"], "g");
        assert_eq!(document["changes"][1]["before"]["user"], "a@x.org");
        assert_eq!(document["changes"][2]["after"], Value::Null);
        assert_eq!(document["summary"]["delete"], 1);
        assert_eq!(document["nowNs"], 1_795_262_400_000_000_000_i64);
    }

    #[test]
    fn a_check_shows_the_kinds_asked_for_and_whatever_is_protected() {
        let mut desired = desired();
        desired.project.protected.users.push("bg@x.org".to_owned());
        desired.project.protected.groups.push("Root".to_owned());
        for address in [
            "user/ada@x.org",
            "user/bg@x.org",
            "membership/g/ada@x.org",
            "membership/g/bg@x.org",
            "membership/root/ada@x.org",
            "binding/group/g/viewer/-",
            "binding/user/bg@x.org/viewer/-",
        ] {
            declare(&mut desired, address, None);
        }
        let past = Grant { until: Some(Timestamp::UNIX_EPOCH), ..Grant::default() };
        declare(&mut desired, "binding/group/old/viewer/-", Some(past));
        let kinds = BTreeSet::from([KindName::Binding]);
        let document =
            json(&Document::declared(&desired, now(), &kinds, &Asked::default()).unwrap());
        let changes = document["changes"].as_array().unwrap();
        let shown: Vec<_> = changes
            .iter()
            .map(|c| (c["address"].as_str().unwrap(), c["touchesProtected"].as_bool().unwrap()))
            .collect();
        assert_eq!(
            shown,
            [
                ("user/bg@x.org", true),
                ("membership/g/bg@x.org", true),
                ("membership/root/ada@x.org", true),
                ("binding/group/g/viewer/-", false),
                ("binding/user/bg@x.org/viewer/-", true)
            ]
        );
        assert_eq!(changes[0]["action"], "declare");
    }

    #[test]
    fn a_grant_is_told_with_the_change() {
        let mut desired = desired();
        let grant =
            Grant { until: Some(now()), reason: Some("INC-1".to_owned()), ..Grant::default() };
        declare(&mut desired, "binding/group/g/viewer/-", Some(grant));
        let plan = plan(vec![change("binding/group/g/viewer/-", Action::Create)]);
        let document = json(&Document::planned(&plan, &desired, &Asked::default()).unwrap());
        let told = &document["changes"][0]["grant"];
        let expected = serde_json::json!(
            {
                "from": "", "fromNs": 0, "until": "2026-11-21T12:00:00Z",
                "untilNs": 1_795_262_400_000_000_000_i64, "reason": "INC-1", "owner": "",
                "reviewed": "", "reviewedNs": 0, "reviewedBy": ""
            }
        );
        assert_eq!(*told, expected);
    }

    #[test]
    fn the_schema_names_every_key() {
        let schema = json_schema().to_string();
        for key in ["nowNs", "touchesProtected", "administrators", "column", "declare"] {
            assert!(schema.contains(key), "{key}");
        }
    }
}
