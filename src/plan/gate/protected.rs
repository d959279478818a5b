//! Protected users: they are not planned, and nothing is taken from them by way of a group.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kind::{Address, Family, Fields, Item, scope_addresses};
use crate::live::{Member, Object};
use crate::plan::diff::{Found, Wanted, narrows};
use crate::plan::draft::{Draft, HeldBack};
use crate::plan::inputs::Inputs;
use crate::plan::jurisdiction::Reach;
use crate::plan::{Finding, Level};

/// Says which declared items are left as they are because they are protected.
pub(super) fn declared<'a>(
    inputs: Inputs<'a>,
    wanted: Vec<Wanted<'a>>,
) -> (Vec<Wanted<'a>>, Draft) {
    let protected = wanted.iter().filter(|one| {
        matches!(one.found, Found::Unmanaged)
            && inputs.jurisdiction.reach(&one.item.address) == Reach::Protected
    });
    let findings: Vec<Finding> = protected.map(|one| declared_finding(one.item)).collect();
    (wanted, Draft::from(findings))
}

/// A declared item that is left as it is because it, or one of its ends, is protected.
pub(super) fn declared_finding(item: &Item) -> Finding {
    let message = format!("`{}` is declared and protected: it is left as it is", item.address);
    let remedy = "take it out of the YAML, or out of `protected`";
    Finding::about(item, Level::Warn, "protected-declared", message, remedy)
}

/// Holds back changes that narrow a role, or a scope that it holds for, which a protected user holds
/// through a group.
pub(super) fn narrowed<'a>(
    inputs: Inputs<'a>,
    mut wanted: Vec<Wanted<'a>>,
) -> (Vec<Wanted<'a>>, Draft) {
    let narrowed = |one: &Wanted<'_>| {
        let change = one.change.as_ref().filter(|_| matches!(one.found, Found::Live(_)));
        change.is_some_and(|change| {
            narrows(change.kind(), change.before.as_ref(), change.after.as_ref())
        })
    };
    let scopes = ScopeHolders::of(inputs);
    let holders = |one: &Wanted<'_>| scopes.holders(&one.item.address);
    let asked = wanted.iter().filter(|one| narrowed(one)).flat_map(holders).collect();
    let reaching = reaching(inputs, asked);
    let mut draft = Draft::default();
    for one in &mut wanted {
        let holders = || holders(one).into_iter().filter(|holder| reaching.contains(holder));
        if !narrowed(one) || holders().next().is_none() {
            continue;
        }
        let what = match one.item.address.family() {
            Family::Grant => role_in_words(&one.item.fields),
            Family::Subject
            | Family::Group
            | Family::Membership
            | Family::Scope
            | Family::Plain => format!("the roles for `{}`", one.item.address),
        };
        draft.held.push(HeldBack {
            address: one.item.address.clone(),
            holders: holders().collect(),
            what: format!("{what} as widely as before"),
            reason: "it would lose a part of its scope".to_owned(),
            source: one.item.source.clone(),
            is_declared: true,
        });
        one.change = None;
    }
    (wanted, draft)
}

/// A role and where it is held, for a message.
pub(super) fn role_in_words(fields: &Fields) -> String {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let role = text("role").unwrap_or_default();
    text("workspace").map_or_else(|| format!("`{role}`"), |place| format!("`{role}` in `{place}`"))
}

/// The holders of live grants, by the scopes that the grants name.
struct ScopeHolders(BTreeMap<Address, BTreeSet<Address>>);

impl ScopeHolders {
    fn of(inputs: Inputs<'_>) -> Self {
        let mut found: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
        let grants = inputs.objects().filter(|(one, _)| one.kind.family() == Family::Grant);
        for (object, address) in grants {
            let Some(holder) = address.principal() else { continue };
            for scope in scope_addresses(&object.fields) {
                found.entry(scope).or_default().insert(holder.clone());
            }
        }
        Self(found)
    }

    /// Everybody who has less when the grant, or the scope, at `address` is narrowed.
    fn holders(&self, address: &Address) -> Vec<Address> {
        let of_scope = self.0.get(address).into_iter().flatten().cloned();
        address.principal().into_iter().chain(of_scope).collect()
    }
}

/// The addresses among `asked` of live objects that [`reaches`] says so of. Every object is looked
/// at once, however many roles it holds.
pub(super) fn reaching<'a>(inputs: Inputs<'a>, asked: BTreeSet<Address>) -> BTreeSet<&'a Address> {
    if asked.is_empty() {
        return BTreeSet::new();
    }
    let objects = inputs.objects().filter(|(_, address)| asked.contains(*address));
    objects.filter(|(object, _)| reaches(inputs, object)).map(|(_, address)| address).collect()
}

/// Whether a member is protected, or is nobody of whom this read knows and so may be: deleting
/// the group, or taking a role from it, would take that from them.
pub(super) fn reaches(inputs: Inputs<'_>, group: &Object) -> bool {
    group.members.iter().flatten().any(|member| match member {
        Member::Known(place) => {
            let user = inputs.live.objects().get(*place as usize);
            user.is_some_and(|user| inputs.jurisdiction.is_protected_user(&user.key))
        }
        Member::Unknown(_) => true,
    })
}
