//! Alignment: which live object is which declared item.
//!
//! By `externalId` first, then by name, then by the names it had before (`previously`), then by the
//! id that an earlier run recorded of an object to which the target gave another name. Where
//! two objects answer to one name nobody picks: the plan is refused in words.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::jurisdiction::{Jurisdiction, Reach};
use super::remembered::{Remembered, remembered};
use super::{Finding, Level};
use crate::config::Desired;
use crate::kind::{Address, Family, Item, Key, KindName};
use crate::live::{Live, Object};

/// How a live object was found to be a declared item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Via {
    /// They have one name.
    Name,
    /// They have one `externalId`, and the names differ: a rename.
    ExternalId(String),
    /// The declaration says the object had this name before: a rename.
    Previously(Key),
    /// An earlier run created it, and the target gave it the name that it has.
    Recorded,
}

/// One live object as a declared item.
#[derive(Clone, Debug)]
pub(super) struct Match {
    /// Its place in [`Live::objects`].
    pub object: usize,
    /// How it was found.
    pub via: Via,
}

/// Which live object is which declared item.
#[derive(Debug, Default)]
pub(super) struct Aligned {
    /// Declared, managed items that are live.
    pub matches: BTreeMap<Address, Match>,
    /// Declared, managed items of which no live object is known.
    pub missing: BTreeSet<Address>,
    /// The address of every live object in this plan, by its place: the declared one where it
    /// was matched, its own name otherwise.
    pub addresses: Vec<Address>,
    /// Places of live objects that are declared.
    pub declared: BTreeSet<usize>,
    /// What could not be decided.
    pub findings: Vec<Finding>,
    /// Addresses about which nothing may be planned, because something could not be decided.
    pub blocked: BTreeSet<Address>,
}

/// Live objects by the names people know them by.
struct Index<'a> {
    objects: &'a [Object],
    by_key: BTreeMap<KindName, BTreeMap<&'a str, Vec<usize>>>,
    by_external_id: BTreeMap<KindName, BTreeMap<&'a str, Vec<usize>>>,
    /// Declared items that an earlier run wrote under another name, where that object is live.
    remembered: BTreeMap<&'a Address, Remembered>,
}

impl<'a> Index<'a> {
    /// The objects by the names that `addresses` gives them.
    fn of(
        live: &'a Live,
        addresses: &'a [Address],
        wanted: &BTreeSet<(KindName, &str)>,
        remembered: BTreeMap<&'a Address, Remembered>,
    ) -> Self {
        let objects = live.objects();
        let mut by_key: BTreeMap<_, BTreeMap<_, Vec<usize>>> = BTreeMap::new();
        let mut by_external_id: BTreeMap<_, BTreeMap<_, Vec<usize>>> = BTreeMap::new();
        for (place, (object, address)) in objects.iter().zip(addresses).enumerate() {
            let names = by_key.entry(object.kind).or_default();
            names.entry(address.key().as_str()).or_default().push(place);
            if let Some(id) = text(&object.fields, "externalId")
                && wanted.contains(&(object.kind, id))
            {
                by_external_id.entry(object.kind).or_default().entry(id).or_default().push(place);
            }
        }
        Self { objects, by_key, by_external_id, remembered }
    }

    /// The name of a live object as the target wrote it.
    fn written(&self, place: usize, kind: KindName) -> Option<&'a str> {
        text(&self.objects.get(place)?.fields, kind.spec().name?)
    }

    fn named(&self, kind: KindName, key: &str) -> &[usize] {
        self.by_key.get(&kind).and_then(|names| names.get(key)).map_or(&[], Vec::as_slice)
    }
}

/// Whether a live name folds to the declared one by more than case and composition: a Kelvin sign
/// is no `k` to a reader of the plan, and a no-break space is nothing at all.
fn looks_alike(item: &Item, written: &str) -> bool {
    item.address.key().as_str().is_ascii() && !(written.is_ascii() && written.trim() == written)
}

/// How a live object of the same address differs in what its address is made of: by case alone,
/// which a role's name does not do.
fn differs_in_identity(item: &Item, object: Option<&Object>) -> Option<String> {
    let object = object.filter(|object| object.kind.family() == Family::Grant)?;
    ["role", "workspace"].into_iter().find_map(|field| {
        let (want, have) = (text(&item.fields, field)?, text(&object.fields, field)?);
        (want != have).then(|| format!("the live {field} `{have}` only looks like `{want}`"))
    })
}

fn text<'a>(fields: &'a crate::kind::Fields, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Aligns what is declared and in force with what is live.
#[must_use]
pub(super) fn align(
    desired: &Desired,
    live: &Live,
    jurisdiction: &Jurisdiction,
    now: Timestamp,
) -> Aligned {
    let declared: Vec<&Item> = desired
        .in_force(now)
        .filter(|item| !item.address.kind().spec().is_link())
        .filter(|item| jurisdiction.reach(&item.address) == Reach::Managed)
        .collect();
    let wanted: BTreeSet<(KindName, &str)> = declared
        .iter()
        .filter_map(|item| Some((item.address.kind(), text(&item.fields, "externalId")?)))
        .collect();
    let own = |object: &Object| Address::new(object.kind, object.key.clone());
    let mut aligned =
        Aligned { addresses: live.objects().iter().map(own).collect(), ..Aligned::default() };
    // Holders first: the name of a binding is made of the name its holder has in this plan.
    let (holders, bindings): (Vec<&Item>, Vec<&Item>) =
        declared.into_iter().partition(|item| item.address.family() != Family::Grant);
    let from = (desired, live, jurisdiction);
    aligned.find_all(&holders, from, &wanted);
    // Before anything goes by their new names: what is refused keeps its own.
    aligned.refuse_protected(live.objects(), jurisdiction);
    aligned.follow_renames(live.objects());
    aligned.find_all(&bindings, from, &wanted);
    aligned.refuse_protected(live.objects(), jurisdiction);
    aligned
}

/// Finds the live object that `item` declares.
fn find(item: &Item, desired: &Desired, index: &Index<'_>) -> Result<Option<Match>, Box<Finding>> {
    let kind = item.address.kind();
    let named = index.named(kind, item.address.key().as_str());
    if let Some(id) = text(&item.fields, "externalId")
        && let Some(places) = index.by_external_id.get(&kind).and_then(|ids| ids.get(id))
    {
        let &[object] = places.as_slice() else {
            return Err(ambiguous(
                item,
                &format!("{} live {} have the externalId `{id}`", places.len(), kind.plural()),
            ));
        };
        return match named {
            [] => Ok(Some(Match { object, via: Via::ExternalId(id.to_owned()) })),
            [same] if *same == object => Ok(Some(Match { object, via: Via::Name })),
            _ => Err(ambiguous(
                item,
                &format!(
                    "one live {kind} has the externalId `{id}` and another has the name `{}`",
                    item.address.key()
                ),
            )),
        };
    }
    match named {
        [object] => {
            if let Some(other) = differs_in_identity(item, index.objects.get(*object)) {
                return Err(ambiguous(item, &other));
            }
            return match index.written(*object, kind) {
                Some(written) if looks_alike(item, written) => Err(ambiguous(
                    item,
                    &format!("the live name `{}` only looks like it", written.escape_unicode()),
                )),
                _ => Ok(Some(Match { object: *object, via: Via::Name })),
            };
        }
        [] => {}
        many => {
            let why = format!(
                "{} live {} answer to the name `{}`",
                many.len(),
                kind.plural(),
                item.address.key()
            );
            return Err(ambiguous(item, &why));
        }
    }
    let before = desired.intents.get(&item.address).map_or(&[][..], |intent| &intent.previously);
    let mut found = before
        .iter()
        .flat_map(|key| index.named(kind, key.as_str()).iter().map(move |object| (*object, key)));
    match (found.next(), found.next()) {
        (None, _) => find_remembered(item, index),
        (Some((object, key)), None) => {
            Ok(Some(Match { object, via: Via::Previously(key.clone()) }))
        }
        _ => Err(ambiguous(
            item,
            &format!("more than one live {kind} has a name that `previously` gives"),
        )),
    }
}

/// Finds the live object that an earlier run wrote for `item`.
fn find_remembered(item: &Item, index: &Index<'_>) -> Result<Option<Match>, Box<Finding>> {
    let Some(Remembered { object, is_out_of_reach }) = index.remembered.get(&item.address) else {
        return Ok(None);
    };
    if !is_out_of_reach {
        return Ok(Some(Match { object: *object, via: Via::Recorded }));
    }
    let name = index.objects.get(*object).map(|object| object.key.to_string());
    let why = format!(
        "the id that the target gave `{}` is that of the live {} `{}`, which is protected or \
         outside `manage`",
        item.address,
        item.address.kind(),
        name.unwrap_or_default()
    );
    Err(ambiguous(item, &why))
}

fn ambiguous(item: &Item, why: &str) -> Box<Finding> {
    Box::new(Finding {
        level: Level::Deny,
        id: "ambiguous".to_owned(),
        message: format!("{why}: muster does not pick one"),
        addresses: vec![item.address.clone()],
        source: item.source.clone(),
        remedy: "remove or rename the superfluous object at the target by hand, then plan again"
            .to_owned(),
    })
}

impl Aligned {
    /// Finds the live object of each of `items`.
    fn find_all(
        &mut self,
        items: &[&Item],
        (desired, live, jurisdiction): (&Desired, &Live, &Jurisdiction),
        wanted: &BTreeSet<(KindName, &str)>,
    ) {
        if items.is_empty() {
            return;
        }
        let addresses = self.addresses.clone();
        let remembered = remembered(desired, live, jurisdiction);
        let index = Index::of(live, &addresses, wanted, remembered);
        let mut claims: BTreeMap<usize, &Item> = BTreeMap::new();
        for item in items {
            match find(item, desired, &index) {
                Ok(Some(found)) => self.claim(item, found, &mut claims),
                Ok(None) => {
                    self.missing.insert(item.address.clone());
                }
                Err(finding) => self.block(item, *finding),
            }
        }
    }

    /// Gives every binding of a holder with a new name the address it has under that name.
    fn follow_renames(&mut self, objects: &[Object]) {
        let renamed: BTreeMap<Address, Address> = self
            .matches
            .iter()
            .filter_map(|(address, found)| {
                let object = objects.get(found.object)?;
                let own = Address::new(object.kind, object.key.clone());
                (own != *address).then(|| (own, address.clone()))
            })
            .collect();
        for address in &mut self.addresses {
            if let Some(now) = address.principal().and_then(|holder| renamed.get(&holder)) {
                *address = address.held_by(now);
            }
        }
    }

    fn block(&mut self, item: &Item, finding: Finding) {
        self.blocked.insert(item.address.clone());
        self.findings.push(finding);
    }

    /// Lets `item` have the object, unless another declared item already has it.
    fn claim<'a>(&mut self, item: &'a Item, found: Match, claims: &mut BTreeMap<usize, &'a Item>) {
        if let Some(other) = claims.insert(found.object, item) {
            let why = format!(
                "`{}` and `{}` are both found to be one live object",
                other.address, item.address
            );
            self.block(item, *ambiguous(item, &why));
            return;
        }
        self.declared.insert(found.object);
        if let Some(slot) = self.addresses.get_mut(found.object) {
            *slot = item.address.clone();
        }
        self.matches.insert(item.address.clone(), found);
    }

    /// A declaration cannot reach an object that is protected or outside `manage` by way of an old
    /// name, an external id or what an earlier run remembers.
    fn refuse_protected(&mut self, objects: &[Object], jurisdiction: &Jurisdiction) {
        let reached: Vec<(Address, Address)> = self
            .matches
            .iter()
            .filter_map(|(address, found)| {
                let object = objects.get(found.object)?;
                let own = Address::new(object.kind, object.key.clone());
                // Whatever name the target gave it: what is outside is never written.
                let is_ours = jurisdiction.reach(&own) == Reach::Managed;
                (!is_ours).then(|| (address.clone(), own))
            })
            .collect();
        for (address, own) in reached {
            let Some(found) = self.matches.remove(&address) else { continue };
            self.declared.remove(&found.object);
            if let Some(slot) = self.addresses.get_mut(found.object) {
                *slot = own.clone();
            }
            self.blocked.insert(address.clone());
            self.findings.push(taken_over(address, &own, &found.via));
        }
    }
}

/// That a declaration reaches an object that is not ours to write. Where an earlier run created it
/// and the target chose the name, it is only not created again.
fn taken_over(address: Address, own: &Address, via: &Via) -> Finding {
    let (level, message, remedy) = match via {
        Via::Recorded => (
            Level::Warn,
            format!(
                "an earlier run created `{address}`, and the target named it `{own}`, which is \
                 protected or outside `manage`: it is left alone"
            ),
            "widen `manage` so that it has the name that the target gives, or delete the object \
             by hand and mend the target",
        ),
        Via::Name | Via::ExternalId(_) | Via::Previously(_) => (
            Level::Deny,
            format!("`{address}` would take over `{own}`, which is protected or outside `manage`"),
            "take `previously` or `externalId` back, or widen `manage` in a change of its own",
        ),
    };
    Finding {
        level,
        id: "outside-jurisdiction".to_owned(),
        message,
        addresses: vec![address],
        source: None,
        remedy: remedy.to_owned(),
    }
}
