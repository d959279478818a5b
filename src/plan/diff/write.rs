//! Changes of objects that are live: what there is, what there will be, and what has to be there
//! still when it is written.

use crate::kind::{Address, FieldName, Fields};
use crate::live::Object;
use crate::plan::{Action, Change};

/// An update of a live object to `after`.
pub(super) fn update(
    address: &Address,
    object: &Object,
    after: Fields,
    fields: Vec<FieldName>,
    reason: String,
) -> Change {
    Change { action: Action::Update, after: Some(after), fields, ..delete(address, object, reason) }
}

/// A deletion of a live object.
pub(super) fn delete(address: &Address, object: &Object, reason: String) -> Change {
    Change {
        address: address.clone(),
        action: Action::Delete,
        before: Some(object.fields.clone()),
        after: None,
        fields: Vec::new(),
        reason,
        source: None,
        remote: Some(object.id.clone()),
        expect: Some(object.fingerprint()),
        version: object.version.clone(),
        removes: false,
        after_these: Vec::new(),
    }
}
