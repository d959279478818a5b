//! What the target itself does not take: kinds, attributes, changes of attributes.

use std::collections::BTreeMap;

use crate::kind::{Address, FieldName, Item, KindName, Level as FieldLevel, Source};
use crate::live::{Capabilities, Cause, Object, Usability};
use crate::plan::compare::unheld_parts;
use crate::plan::diff::{Found, Wanted};
use crate::plan::draft::Draft;
use crate::plan::inputs::Inputs;
use crate::plan::{Finding, Level};

/// Takes out items of kinds that the target cannot hold at all: one finding for each kind.
pub(super) fn refused_kinds<'a>(
    inputs: Inputs<'a>,
    wanted: Vec<Wanted<'a>>,
) -> (Vec<Wanted<'a>>, Draft) {
    let refused_kinds = &inputs.live.capabilities.refused_kinds;
    let (refused, wanted): (Vec<_>, Vec<_>) =
        wanted.into_iter().partition(|one| refused_kinds.contains_key(&one.item.address.kind()));
    let mut by_kind: BTreeMap<KindName, (Vec<Address>, Option<Source>)> = BTreeMap::new();
    for Wanted { item, .. } in refused {
        let first = || (Vec::new(), item.source.clone());
        let (addresses, _) = by_kind.entry(item.address.kind()).or_insert_with(first);
        addresses.push(item.address.clone());
    }
    let finding = |(kind, (addresses, source)): (KindName, (Vec<Address>, _))| Finding {
        level: Level::Deny,
        id: "target-cannot-hold".to_owned(),
        message: refused_kinds.get(&kind).cloned().unwrap_or_default(),
        addresses,
        source,
        remedy: format!(
            "take the {} out of this project, or choose a target that has them",
            kind.plural()
        ),
    };
    (wanted, Draft::from(by_kind.into_iter().map(finding).collect::<Vec<_>>()))
}

/// Says which declared attributes the target does not keep, and which accounts are inactive
/// without a word about it in the YAML. Takes nothing out: what is not kept is not compared.
pub(super) fn attributes<'a>(
    inputs: Inputs<'a>,
    wanted: Vec<Wanted<'a>>,
) -> (Vec<Wanted<'a>>, Draft) {
    let capabilities = &inputs.live.capabilities;
    let mut unheld: BTreeMap<(KindName, FieldName), Vec<Address>> = BTreeMap::new();
    let mut findings = Vec::new();
    for Wanted { item, found, unkept, .. } in &wanted {
        let (kind, address) = (item.address.kind(), &item.address);
        for name in unkept {
            match found {
                Found::Live(object) if kind.spec().name == Some(name.as_str()) => {
                    findings.push(named_otherwise(item, object));
                }
                _ => unheld.entry((kind, name.clone())).or_default().push(address.clone()),
            }
        }
        if matches!(found, Found::Live(_) | Found::Missing) {
            for name in unheld_of(item, capabilities) {
                let key = (item.address.kind(), name);
                unheld.entry(key).or_default().push(item.address.clone());
            }
        }
        if let Found::Live(object) = found {
            findings.extend(inactive(item, object, capabilities));
        }
    }
    findings.extend(unheld.into_iter().map(|(key, addresses)| unheld_finding(key, addresses)));
    (wanted, Draft::from(findings))
}

/// An object to which the target gave another name when an earlier run created it.
fn named_otherwise(item: &Item, object: &Object) -> Finding {
    let message = format!(
        "`{}` is called `{}` at the target, which gave it this name when muster created it: the \
         name is not compared",
        item.address, object.key
    );
    let remedy = format!(
        "rename it at the target, or declare it as `{}` and take `{}` out",
        object.key,
        item.address.key()
    );
    Finding::about(item, Level::Warn, "named-otherwise", message, &remedy)
}

/// The attributes, and the parts of attributes, that an item declares and the target does not
/// keep.
fn unheld_of(item: &Item, capabilities: &Capabilities) -> Vec<FieldName> {
    let kind = item.address.kind();
    let fields = kind.spec().fields;
    let is_state = |name: &FieldName| {
        // `active` is refused, not warned of: `deactivation`.
        Usability::is_field(name)
            || fields
                .iter()
                .any(|spec| spec.name == name.as_str() && spec.level == FieldLevel::State)
    };
    let mut names = Vec::new();
    for (name, value) in &item.fields {
        if !is_state(name) && capabilities.unheld.contains(&(kind, name.as_str().to_owned())) {
            names.push(name.clone());
        }
        let parts = unheld_parts(kind, name, value, capabilities);
        names.extend(parts.map(|part| FieldName::other(&format!("{name}.{part}"))));
    }
    names
}

fn unheld_finding((kind, name): (KindName, FieldName), addresses: Vec<Address>) -> Finding {
    let plural = kind.plural();
    let mut message = format!(
        "this target does not keep `{name}` of {plural}: it is declared for {} and not compared",
        addresses.len()
    );
    let mut remedy = format!("take `{name}` out of the YAML for this target");
    if name.as_str() == "externalId" {
        message.push_str("; nor is anything found by it");
        remedy.push_str(
            ", and say `previously` where a name changes: without it, what has a new name is \
             another one",
        );
    }
    Finding {
        level: Level::Warn,
        id: "unheld".to_owned(),
        message,
        addresses,
        source: None,
        remedy,
    }
}

fn inactive(item: &Item, object: &Object, capabilities: &Capabilities) -> Option<Finding> {
    let is_off = Usability::of(object, capabilities) == Usability::Inactive(Cause::Deactivated);
    let is_silent = capabilities.keeps_active() && !Usability::is_declared(&item.fields);
    (is_off && is_silent).then(|| {
        Finding::about(
            item,
            Level::Warn,
            "inactive",
            format!("`{}` is declared, and inactive at the target", item.address),
            "write `active: true` to reactivate it, or `active: false` to keep it so",
        )
    })
}

/// Takes out changes of attributes that the target cannot change.
pub(super) fn immutable<'a>(
    inputs: Inputs<'a>,
    mut wanted: Vec<Wanted<'a>>,
) -> (Vec<Wanted<'a>>, Draft) {
    let immutable = &inputs.live.capabilities.immutable;
    let mut findings = Vec::new();
    for Wanted { item, found, change, .. } in &mut wanted {
        let (Found::Live(_), Some(fields)) = (found, change.as_ref().map(|one| &one.fields)) else {
            continue;
        };
        let kind = item.address.kind();
        let is_stuck = |name: &&FieldName| immutable.contains(&(kind, name.as_str().to_owned()));
        let Some(first) = fields.iter().find(is_stuck) else { continue };
        let message =
            format!("this target cannot change `{first}` of `{}` once it exists", item.address);
        let remedy = "declare it as it is at the target, or remove it and declare another one";
        findings.push(Finding::about(item, Level::Deny, "immutable", message, remedy));
        *change = None;
    }
    (wanted, Draft::from(findings))
}
