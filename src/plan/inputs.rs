//! The inputs of every pass: what is declared, what is live, and which of the two is which.

use jiff::Timestamp;

use super::align::Aligned;
use super::jurisdiction::Jurisdiction;
use crate::config::{Administrators, Desired};
use crate::kind::{Address, KindName};
use crate::live::{Live, Object};

/// What every pass after [`super::align`] reads.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) desired: &'a Desired,
    pub(super) live: &'a Live,
    pub(super) jurisdiction: &'a Jurisdiction,
    pub(super) aligned: &'a Aligned,
    /// The administrators of the base, where there is one.
    pub(super) base: Option<&'a Administrators>,
    /// The instant the plan is for.
    pub(super) now: Timestamp,
}

impl<'a> Inputs<'a> {
    /// Every live object with the address it has in this plan.
    pub(super) fn objects(self) -> impl Iterator<Item = (&'a Object, &'a Address)> {
        self.live.objects().iter().zip(&self.aligned.addresses)
    }

    /// The live object that a declared item was found to be.
    pub(super) fn matched(self, address: &Address) -> Option<&'a Object> {
        self.live.objects().get(self.aligned.matches.get(address)?.object)
    }

    /// Whether the listing of this kind was not proved complete: nothing of it is removed.
    pub(super) fn in_doubt(self, kind: KindName) -> bool {
        !self.live.is_proved(kind)
    }
}
