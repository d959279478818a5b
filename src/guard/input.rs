//! The input document: the one thing a guardrail sees. `policies/README.md` explains it to
//! people field by field; the JSON Schema comes from the same types ([`json_schema`]).
//!
//! Every key is always there (hazards H1 and H4 of Rego: what may be missing is what silently
//! turns a rule off). The changes are written chunk by chunk, so that an organization of a
//! million memberships is never held a second time.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::PolicyError;
use super::protection::{Protection, touched_by};
use crate::config::{Desired, Project, Provider};
use crate::kind::{Address, FieldName, Fields, Grant, Item, KindName, Source};
use crate::plan::{Action, Change, Plan};

/// The version of the document's shape.
pub const SCHEMA: &str = "muster/input/v1";

/// When the guardrails are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Point {
    /// Offline: what is declared.
    Check,
    /// What a plan would change.
    Plan,
}

/// Everything but the changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The version of this document's shape.
    pub schema: &'static str,
    /// When the guardrails are asked.
    pub point: Point,
    /// The organization's name in `muster.yaml`.
    pub organization: String,
    /// The target: provider and base URL.
    pub target: String,
    /// The instant the judgement is for (RFC 3339, UTC).
    pub now: String,
    /// The same in nanoseconds since 1970-01-01T00:00:00Z.
    pub now_ns: i64,
    /// The names nobody may touch, as globs.
    pub protected: Protected,
    /// Who counts as an administrator.
    pub administrators: Administrators,
    /// How many changes of each action.
    pub summary: Summary,
}

/// The names nobody may touch, as globs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Protected {
    /// Globs over `userName`.
    pub users: Vec<String>,
    /// Globs over group names.
    pub groups: Vec<String>,
}

/// Who counts as an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Administrators {
    /// Roles whose holders are administrators: the privileged roles.
    pub roles: Vec<String>,
    /// Globs over groups whose members are administrators.
    pub groups: Vec<String>,
}

/// How many changes of each action; all zero at `check`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Things made.
    pub create: u64,
    /// Things changed.
    pub update: u64,
    /// Things removed.
    pub delete: u64,
}

/// What is done with one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActionView {
    /// It is declared in a file (at `check`).
    Declare,
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is removed.
    Delete,
}

/// When and why something is granted; empty strings where nothing is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GrantView {
    /// The first instant at which it holds (RFC 3339), or "".
    pub from: String,
    /// The last instant at which it holds (RFC 3339), or "".
    pub until: String,
    /// Why, or "".
    pub reason: String,
}

/// A place in a file.
#[derive(Clone, Debug, JsonSchema)]
#[expect(dead_code, reason = "the shape that `Source` has in JSON, for the schema only")]
struct SourceView {
    /// The file, relative to the project.
    file: String,
    /// The line, from 1.
    line: u32,
    /// The column, from 1.
    column: u32,
}

/// One change, or one declared item.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView<'a> {
    /// Its stable name, such as `binding/group/admins/viewer/prod`.
    #[schemars(with = "String")]
    pub address: &'a Address,
    /// Its kind: `user`, `group`, `membership`, `binding` or `domain`.
    #[schemars(with = "String")]
    pub kind: KindName,
    /// What is done with it.
    pub action: ActionView,
    /// What it is now, or null. A membership has `group` and `user`.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub before: Option<Cow<'a, Fields>>,
    /// What it will be, or null.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub after: Option<Cow<'a, Fields>>,
    /// The names of the fields that differ.
    #[schemars(with = "Vec<String>")]
    pub fields: &'a [FieldName],
    /// Why the plan has it; for people.
    pub reason: &'a str,
    /// Whether it takes something away from somebody.
    pub removes: bool,
    /// Whether it is about a protected user or group, at either end, before or after.
    pub touches_protected: bool,
    /// Which line asked for it, or null.
    #[schemars(with = "Option<SourceView>")]
    pub source: Option<&'a Source>,
    /// When and why it is granted.
    pub grant: GrantView,
}

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
}

/// An input document over a plan or over what is declared.
pub struct Document<'a> {
    header: Header,
    desired: &'a Desired,
    entries: Vec<Entry<'a>>,
    protection: Protection,
}

impl<'a> Document<'a> {
    /// The document of a plan: every change.
    ///
    /// # Errors
    ///
    /// A pattern of the project that is no glob.
    pub fn planned(plan: &'a Plan, desired: &'a Desired) -> Result<Self, PolicyError> {
        let crate::plan::Summary { create, update, delete } = plan.summary();
        let summary = Summary { create, update, delete };
        let target = plan.target.clone();
        Ok(Self {
            header: header(&desired.project, (Point::Plan, plan.now), target, summary),
            desired,
            entries: plan.changes.iter().map(Entry::Change).collect(),
            protection: Protection::new(&desired.project.protected)?,
        })
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
        let target = target_name(project);
        let header = header(project, (Point::Check, now), target, Summary::default());
        Ok(Self { header, desired, entries, protection })
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
    pub fn sources(&self, wanted: &BTreeSet<Address>) -> BTreeMap<&'a Address, &'a Source> {
        let mut sources = BTreeMap::new();
        for entry in &self.entries {
            let (address, source) = match *entry {
                Entry::Change(change) => (&change.address, &change.source),
                Entry::Declared(item) => (&item.address, &item.source),
            };
            if let (true, Some(source)) = (wanted.contains(address), source) {
                sources.insert(address, source);
            }
        }
        sources
    }

    fn view(&self, entry: Entry<'a>) -> ChangeView<'a> {
        match entry {
            Entry::Change(change) => self.change_view(change),
            Entry::Declared(item) => ChangeView {
                address: &item.address,
                kind: item.address.kind(),
                action: ActionView::Declare,
                before: None,
                after: Some(with_ends(&item.address, &item.fields)),
                fields: &[],
                reason: "",
                removes: false,
                touches_protected: self.protection.covers_item(item),
                source: item.source.as_ref(),
                grant: item.grant.as_deref().map_or_else(GrantView::default, grant_view),
            },
        }
    }

    fn change_view(&self, change: &'a Change) -> ChangeView<'a> {
        let declared = self.desired.items.get(&change.address);
        let grant = declared.and_then(|item| item.grant.as_deref());
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
            fields: &change.fields,
            reason: &change.reason,
            removes: super::invariants::takes_away(change),
            touches_protected: self.protection.first(&touched_by(change)).is_some(),
            source: change.source.as_ref(),
            grant: grant.map_or_else(GrantView::default, grant_view),
        }
    }
}

/// The fields, and for a link its two ends.
fn with_ends<'a>(address: &Address, fields: &'a Fields) -> Cow<'a, Fields> {
    let Some(user) = address.member() else { return Cow::Borrowed(fields) };
    let mut fields = fields.clone();
    fields.insert(FieldName::fixed("group"), address.key().as_str().into());
    fields.insert(FieldName::fixed("user"), user.as_str().into());
    Cow::Owned(fields)
}

fn grant_view(grant: &Grant) -> GrantView {
    let instant = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    GrantView {
        from: instant(grant.from),
        until: instant(grant.until),
        reason: grant.reason.clone().unwrap_or_default(),
    }
}

fn target_name(project: &Project) -> String {
    let provider = match project.target.provider {
        Provider::Greenlake => "greenlake",
        Provider::Scim => "scim",
        Provider::Sandbox => "sandbox",
    };
    match &project.target.url {
        Some(url) => format!("{provider} {url}"),
        None => provider.to_owned(),
    }
}

fn header(
    project: &Project,
    (point, now): (Point, Timestamp),
    target: String,
    summary: Summary,
) -> Header {
    let nanoseconds = now.as_nanosecond();
    Header {
        schema: SCHEMA,
        point,
        organization: project.organization.clone(),
        target,
        now: now.to_string(),
        now_ns: i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 {
            i64::MIN
        } else {
            i64::MAX
        }),
        protected: Protected {
            users: project.protected.users.clone(),
            groups: project.protected.groups.clone(),
        },
        administrators: Administrators {
            roles: project.administrators.roles.clone(),
            groups: project.administrators.groups.clone(),
        },
        summary,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{change, declare, desired, now, plan};
    use super::*;

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
        let document = json(&Document::planned(&plan, &desired).unwrap());
        let mut keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(
            keys,
            [
                "administrators",
                "changes",
                "now",
                "nowNs",
                "organization",
                "point",
                "protected",
                "schema",
                "summary",
                "target"
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
        let document = json(&Document::declared(&desired, now(), &kinds).unwrap());
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
        let grant = Grant { from: None, until: Some(now()), reason: Some("INC-1".to_owned()) };
        declare(&mut desired, "binding/group/g/viewer/-", Some(grant));
        let plan = plan(vec![change("binding/group/g/viewer/-", Action::Create)]);
        let document = json(&Document::planned(&plan, &desired).unwrap());
        let told = &document["changes"][0]["grant"];
        let expected = serde_json::json!(
            {"from": "", "until": "2026-11-21T12:00:00Z", "reason": "INC-1"}
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
