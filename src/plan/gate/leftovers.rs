//! Live objects that are not declared: which are left alone, which are only reported, and which
//! go.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::holds::domain_of;
use super::protected::{reaches, reaching, role_in_words};
use crate::config::OnRemove;
use crate::kind::{Address, Family, KindName, scope_addresses};
use crate::live::{Hold, Object};
use crate::plan::diff::{Leftover, Removal};
use crate::plan::draft::{Draft, HeldBack};
use crate::plan::grant::lapsed;
use crate::plan::inputs::Inputs;
use crate::plan::jurisdiction::Reach;
use crate::plan::{Action, Change, Finding, Level, Unmanaged};

/// Lets the removals through that take nothing from others; `shared` are names that several live
/// objects have.
pub(super) fn gate(
    inputs: Inputs<'_>,
    leftovers: Vec<Leftover<'_>>,
    shared: &BTreeSet<Address>,
) -> Draft {
    let ties = Ties::of(inputs, &leftovers);
    let mut draft = Draft::default();
    let mut reported: BTreeMap<KindName, Vec<Address>> = BTreeMap::new();
    for leftover in leftovers {
        let Leftover { object, address, .. } = leftover;
        let why = left_alone(&leftover).or_else(|| {
            let is_shared = shared.contains(address);
            is_shared.then(|| "two live objects share this name".to_owned())
        });
        let tie = ties.of_object(inputs, object, address).filter(|_| why.is_none());
        if let Some(tie) = &tie {
            draft.held.extend(held_back(inputs, &leftover, *tie));
        }
        if let Some(why) = why.or_else(|| tie.map(|tie| tie.words().to_owned())) {
            draft.unmanaged.push(Unmanaged { address: address.clone(), why });
            continue;
        }
        match leftover.removal {
            Removal::None => {}
            Removal::Report => reported.entry(object.kind).or_default().push(address.clone()),
            Removal::Change(_) if inputs.in_doubt(object.kind) => {
                reported.entry(object.kind).or_default().push(address.clone());
            }
            Removal::Change(change) => match ties.claim_in_use(inputs, object, &change) {
                Some(finding) => draft.findings.push(finding),
                None => draft.changes.push(*change),
            },
        }
    }
    draft
        .findings
        .extend(reported.into_iter().map(|(kind, addresses)| report(inputs, kind, addresses)));
    draft
}

/// The access that others have through an object that is not declared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// A member of the group is protected or unknown.
    Member,
    /// The same of the group that holds the role.
    HoldersMember,
    /// The group holds a role that stays.
    Role,
    /// A role that stays holds for the scope.
    Scope,
}

impl Tie {
    const fn words(self) -> &'static str {
        match self {
            Self::Member => "not declared, and a member of it is protected or unknown",
            Self::HoldersMember => "a member of its holder is protected or unknown",
            Self::Role => "not declared, and it holds a role that stays",
            Self::Scope => "not declared, and a role that stays holds for it",
        }
    }
}

/// A removal that the files and `manage` ask for, and that one member keeps from all.
fn held_back(inputs: Inputs<'_>, leftover: &Leftover<'_>, tie: Tie) -> Option<HeldBack> {
    let Leftover { object, address, removal, .. } = leftover;
    let Removal::Change(change) = removal else { return None };
    let (holder, what) = match tie {
        Tie::Member => ((*address).clone(), "the membership".to_owned()),
        Tie::HoldersMember => (address.principal()?, role_in_words(&object.fields)),
        Tie::Role | Tie::Scope => return None,
    };
    (!inputs.in_doubt(object.kind)).then(|| HeldBack {
        address: (*address).clone(),
        holders: vec![holder],
        what,
        reason: change.reason.clone(),
        source: change.source.clone(),
        is_declared: false,
    })
}

/// Why an object is no business of this project.
fn left_alone(leftover: &Leftover<'_>) -> Option<String> {
    match (leftover.reach, &leftover.object.hold) {
        (Reach::Protected, _) => Some("protected".to_owned()),
        (_, Some(Hold::Elsewhere(who))) => Some(format!("managed by {who}")),
        (Reach::Outside, _) => Some("outside `manage`".to_owned()),
        (Reach::Managed, Some(Hold::Waiting(_)) | None) => None,
    }
}

/// Those that are only reported, in one finding for each kind.
fn report(inputs: Inputs<'_>, kind: KindName, mut addresses: Vec<Address>) -> Finding {
    let (count, plural) = (addresses.len(), kind.plural());
    let (id, message, remedy) = match inputs.live.doubt(kind) {
        Some(why) => (
            "unproved-read",
            format!(
                "{count} {plural} are not declared; none is removed, because the read is in doubt: {why}"
            ),
            "nothing is removed on a read that was not proved complete".to_owned(),
        ),
        None => (
            "not-declared",
            format!("live, managed and not declared: {}", kind.counted(count as u64)),
            format!(
                "declare them, narrow `manage.{plural}`, or have them removed: \
                 `manage.{plural}.onRemove`"
            ),
        ),
    };
    addresses.sort();
    let id = id.to_owned();
    Finding { level: Level::Warn, id, message, addresses, source: None, remedy }
}

/// What others have through leftovers, found in one walk over what is live.
struct Ties<'a> {
    /// Holders of undeclared roles with a member who is protected or unknown.
    reaching: BTreeSet<&'a Address>,
    /// Holders of a role that this plan does not take away, and the scopes that it holds for.
    keeping: BTreeSet<Address>,
    /// How many users have a name in each domain.
    users: BTreeMap<&'a str, usize>,
}

impl<'a> Ties<'a> {
    fn of(inputs: Inputs<'a>, leftovers: &[Leftover<'a>]) -> Self {
        let managed = || leftovers.iter().filter(|one| one.reach == Reach::Managed);
        let of_family = |family| {
            managed().filter(move |one| one.object.kind.family() == family).map(|one| one.address)
        };
        let holders = of_family(Family::Grant).filter_map(Address::principal).collect();
        let has = |family| of_family(family).next().is_some();
        let is_kept = has(Family::Group) || has(Family::Scope);
        let keeping = if is_kept { keeping(inputs) } else { BTreeSet::new() };
        let routes_sign_in = managed().any(|one| one.object.kind.spec().routes_sign_in);
        let users = if routes_sign_in { users(inputs) } else { BTreeMap::new() };
        Self { reaching: reaching(inputs, holders), keeping, users }
    }

    /// Why an object that is not declared is left alone all the same: what it gives to others.
    fn of_object(&self, inputs: Inputs<'_>, object: &Object, address: &Address) -> Option<Tie> {
        if reaches(inputs, object) {
            return Some(Tie::Member);
        }
        let holder_reaches =
            || address.principal().is_some_and(|holder| self.reaching.contains(&holder));
        match object.kind.family() {
            Family::Grant if holder_reaches() => Some(Tie::HoldersMember),
            Family::Group if self.keeping.contains(address) => Some(Tie::Role),
            Family::Scope if self.keeping.contains(address) => Some(Tie::Scope),
            Family::Grant
            | Family::Group
            | Family::Scope
            | Family::Subject
            | Family::Membership
            | Family::Plain => None,
        }
    }

    /// Why a claim cannot be given up: users would lose their domain, or the way they sign in.
    fn claim_in_use(
        &self,
        inputs: Inputs<'_>,
        object: &Object,
        change: &Change,
    ) -> Option<Finding> {
        if !object.kind.spec().routes_sign_in || change.action != Action::Delete {
            return None;
        }
        let count = self.users.get(object.key.as_str()).copied().unwrap_or_default();
        let bound = object.fields.get("sso").and_then(Value::as_str);
        let sso = (object.kind, "sso".to_owned());
        let why = match (count, bound) {
            (0, None) if inputs.live.capabilities.unheld.contains(&sso) => {
                "whether a connection needs it is not read (say \
                 `target.experimental: [domains, sso]`)"
                    .to_owned()
            }
            (0, None) => return None,
            (0, Some(connection)) => format!("its users sign in by `{connection}`"),
            (1, _) => "one user has it".to_owned(),
            (count, _) => format!("{count} users have it"),
        };
        Some(Finding {
            level: Level::Deny,
            id: "domain-in-use".to_owned(),
            message: format!("the claim of `{}` cannot be given up: {why}", object.key),
            addresses: vec![change.address.clone()],
            source: inputs.desired.project.manage_source.clone(),
            remedy: "declare the domain, or move its users and its connection first".to_owned(),
        })
    }
}

/// The holders of live roles that this plan does not take away, and the scopes that these hold for:
/// deleting such a group or scope would.
fn keeping(inputs: Inputs<'_>) -> BTreeSet<Address> {
    let goes = |place: usize, object: &Object, address: &Address| {
        let is_over = || {
            let lapsed = lapsed(inputs.desired, address, inputs.now);
            lapsed.is_some_and(|(lapse, _)| lapse.is_over)
        };
        !inputs.aligned.declared.contains(&place)
            && object.hold.is_none()
            && inputs.jurisdiction.reach(address) == Reach::Managed
            && !inputs.in_doubt(object.kind)
            && (inputs.jurisdiction.on_remove(object.kind) == OnRemove::Delete || is_over())
    };
    let bindings = inputs.objects().enumerate();
    let bindings = bindings.filter(|(_, (object, _))| object.kind.family() == Family::Grant);
    bindings
        .filter(|(place, (object, address))| !goes(*place, object, address))
        .flat_map(|(place, (object, address))| {
            // A declared grant holds for the scopes that it is declared with, once applied.
            let declared = inputs.desired.items.get(address);
            let declared = declared.filter(|_| inputs.aligned.declared.contains(&place));
            let fields = declared.map_or(&object.fields, |item| &item.fields);
            address.principal().into_iter().chain(scope_addresses(fields))
        })
        .collect()
}

fn users(inputs: Inputs<'_>) -> BTreeMap<&str, usize> {
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    let objects =
        inputs.live.objects().iter().filter(|object| object.kind.family() == Family::Subject);
    for domain in objects.filter_map(|user| domain_of(user.key.as_str())) {
        *users.entry(domain).or_default() += 1;
    }
    users
}
