//! The completeness proof (design: Live state; incidents, families A and B).
//!
//! A listing is complete when the distinct ids received equal `totalResults`, and
//! `totalResults` is the same on every page. Anything else is no listing.

use std::collections::BTreeSet;

use super::Object;
use crate::kind::KindName;

/// One page of a listing, as received.
#[derive(Clone, Debug)]
pub struct Page {
    /// The 1-based index that was asked for.
    pub start_index: u64,
    /// `totalResults` as answered.
    pub total: u64,
    /// The objects on it.
    pub objects: Vec<Object>,
}

/// Whether a listing is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is complete.
    Complete,
    /// It may not be, for this reason: nothing may be removed because of it.
    InDoubt(String),
}

/// Why a set of pages is no listing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// `totalResults` moved between pages.
    #[error("`totalResults` was {first} on the first page and {other} at {start_index}")]
    TotalMoved {
        /// On the first page.
        first: u64,
        /// On another.
        other: u64,
        /// Which began here.
        start_index: u64,
    },
    /// An id came twice.
    #[error("the id `{id}` came twice, the second time at {start_index}")]
    Duplicate {
        /// The id.
        id: String,
        /// The page it came on the second time.
        start_index: u64,
    },
    /// Fewer or more objects than `totalResults`.
    #[error("`totalResults` is {total}, but {received} distinct resources came")]
    Count {
        /// What was promised.
        total: u64,
        /// What came.
        received: u64,
    },
    /// There was no page at all.
    #[error("no page was read")]
    NoPage,
}

/// The pages of one kind, and the objects they add up to.
#[derive(Clone, Debug)]
pub struct Partial {
    kind: KindName,
    pages: Vec<Page>,
}

/// The objects of one kind, with what is known of their completeness.
#[derive(Clone, Debug)]
pub struct Listing {
    kind: KindName,
    proof: Proof,
    objects: Vec<Object>,
}

impl Partial {
    /// The pages received so far, in any order.
    #[must_use]
    pub const fn new(kind: KindName, pages: Vec<Page>) -> Self {
        Self { kind, pages }
    }

    /// Proves the listing complete, or says why it is not one.
    ///
    /// # Errors
    ///
    /// [`Unproved`]: the caller reads again once, then gives up.
    pub fn prove(mut self) -> Result<Listing, Unproved> {
        self.pages.sort_by_key(|page| page.start_index);
        let total = self.pages.first().ok_or(Unproved::NoPage)?.total;
        let mut seen = BTreeSet::new();
        for page in &self.pages {
            if page.total != total {
                return Err(Unproved::TotalMoved {
                    first: total,
                    other: page.total,
                    start_index: page.start_index,
                });
            }
            for object in &page.objects {
                if !seen.insert(object.id.compared()) {
                    return Err(Unproved::Duplicate {
                        id: object.id.to_string(),
                        start_index: page.start_index,
                    });
                }
            }
        }
        let received = seen.len() as u64;
        if received != total {
            return Err(Unproved::Count { total, received });
        }
        let mut objects = Vec::with_capacity(seen.len());
        self.pages.into_iter().for_each(|page| objects.extend(page.objects));
        Ok(Listing { kind: self.kind, proof: Proof::Complete, objects })
    }
}

impl Listing {
    /// Takes back the proof: the target is known to understate its totals, or the like.
    #[must_use]
    pub fn doubted(self, why: &str) -> Self {
        Self { proof: Proof::InDoubt(why.to_owned()), ..self }
    }

    /// What it is a listing of.
    #[must_use]
    pub const fn kind(&self) -> KindName {
        self.kind
    }

    /// The objects, to be completed (members resolved) before the listing becomes live state.
    /// The slice cannot grow or shrink: the proof is of these objects.
    pub fn objects_mut(&mut self) -> &mut [Object] {
        &mut self.objects
    }

    /// The objects.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// Its kind, its proof and its objects.
    pub(super) fn into_parts(self) -> (KindName, Proof, Vec<Object>) {
        (self.kind, self.proof, self.objects)
    }
}
