//! What planning gathers on its way: changes, what is left alone, what it has to say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::compare::unheld_parts;
use super::jurisdiction::Jurisdiction;
use super::objects::{about, can_deactivate};
use super::{Change, Finding, Level, Unmanaged, Waiting};
use crate::config::Desired;
use crate::kind::{Address, FieldName, Item, KindName, Level as FieldLevel, Source};
use crate::live::{Cause, Live, Object, Usability};

/// The inputs of planning, and what has been gathered so far.
pub(super) struct Builder<'a> {
    pub(super) desired: &'a Desired,
    pub(super) live: &'a Live,
    pub(super) jurisdiction: &'a Jurisdiction,
    pub(super) now: Timestamp,
    pub(super) changes: Vec<Change>,
    pub(super) unmanaged: Vec<Unmanaged>,
    pub(super) waiting: Vec<Waiting>,
    findings: Vec<Finding>,
    leftovers: BTreeMap<KindName, Vec<Address>>,
    unheld: BTreeMap<(KindName, FieldName), Vec<Address>>,
    refused: BTreeMap<KindName, Vec<(Address, Option<Source>)>>,
    disputed: BTreeSet<Address>,
    /// Users that this plan deactivates or deletes.
    pub(super) leaving: BTreeSet<Address>,
    /// Places of live objects that are declared, under whatever name.
    pub(super) declared: BTreeSet<usize>,
}

/// What was gathered, in order.
pub(super) struct Gathered {
    pub(super) changes: Vec<Change>,
    pub(super) unmanaged: Vec<Unmanaged>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        desired: &'a Desired,
        live: &'a Live,
        jurisdiction: &'a Jurisdiction,
        now: Timestamp,
    ) -> Self {
        Self {
            desired,
            live,
            jurisdiction,
            now,
            changes: Vec::new(),
            unmanaged: Vec::new(),
            waiting: Vec::new(),
            findings: Vec::new(),
            leftovers: BTreeMap::new(),
            unheld: BTreeMap::new(),
            refused: BTreeMap::new(),
            disputed: shared_names(live),
            leaving: BTreeSet::new(),
            declared: BTreeSet::new(),
        }
    }

    pub(super) fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Whether two live objects have this name: neither is touched.
    pub(super) fn is_disputed(&mut self, address: &Address) -> bool {
        let disputed = self.disputed.contains(address);
        if disputed {
            let why = "two live objects share this name".to_owned();
            self.unmanaged.push(Unmanaged { address: address.clone(), why });
        }
        disputed
    }

    pub(super) fn in_doubt(&self, kind: KindName) -> bool {
        !self.live.is_proved(kind)
    }

    /// Whether deleting an object of this kind leaves it there, deactivated.
    pub(super) const fn deletes_deactivate(&self, kind: KindName) -> bool {
        can_deactivate(kind) && self.live.capabilities.delete_deactivates
    }

    /// The line that asks for removals of what nobody declares.
    pub(super) fn manage_source(&self) -> Option<Source> {
        self.desired.project.manage_source.clone()
    }

    pub(super) fn leftover(&mut self, address: Address) {
        self.leftovers.entry(address.kind()).or_default().push(address);
    }

    /// Whether the target cannot hold items of this kind at all; the refusal is one finding.
    pub(super) fn refuses_kind(&mut self, item: &Item) -> bool {
        let kind = item.address.kind();
        let refused = self.live.capabilities.refused_kinds.contains_key(&kind);
        if refused {
            self.refused.entry(kind).or_default().push((item.address.clone(), item.source.clone()));
        }
        refused
    }

    pub(super) fn note_unheld(&mut self, item: &Item) {
        let kind = item.address.kind();
        let capabilities = &self.live.capabilities;
        for (name, value) in &item.fields {
            let mut note = |name: FieldName| {
                self.unheld.entry((kind, name)).or_default().push(item.address.clone());
            };
            let is_state = kind
                .spec()
                .fields
                .iter()
                .any(|spec| spec.name == name.as_str() && spec.level == FieldLevel::State);
            // `active` is refused, not warned of: `deactivation`.
            let is_state = is_state || Usability::is_field(name);
            if !is_state && capabilities.unheld.contains(&(kind, name.as_str().to_owned())) {
                note(name.clone());
            }
            for part in unheld_parts(kind, name, value, capabilities) {
                note(FieldName::other(&format!("{name}.{part}")));
            }
        }
    }

    pub(super) fn note_inactive(&mut self, item: &Item, object: &Object) {
        let capabilities = &self.live.capabilities;
        let is_off = Usability::of(object, capabilities) == Usability::Inactive(Cause::Deactivated);
        if is_off && capabilities.keeps_active() && !Usability::is_declared(&item.fields) {
            self.find(about(
                item,
                Level::Warn,
                "inactive",
                format!("`{}` is declared, and inactive at the target", item.address),
                "write `active: true` to reactivate it, or `active: false` to keep it so",
            ));
        }
    }

    pub(super) fn note_protected(&mut self, item: &Item) {
        let message = format!("`{}` is declared and protected: it is left as it is", item.address);
        let remedy = "take it out of the YAML, or out of `protected`";
        self.find(about(item, Level::Warn, "protected-declared", message, remedy));
    }

    /// Whether the change would touch a field the target cannot change.
    pub(super) fn refuses_immutable(&mut self, item: &Item, changed: &[FieldName]) -> bool {
        let kind = item.address.kind();
        let immutable = &self.live.capabilities.immutable;
        let stuck: Vec<&FieldName> = changed
            .iter()
            .filter(|name| immutable.contains(&(kind, name.as_str().to_owned())))
            .collect();
        let Some(first) = stuck.first() else { return false };
        let message =
            format!("this target cannot change `{first}` of `{}` once it exists", item.address);
        let remedy = "declare it as it is at the target, or remove it and declare another one";
        self.find(about(item, Level::Deny, "immutable", message, remedy));
        true
    }

    /// Everything there is to say, in order.
    pub(super) fn finish(mut self) -> Gathered {
        let mut findings = std::mem::take(&mut self.findings);
        findings.extend(self.leftover_findings());
        findings.extend(self.unheld_findings());
        findings.extend(self.refused_findings());
        findings.sort();
        findings.dedup();
        self.changes.sort_by(|a, b| (&a.address, a.action).cmp(&(&b.address, b.action)));
        self.unmanaged.sort();
        self.unmanaged.dedup();
        self.waiting.sort();
        let Self { changes, unmanaged, waiting, .. } = self;
        Gathered { changes, unmanaged, waiting, findings }
    }

    fn leftover_findings(&self) -> Vec<Finding> {
        let finding = |(kind, addresses): (&KindName, &Vec<Address>)| {
            let doubt = self.live.doubt(*kind);
            let count = addresses.len();
            let plural = kind.plural();
            let (id, message, remedy) = match doubt {
                Some(why) => (
                    "unproved-read",
                    format!(
                        "{count} {plural} are not declared; none is removed, because the read is in doubt: {why}"
                    ),
                    "nothing is removed on a read that was not proved complete".to_owned(),
                ),
                None => (
                    "not-declared",
                    format!("{count} managed {plural} are live and not declared"),
                    format!("declare them, or set `manage.{plural}.onRemove`"),
                ),
            };
            let mut addresses = addresses.clone();
            addresses.sort();
            Finding {
                level: Level::Warn,
                id: id.to_owned(),
                message,
                addresses,
                source: None,
                remedy,
            }
        };
        self.leftovers.iter().map(finding).collect()
    }

    fn unheld_findings(&self) -> Vec<Finding> {
        let finding = |((kind, name), addresses): (&(KindName, FieldName), &Vec<Address>)| {
            let plural = kind.plural();
            let mut message = format!(
                "this target does not keep `{name}` of {plural}: it is declared for {} and not compared",
                addresses.len()
            );
            let mut remedy = format!("take `{name}` out of the YAML for this target");
            if name.as_str() == "externalId" {
                message.push_str("; nor is anything found by it");
                remedy.push_str(
                    ", and say `previously` where a name changes: without it, what has a new name \
                     is another one",
                );
            }
            Finding {
                level: Level::Warn,
                id: "unheld".to_owned(),
                message,
                addresses: addresses.clone(),
                source: None,
                remedy,
            }
        };
        self.unheld.iter().map(finding).collect()
    }

    fn refused_findings(&self) -> Vec<Finding> {
        let finding = |(kind, items): (&KindName, &Vec<(Address, Option<Source>)>)| Finding {
            level: Level::Deny,
            id: "target-cannot-hold".to_owned(),
            message: self.live.capabilities.refused_kinds.get(kind).cloned().unwrap_or_default(),
            addresses: items.iter().map(|(address, _)| address.clone()).collect(),
            source: items.first().and_then(|(_, source)| source.clone()),
            remedy: format!(
                "take the {} out of this project, or choose a target that has them",
                kind.plural()
            ),
        };
        self.refused.iter().map(finding).collect()
    }
}

/// The names that more than one live object has.
fn shared_names(live: &Live) -> BTreeSet<Address> {
    let mut seen = BTreeSet::new();
    let mut shared = BTreeSet::new();
    for object in live.objects() {
        if !seen.insert((object.kind, &object.key)) {
            shared.insert(Address::new(object.kind, object.key.clone()));
        }
    }
    shared
}
