//! 6. Any of these → text; one file a format; pure.

mod access;
mod change;
mod diagnostics;
pub mod dns_record;
pub mod domains;
mod escape;
mod findings;
mod import;
pub mod json;
pub mod markdown;
mod outcome;
pub mod policy;
pub mod policy_tests;
mod style;
pub mod text;
mod version;
pub mod why;

pub use diagnostics::{diagnostics, diagnostics_json};
pub use escape::{inert, inert_json, is_deceptive, plain};
pub use import::{Imported, Undeclarable, import, undeclarable};
pub use outcome::outcome;
pub use style::{Style, Tone};
