//! Names of roles, where the target is known to name its roles in a certain way.

use super::node::Place;
use super::sink::Sink;
use super::words::{DidYouMean, Excerpt};
use crate::kind::Roles;

/// Reports a name that can be no role's. `file` is the one with the aliases.
pub(super) fn check_role(written: &str, place: Place, roles: &Roles, file: &str, sink: &mut Sink) {
    if roles.grn_of(written).is_some() {
        return;
    }
    let aliases: Vec<&str> = roles.aliases().take(50).collect();
    let remedy = match aliases.as_slice() {
        [] => "write its GRN, or its `provider.name`, or give it a name under `roles`".to_owned(),
        names => DidYouMean(written, names).to_string(),
    };
    sink.error(
        place,
        "unknown-role",
        [
            format_args!("`{}` names no role", Excerpt(written)),
            format_args!("a role is an alias of `roles` in {file}, a `provider.name`, or a GRN"),
            format_args!("{remedy}"),
        ],
    );
}
