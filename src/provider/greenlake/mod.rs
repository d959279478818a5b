//! HPE GreenLake: the directory by way of [`super::scim`], and what is GreenLake's own.
//!
//! - [`Platform`] holds the ways to the directory and to every workspace.
//! - [`read`] and [`Snapshot::settle`] turn them into [`Live`](crate::live::Live).
//! - [`GreenlakeWriter`] makes one step true, whatever its kind.
//!
//! Where HPE says nothing, or says two things, this is what muster takes:
//!
//! | HPE leaves open | muster |
//! |---|---|
//! | ids and principals with or without hyphens | one id, compared without; sent as received |
//! | whether `userName` can change | it does not |
//! | `PATCH` answers 200 or 204 | either, and 202: then it looks until it is so |
//! | what makes a role assignment one | principal and role, in one workspace |
//! | which `status` an account can have | `STAGED`, `ACTIVATING`: invited; `INACTIVE`, `BLOCKED`, `SUSPENDED`: switched off |
//! | whether a written `active` is kept | it is not, so `active` and `deactivate` are refused |
//! | whether reads see writes at once | they may not: looks are repeated |
//! | whether a new group can hold a role at once | 400 and 404 are tried again for a while |
//! | workspace ids in GRNs with or without hyphens | compared without, written without |
//! | tenant groups of a workspace that is no MSP | 400, 403, 404 and 405 are: there are none |

mod assignment;
mod binding;
mod capabilities;
mod collection;
mod context;
pub mod domains;
mod examine;
mod grant;
mod hold;
mod look;
mod mixture;
mod platform;
mod principal;
mod problems;
mod rates;
mod read;
mod regrant;
mod revoke;
mod scope;
mod scope_group;
mod unread;
mod words;
mod write;

pub use examine::{Checkup, examine};
pub use platform::{Platform, Workspace};
pub use rates::{AUTHORIZATION_RATES, bucket};
pub use read::{Asked, Found, Settled, Snapshot, read};
pub(in crate::provider) use words::HpeError;
pub use write::{DomainSteps, GreenlakeWriter};
