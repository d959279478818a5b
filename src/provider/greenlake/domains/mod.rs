//! Domain claims: an e-mail domain that the organization says is its own, from the YAML to the
//! connection that signs its users in.
//!
//! The steps of a claim are [`State`]. What they are decided from comes from three places, and
//! [`claims`] decides, as a plain function:
//!
//! - [`Declared`]: what the YAML says;
//! - [`Account`]: what the organization's claims, authentication policies and connections are,
//!   read by [`read_account`] where that is switched on;
//! - [`Observation`]: what DNS says now, server by server.
//!
//! The interface for claims is published nowhere. All that speaks it is in [`mod@api`]'s files,
//! works over a [`Transport`](crate::provider::Transport) with a base URL of its own, and decodes
//! strictly what it uses: a life-cycle state nobody has described is shown, and never taken for
//! `VERIFIED`.

pub mod api;
mod claim;
mod decode;
mod dns;
mod error;
mod judge;
mod listing;
mod mistake;
mod names;
mod objects;
mod problem;
mod rows;
mod sight;
mod steps;
mod subject;

pub use api::read_account;
pub use claim::{Claim, State};
pub use dns::{Look, Observation, Server, TxtAnswer, TxtRecord};
pub use error::{ApiError, ApiErrorKind};
pub use judge::{CONNECTION_MISSING, Facts, claims};
pub use names::{elsewhere, fold, mail_domain};
pub use objects::listing as domain_listing;
pub use rows::{Account, Lifecycle, PolicyRow, ProfileRow, RequestRow, VerifiedRow};
pub use sight::Sight;
pub use steps::{DomainWork, carry_out};
pub use subject::{Declared, UnclaimedDomain, unclaimed};
