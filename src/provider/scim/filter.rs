//! Filters (RFC 7644 section 3.4.2.2): built from values, never from text, and never believed.
//!
//! Servers exist that ignore a filter and answer everything, and that answer nothing for an
//! attribute they do not index. So every row is checked against what was asked, and "nothing"
//! is no proof of absence.

use std::fmt;

use serde_json::Value;

use crate::kind::{Key, KindName};
use crate::live::Object;

use super::decode::key_field;

/// The look-up of one object by the attribute that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    kind: KindName,
    value: String,
}

impl Filter {
    /// The objects of `kind` that are named `value`.
    #[must_use]
    pub fn named(kind: KindName, value: &str) -> Self {
        Self { kind, value: value.to_owned() }
    }

    /// Whether the object is one that was asked for. Names are compared as keys, because
    /// servers differ in what case means to them.
    #[must_use]
    pub fn is_met_by(&self, object: &Object) -> bool {
        object.kind == self.kind && object.key == Key::new(&self.value)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} eq {}", key_field(self.kind), quoted(&self.value))
    }
}

/// The path of one member of a group (RFC 7644 section 3.5.2).
pub(super) fn member_path(id: &str) -> String {
    format!("members[value eq {}]", quoted(id))
}

/// A string as filters write it: as JSON does (RFC 7644 figure 1).
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        let filter = Filter::named(KindName::User, r#"a" or userName pr or ""#);
        assert_eq!(filter.to_string(), r#"userName eq "a\" or userName pr or \"""#);
        assert_eq!(member_path("a\"]\\\n"), r#"members[value eq "a\"]\\\n"]"#);
    }
}
