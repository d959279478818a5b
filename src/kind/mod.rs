//! What can be provisioned: one file a kind, one registry.
//!
//! Everything above this floor works on the uniform view ([`Item`]: an [`Address`], ordered
//! [`Fields`], references) and never asks which kind it holds.

mod address;
mod binding;
mod confusable;
mod diagnostic;
mod domain;
mod field;
mod group;
mod hash;
mod hex;
mod item;
mod key;
mod membership;
mod registry;
mod role;
mod scope_group;
mod user;

pub use address::Address;
pub use binding::{
    BindingSpec, Principal, TENANT_GROUP, WHOLE_WORKSPACE, is_part_of_workspace, scope_addresses,
};
pub use confusable::{is_invisible, skeleton};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use domain::VERIFIED;
pub use field::{FieldName, FieldSpec, Fields, GREATEST_INTEGER, Level, Shape};
pub use hash::hash_of;
pub use hex::hex;
pub use item::{Grant, Item, Source, written};
pub use key::{Key, composed, look_alike_form};
pub use registry::{Family, KeyForm, KindName, KindSpec, ScimResource};
pub use role::{PREDEFINED_ROLE_PREFIX, Roles, with_texts};
pub use user::{EXTENSION_PREFIX, GREENLAKE_POSIX_URN, GREENLAKE_USER_URN};
