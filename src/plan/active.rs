//! Whether an account can be used, and which kinds have accounts.

use serde_json::Value;

use crate::kind::{FieldName, KindName};
use crate::live::Object;

/// The field that says whether an account can be used.
pub(super) const ACTIVE: FieldName = FieldName::fixed("active");

/// Whether the target says that the object cannot be used.
pub(super) fn is_inactive(object: &Object) -> bool {
    object.fields.get(&ACTIVE) == Some(&Value::Bool(false))
}

/// Whether the kind can be deactivated at all: what `active` means for anything else is nothing.
#[must_use]
pub(super) const fn can_deactivate(kind: KindName) -> bool {
    kind.spec().can_deactivate
}
