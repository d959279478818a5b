//! What a target did not keep when an earlier run created an object with it: told, and not planned
//! again for ever.

use serde_json::Value;

use crate::kind::{FieldName, Item, Shape};
use crate::live::{Live, Object, Recorded, Usability};
use crate::plan::compare::Comparison;

/// What earlier runs remember of the object that a declared item was found to be.
pub(super) fn recorded<'l>(live: &'l Live, item: &Item, object: &Object) -> Option<&'l Recorded> {
    let recorded = live.memory.get(&item.address);
    recorded.filter(|one| one.id.compared() == object.id.compared())
}

/// The parts of a field that the target did not keep, where nothing else of it differs; `None`
/// where the field is to be planned. What was declared since is tried again, and so is what gives
/// or takes the use of an account.
pub(super) fn unkept(
    recorded: Option<&Recorded>,
    (name, shape, want, have): (&FieldName, Shape, &Value, Option<&Value>),
    unheld: &dyn Fn(&str) -> bool,
) -> Option<Vec<FieldName>> {
    let recorded = recorded.filter(|_| !Usability::is_field(name))?;
    if recorded.is_unkept(name.as_str(), want) {
        return Some(vec![name.clone()]);
    }
    let is_unkept = |part: &str| recorded.is_unkept(part, want);
    let forgotten = |part: &str| unheld(part) || is_unkept(part);
    let comparison = Comparison { field: name.as_str(), unheld: &forgotten };
    let parts = || {
        let parts = recorded.unkept.iter().filter(|one| is_unkept(&one.name));
        parts.map(|one| FieldName::other(&one.name)).collect()
    };
    comparison.says(shape, want, have).then(parts)
}
