//! The diff of everything declared that has an id of its own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::unkept::{recorded, unkept};
use super::write;
use crate::kind::{
    Family, FieldName, Fields, Item, KindName, WHOLE_WORKSPACE, is_part_of_workspace,
};
use crate::live::{Cause, Object, Usability};
use crate::plan::align::Via;
use crate::plan::compare::{Comparison, is_held, is_written, merged, shape_of};
use crate::plan::inputs::Inputs;
use crate::plan::{Action, Change};

/// Where a declared item stands at the target.
pub(in crate::plan) enum Found<'a> {
    /// It is this object.
    Live(&'a Object),
    /// Nothing live is it.
    Missing,
    /// It was not looked for: it is protected, or outside `manage`.
    Unmanaged,
}

/// A declared item, and the change that would make it live as it is declared.
pub(in crate::plan) struct Wanted<'a> {
    pub(in crate::plan) item: &'a Item,
    pub(in crate::plan) found: Found<'a>,
    /// `None`: nothing differs. Boxed, because of most items nothing does.
    pub(in crate::plan) change: Option<Box<Change>>,
    /// Fields, and parts of fields, that the target did not keep when an earlier run created the
    /// object with them: they are not compared.
    pub(in crate::plan) unkept: Vec<FieldName>,
}

/// Every item that is declared and in force, links apart, in order. Items about which alignment
/// could not decide are left out: nothing may be planned for them.
pub(super) fn wanted(inputs: Inputs<'_>) -> Vec<Wanted<'_>> {
    let items = inputs.desired.in_force(inputs.now);
    items
        .filter(|item| !item.address.kind().spec().is_link())
        .filter(|item| !inputs.aligned.blocked.contains(&item.address))
        .map(|item| of(inputs, item))
        .collect()
}

fn of<'a>(inputs: Inputs<'a>, item: &'a Item) -> Wanted<'a> {
    let aligned = inputs.aligned;
    if let Some(found) = aligned.matches.get(&item.address)
        && let Some(object) = inputs.live.objects().get(found.object)
    {
        let mut unkept = Vec::new();
        let change = update(inputs, (item, object), &found.via, &mut unkept).map(Box::new);
        return Wanted { item, found: Found::Live(object), change, unkept };
    }
    if aligned.missing.contains(&item.address) {
        let change = Some(Box::new(create(inputs, item)));
        return Wanted { item, found: Found::Missing, change, unkept: Vec::new() };
    }
    Wanted { item, found: Found::Unmanaged, change: None, unkept: Vec::new() }
}

fn create(inputs: Inputs<'_>, item: &Item) -> Change {
    let kind = item.address.kind();
    let held = |name: &FieldName| is_written(kind, name, &inputs.live.capabilities);
    let after: Fields = item
        .fields
        .iter()
        .filter(|(name, _)| held(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Change {
        address: item.address.clone(),
        action: Action::Create,
        before: None,
        fields: after.keys().cloned().collect(),
        after: Some(after),
        reason: "declared, and not there".to_owned(),
        source: item.source.clone(),
        remote: None,
        expect: None,
        version: None,
        removes: false,
        after_these: Vec::new(),
    }
}

/// The change of what is written and differs; `None` where nothing does. What the target did not
/// keep before is added to `dropped`.
fn update(
    inputs: Inputs<'_>,
    (item, object): (&Item, &Object),
    via: &Via,
    dropped: &mut Vec<FieldName>,
) -> Option<Change> {
    let recorded = recorded(inputs.live, item, object);
    let kind = item.address.kind();
    let capabilities = &inputs.live.capabilities;
    let unheld = |part: &str| capabilities.unheld.contains(&(kind, part.to_owned()));
    let mut changed: Vec<(FieldName, Value)> = Vec::new();
    for (name, want) in &item.fields {
        let have = object.fields.get(name);
        let shape = shape_of(kind, name);
        let comparison = Comparison { field: name.as_str(), unheld: &unheld };
        if !is_held(kind, name, capabilities) || comparison.says(shape, want, have) {
            continue;
        }
        match unkept(recorded, (name, shape, want, have), &unheld) {
            Some(mut parts) => dropped.append(&mut parts),
            None => changed.push((name.clone(), merged(shape, want, have))),
        }
    }
    if changed.is_empty() {
        return None;
    }
    let fields: Vec<FieldName> = changed.iter().map(|(name, _)| name.clone()).collect();
    let mut after = object.fields.clone();
    after.extend(changed);
    let switched = Usability::edited(&object.fields, &after, capabilities.keeps_active());
    let deactivates = switched == Some(Usability::Inactive(Cause::Deactivated));
    let removes = deactivates || narrows(kind, Some(&object.fields), Some(&after));
    let reason = match via {
        Via::Name | Via::Recorded => differs(&fields),
        Via::ExternalId(id) => format!("renamed from `{}` (same externalId `{id}`)", object.key),
        Via::Previously(key) => format!("renamed from `{key}` (`previously`)"),
    };
    let change = write::update(&item.address, object, after, fields, reason);
    Some(Change { source: item.source.clone(), removes, ..change })
}

/// Whether a grant ends up with fewer scopes, or a scope with fewer resources, than it had.
pub(in crate::plan) fn narrows(
    kind: KindName,
    before: Option<&Fields>,
    after: Option<&Fields>,
) -> bool {
    let list = match kind.family() {
        Family::Grant => Some("scope"),
        Family::Scope => kind.spec().contents,
        Family::Subject | Family::Group | Family::Membership | Family::Plain => None,
    };
    let Some(list) = list else { return false };
    let entries = |fields: Option<&'_ Fields>| -> BTreeSet<String> {
        let list = fields.and_then(|fields| fields.get(list)?.as_array());
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (before, after) = (entries(before), entries(after));
    let is_whole = kind.family() == Family::Grant && after.contains(WHOLE_WORKSPACE);
    let mut lost = before.difference(&after);
    lost.any(|scope| !is_whole || !is_part_of_workspace(scope))
}

fn differs(changed: &[FieldName]) -> String {
    let names: Vec<String> = changed.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "{} {} not as declared",
        names.join(", "),
        if changed.len() == 1 { "is" } else { "are" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_workspace_holds_its_parts_and_no_tenants() {
        let scope = |names: &[&str]| {
            let names =
                Value::from(names.iter().map(|&name| Value::from(name)).collect::<Vec<_>>());
            Fields::from_iter([(FieldName::fixed("scope"), names)])
        };
        let narrowed = |before: &[&str], after: &[&str]| {
            narrows(KindName::Binding, Some(&scope(before)), Some(&scope(after)))
        };
        assert!(!narrowed(&["emea"], &["workspace"]));
        assert!(!narrowed(&["emea", "tenant-group/a"], &["workspace", "tenant-group/a"]));
        assert!(narrowed(&["tenant-group/a"], &["workspace"]));
        assert!(narrowed(&["workspace", "tenant-group/a"], &["workspace"]));
        assert!(narrowed(&["workspace"], &["emea"]));
    }
}
