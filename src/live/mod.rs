//! 2. Wire → Live: the completeness proof, fingerprints.
//!
//! [`Live`] can be built only from listings that were *proved complete*, or that say of
//! themselves that they are not: then muster only adds.

mod capability;
mod fingerprint;
mod object;
mod proof;
mod quota;
mod recorded;
mod skew;
mod state;
mod status;
mod usability;

pub use crate::kind::hex;
pub use capability::{Capabilities, MemberRemoval, Rates};
pub use fingerprint::Fingerprint;
pub use object::{Hold, Member, Object, RemoteId, Seen, Version};
pub use proof::{Listing, Page, Partial, Proof, Unproved};
pub use quota::{Measure, Quota};
pub use recorded::{Given, Made, Memory, Recorded, Unkept};
pub use skew::Skew;
pub use state::Live;
pub use status::AccountStatus;
pub use usability::{ActiveShown, Cause, Usability};
