//! 1. Text → Desired: parse, position, named checks, diagnostics.
//!
//! YAML is read in `parse.rs` only. Every problem is collected and reported at once.

mod assemble;
mod base;
mod data;
mod decode;
mod desired;
mod digest;
mod governance;
mod items;
mod json_data;
mod jurisdiction;
mod keys;
mod names;
mod node;
#[cfg(test)]
mod oracle;
mod parallel;
mod parse;
mod patterns;
mod place;
mod project;
mod project_file;
mod role_name;
mod schema;
mod section;
mod sink;
mod starter;
mod suggest;
mod text;
mod when;
mod words;

pub use crate::kind::{Diagnostic, Diagnostics, Severity};
pub use assemble::{parse, parse_under};
pub use data::read_data;
pub(crate) use data::read_tree;
pub use desired::{Desired, Intent, Members, Waiver};
pub use digest::sha256_hex;
pub use governance::{BreakGlass, Governance, RuleConfig, RuleSeverity};
pub use items::Items;
pub use jurisdiction::{Jurisdiction, ProtectedNames, compile_globs, compile_names};
pub(crate) use node::{Node, Tag, Tree};
pub use patterns::{is_glob, literal_glob};
pub use place::Places;
pub use project::{
    Administrators, Brake, CredentialRef, Experiment, KindLimits, Limits, Manage, ManagedKind,
    MembersDefault, OnRemove, Project, Protected, Provider, Selection, TargetConfig, Workspace,
};
pub use project_file::parse_project;
pub use schema::schema;
pub use starter::starter_project;
pub use text::{MAX_FILE_BYTES, SourceText};
pub use when::instant_of;
pub use words::nearest;
