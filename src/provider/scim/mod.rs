//! SCIM 2.0 (RFC 7643, RFC 7644): how users, groups and members are read and written.
//!
//! Everything works over a [`Transport`](crate::provider::Transport): the same code speaks to a
//! server over the network and to a model in memory.
//!
//! - [`Dialect`] is the table of differences between servers.
//! - [`read`] turns a server into [`Live`](crate::live::Live), with the completeness proof.
//! - [`ScimWriter`] makes one step true, and says what became of it.
//! - [`examine`] says which profile fits a server.

pub(in crate::provider) mod call;
mod context;
mod create;
mod decode;
mod delete;
pub mod dialect;
mod discovery;
mod doctor;
mod encode;
pub(in crate::provider) mod error;
mod fetch;
mod filter;
mod index;
mod listing;
mod location;
mod lookup;
mod members;
mod membership;
mod newcomers;
mod own;
mod page;
mod patch;
mod put;
mod read;
mod roster;
mod same;
mod silent;
mod trouble;
mod typed;
mod update;
mod verify;
mod whole;
mod write;

#[cfg(test)]
mod harm_tests;
#[cfg(test)]
mod loss_tests;
#[cfg(test)]
mod made_tests;
#[cfg(test)]
mod new_group_tests;
#[cfg(test)]
mod server;
#[cfg(test)]
mod write_tests;

pub use dialect::Dialect;
pub use discovery::{Features, ServiceProvider, discover};
pub use doctor::{Diagnosis, examine};
pub use error::{ReadError, ReadErrorKind};
pub(in crate::provider) use fetch::principal;
pub use filter::Filter;
pub use own::{Origin, Own};
pub(in crate::provider) use read::list;
pub use read::{ReadOptions, ReadStats, read};
pub(in crate::provider) use trouble::Trouble;
pub use write::ScimWriter;
