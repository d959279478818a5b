//! The field that is the unique name of a kind.

use crate::kind::KindName;

/// The field that is the unique name of a kind.
pub(super) const fn name_field(kind: KindName) -> &'static str {
    match kind {
        KindName::User => "userName",
        KindName::Group => "displayName",
        KindName::Domain => "domain",
        KindName::Membership | KindName::Binding => "",
    }
}
