//! The live state: the listings of all kinds, joined.

use std::collections::BTreeMap;

use super::{Capabilities, Listing, Memory, Object, Proof, Skew};
use crate::kind::KindName;

/// What the target has.
#[derive(Clone, Debug)]
pub struct Live {
    objects: Vec<Object>,
    proofs: BTreeMap<KindName, Proof>,
    /// What the target can hold and do.
    pub capabilities: Capabilities,
    /// What earlier runs remember of what they created; empty where nothing is remembered.
    pub memory: Memory,
    /// The disagreement of the target's clock with this machine's; `None`: there is none, or it
    /// says nothing.
    pub skew: Option<Skew>,
}

impl Live {
    /// Joins the listings of all kinds. Each says of itself whether it is proved; there is no
    /// other way in. `members` of the listings point into the joined list: see
    /// [`Listing::objects`].
    #[must_use]
    pub fn new(listings: Vec<Listing>, capabilities: Capabilities) -> Self {
        let mut objects = Vec::new();
        let mut proofs = BTreeMap::new();
        for listing in listings {
            let (kind, proof, mut some) = listing.into_parts();
            proofs.insert(kind, proof);
            if objects.is_empty() {
                // The users, nearly always the most of all: they stay where they are.
                objects = some;
            } else {
                objects.append(&mut some);
            }
        }
        Self { objects, proofs, capabilities, memory: Memory::new(), skew: None }
    }

    /// Every object, in the order of the listings they came in.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// Whether the listing of `kind` was proved complete. A kind that was never listed is not.
    #[must_use]
    pub fn is_proved(&self, kind: KindName) -> bool {
        matches!(self.proofs.get(&kind), Some(Proof::Complete))
    }

    /// Why the listing of `kind` is in doubt, if it is.
    #[must_use]
    pub fn doubt(&self, kind: KindName) -> Option<&str> {
        match self.proofs.get(&kind) {
            Some(Proof::Complete) => None,
            Some(Proof::InDoubt(why)) => Some(why),
            None => Some("it was not read"),
        }
    }
}
