//! Scope groups as a kind: read, checked, and written by the published API (OpenAPI
//! `authorization`, `/scope-groups`).

mod contents;
mod group;
mod listing;
mod problems;
mod remove;
mod write;

pub(super) use group::{Declared, Group, KIND, addresses, all, declared, is_wanted};
pub(super) use listing::listing;
pub(super) use problems::of_groups;
pub(super) use write::write;
