//! The diff of things that have an id of their own: users, groups.

use serde_json::Value;

use super::align::{Aligned, Match, Via};
use super::builder::Builder;
use super::compare::{Comparison, is_held, is_written, merged, shape_of};
use super::jurisdiction::Reach;
use super::{Action, Change, Finding, Level, Unmanaged};
use crate::config::OnRemove;
use crate::kind::{Address, FieldName, Fields, Item, KindName};
use crate::live::{Cause, Hold, Member, Object, Usability};

/// Plans every object of every kind that is not a link.
pub(super) fn plan_objects(builder: &mut Builder<'_>, aligned: &Aligned) {
    for item in builder.desired.in_force(builder.now) {
        let address = &item.address;
        if address.kind().spec().is_link || aligned.blocked.contains(address) {
            continue;
        }
        if builder.refuses_kind(item) {
            continue;
        }
        if let Some(found) = aligned.matches.get(address) {
            plan_update(builder, aligned, (item, found));
        } else if aligned.missing.contains(address) {
            plan_create(builder, item);
        } else if builder.jurisdiction.reach(address) == Reach::Protected {
            builder.note_protected(item);
        }
    }
    for (place, object) in builder.live.objects().iter().enumerate() {
        if !aligned.declared.contains(&place)
            && let Some(address) = aligned.addresses.get(place)
        {
            plan_leftover(builder, aligned, (object, address.clone()));
        }
    }
}

fn plan_create(builder: &mut Builder<'_>, item: &Item) {
    if builder.refuses_held_domain(item) {
        return;
    }
    let kind = item.address.kind();
    let held = |name: &FieldName| is_written(kind, name, &builder.live.capabilities);
    let after: Fields = item
        .fields
        .iter()
        .filter(|(name, _)| held(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    builder.note_unheld(item);
    builder.changes.push(Change {
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
    });
}

fn plan_update(builder: &mut Builder<'_>, aligned: &Aligned, (item, found): (&Item, &Match)) {
    let Some(object) = builder.live.objects().get(found.object) else { return };
    let kind = item.address.kind();
    builder.note_unheld(item);
    builder.note_inactive(item, object);
    let mut after = object.fields.clone();
    let mut changed = Vec::new();
    let capabilities = &builder.live.capabilities;
    let unheld = |part: &str| capabilities.unheld.contains(&(kind, part.to_owned()));
    for (name, want) in &item.fields {
        let have = object.fields.get(name);
        let shape = shape_of(kind, name);
        let comparison = Comparison { field: name.as_str(), unheld: &unheld };
        if !is_held(kind, name, capabilities) || comparison.says(shape, want, have) {
            continue;
        }
        after.insert(name.clone(), merged(shape, want, have));
        changed.push(name.clone());
    }
    if let Some(hold) = &object.hold {
        return builder.note_hold(item, hold, &changed);
    }
    if changed.is_empty() || builder.refuses_immutable(item, &changed) {
        return;
    }
    let narrows = loses_scope(kind, &object.fields, &after);
    if narrows && holder_is_protected(builder, aligned, &item.address) {
        return builder.refuse_narrowing(item);
    }
    let switched = Usability::edited(&object.fields, &after, capabilities.keeps_active());
    let removes = switched == Some(Usability::Inactive(Cause::Deactivated)) || narrows;
    let reason = match &found.via {
        Via::Name => differs(&changed),
        Via::ExternalId(id) => format!("renamed from `{}` (same externalId `{id}`)", object.key),
        Via::Previously(key) => format!("renamed from `{key}` (`previously`)"),
    };
    let change = update(&item.address, object, after, changed, reason);
    builder.changes.push(Change { source: item.source.clone(), removes, ..change });
}

/// Whether a binding ends up with less than it had.
fn loses_scope(kind: KindName, before: &Fields, after: &Fields) -> bool {
    let scopes = |fields: &Fields| match fields.get("scope") {
        Some(Value::Array(scopes)) => scopes.clone(),
        _ => Vec::new(),
    };
    let kept = scopes(after);
    kind == KindName::Binding && scopes(before).iter().any(|scope| !kept.contains(scope))
}

fn differs(changed: &[FieldName]) -> String {
    let names: Vec<String> = changed.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "{} {} not as declared",
        names.join(", "),
        if changed.len() == 1 { "is" } else { "are" }
    )
}

fn update(
    address: &Address,
    object: &Object,
    after: Fields,
    fields: Vec<FieldName>,
    reason: String,
) -> Change {
    Change {
        address: address.clone(),
        action: Action::Update,
        before: Some(object.fields.clone()),
        after: Some(after),
        fields,
        reason,
        source: None,
        remote: Some(object.id.clone()),
        expect: Some(object.fingerprint()),
        version: object.version.clone(),
        removes: false,
        after_these: Vec::new(),
    }
}

/// What to do with a live object that nobody declares.
fn plan_leftover(
    builder: &mut Builder<'_>,
    aligned: &Aligned,
    (object, address): (&Object, Address),
) {
    let why = match (builder.jurisdiction.reach(&address), &object.hold) {
        (Reach::Protected, _) => "protected".to_owned(),
        (_, Some(Hold::Elsewhere(who))) => format!("managed by {who}"),
        (Reach::Outside, _) => "outside `manage`".to_owned(),
        (Reach::Managed, Some(Hold::Waiting(_)) | None) => String::new(),
    };
    if !why.is_empty() {
        builder.unmanaged.push(Unmanaged { address, why });
        return;
    }
    if builder.is_disputed(&address) {
        return;
    }
    if let Some(why) = others_depend(builder, aligned, (object, &address)) {
        builder.unmanaged.push(Unmanaged { address, why: why.to_owned() });
        return;
    }
    let rule = format!("not declared (`manage.{}.onRemove", object.kind.plural());
    let ended = builder.ended(&address);
    let source =
        ended.as_ref().map_or_else(|| builder.manage_source(), |ended| ended.source.clone());
    let on_remove = match &ended {
        // A grant that ended is as good as a request to remove it, whoever else may stay.
        Some(ended) if ended.is_over => OnRemove::Delete,
        _ => builder.jurisdiction.on_remove(object.kind),
    };
    match on_remove {
        OnRemove::Report => builder.leftover(address),
        OnRemove::Deactivate if !builder.live.capabilities.can_deactivate() => {
            builder.leftover(address);
        }
        OnRemove::Deactivate if Usability::is_off(&object.fields) => {}
        // All that a delete does at such a target was done before: gone or inactive is done.
        OnRemove::Delete
            if Usability::is_off(&object.fields) && builder.deletes_deactivate(object.kind) => {}
        _ if builder.in_doubt(object.kind) => builder.leftover(address),
        OnRemove::Deactivate => {
            let (active, after) = Usability::switch_off(&object.fields);
            let reason = format!("{rule}: deactivate`)");
            let change = update(&address, object, after, vec![active], reason);
            builder.changes.push(Change { removes: true, source, ..change });
        }
        OnRemove::Delete if builder.refuses_unclaim(&address, object) => {}
        OnRemove::Delete => builder.changes.push(Change {
            address,
            action: Action::Delete,
            before: Some(object.fields.clone()),
            after: None,
            fields: Vec::new(),
            reason: ended.map_or_else(|| format!("{rule}: delete`)"), |ended| ended.reason),
            source,
            remote: Some(object.id.clone()),
            expect: Some(object.fingerprint()),
            version: object.version.clone(),
            removes: true,
            after_these: Vec::new(),
        }),
    }
}

/// Why something that nobody declares is left alone all the same: what it gives to others.
fn others_depend(
    builder: &Builder<'_>,
    aligned: &Aligned,
    (object, address): (&Object, &Address),
) -> Option<&'static str> {
    if holds_protected(builder, object) {
        return Some("not declared, and a member of it is protected or unknown");
    }
    match object.kind {
        KindName::Binding if holder_is_protected(builder, aligned, address) => {
            Some("a member of its holder is protected or unknown")
        }
        KindName::Group if keeps_a_role(builder, aligned, address) => {
            Some("not declared, and it holds a role that stays")
        }
        _ => None,
    }
}

/// Whether taking the role from this binding's holder would take it from somebody protected.
fn holder_is_protected(builder: &Builder<'_>, aligned: &Aligned, binding: &Address) -> bool {
    let Some(holder) = binding.principal() else { return false };
    let objects = builder.live.objects().iter().zip(&aligned.addresses);
    let mut groups = objects.filter(|(_, address)| **address == holder);
    groups.any(|(group, _)| holds_protected(builder, group))
}

/// Whether a group holds a role that this plan does not take away: deleting the group would.
fn keeps_a_role(builder: &Builder<'_>, aligned: &Aligned, group: &Address) -> bool {
    let objects = builder.live.objects().iter().zip(&aligned.addresses).enumerate();
    let mut held = objects.filter(|(_, (object, address))| {
        object.kind == KindName::Binding && address.principal().as_ref() == Some(group)
    });
    held.any(|(place, (object, address))| {
        let goes = !aligned.declared.contains(&place)
            && object.hold.is_none()
            && builder.jurisdiction.reach(address) == Reach::Managed
            && !builder.in_doubt(KindName::Binding)
            && (builder.jurisdiction.on_remove(KindName::Binding) == OnRemove::Delete
                || builder.ended(address).is_some_and(|ended| ended.is_over));
        !goes
    })
}

/// Whether a protected user is a member, or somebody of whom this read knows nothing and who may
/// be one: deleting the group would take that from them.
fn holds_protected(builder: &Builder<'_>, object: &Object) -> bool {
    object.members.iter().flatten().any(|member| match member {
        Member::Known(place) => builder
            .live
            .objects()
            .get(*place as usize)
            .is_some_and(|user| builder.jurisdiction.is_protected_user(&user.key)),
        Member::Unknown(_) => true,
    })
}

/// A finding about one declared item.
pub(super) fn about(item: &Item, level: Level, id: &str, message: String, remedy: &str) -> Finding {
    Finding {
        level,
        id: id.to_owned(),
        message,
        addresses: vec![item.address.clone()],
        source: item.source.clone(),
        remedy: remedy.to_owned(),
    }
}

/// Whether the kind can be deactivated at all: what `active` means for anything else is nothing.
#[must_use]
pub(super) const fn can_deactivate(kind: KindName) -> bool {
    matches!(kind, KindName::User)
}
