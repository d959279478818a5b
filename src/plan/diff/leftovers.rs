//! The diff of live objects that no declaration in force is about.

use super::write::{delete, update};
use crate::config::OnRemove;
use crate::kind::Address;
use crate::live::{Hold, Object, Usability};
use crate::plan::Change;
use crate::plan::grant::lapsed;
use crate::plan::inputs::Inputs;
use crate::plan::jurisdiction::Reach;

/// What `manage` wants of a live object that is not declared.
pub(in crate::plan) enum Removal {
    /// Nothing: it is not managed here, or what `onRemove` asks for is so already.
    None,
    /// That it is reported and stays.
    Report,
    /// This change.
    Change(Box<Change>),
}

/// A live object that no declaration in force is about.
pub(in crate::plan) struct Leftover<'a> {
    pub(in crate::plan) object: &'a Object,
    pub(in crate::plan) address: &'a Address,
    pub(in crate::plan) reach: Reach,
    pub(in crate::plan) removal: Removal,
}

/// Every live object that is not declared, in the order of the listing.
pub(super) fn leftovers(inputs: Inputs<'_>) -> Vec<Leftover<'_>> {
    let objects = inputs.objects().enumerate();
    objects
        .filter(|(place, _)| !inputs.aligned.declared.contains(place))
        .map(|(_, (object, address))| {
            let reach = inputs.jurisdiction.reach(address);
            let is_elsewhere = matches!(object.hold, Some(Hold::Elsewhere(_)));
            let removal = match reach {
                Reach::Managed if !is_elsewhere => removal(inputs, object, address),
                Reach::Managed | Reach::Protected | Reach::Outside => Removal::None,
            };
            Leftover { object, address, reach, removal }
        })
        .collect()
}

fn removal(inputs: Inputs<'_>, object: &Object, address: &Address) -> Removal {
    let rule = format!("not declared (`manage.{}.onRemove", object.kind.plural());
    let (lapse, source) = match lapsed(inputs.desired, address, inputs.now) {
        Some((lapse, source)) => (Some(lapse), source),
        None => (None, inputs.desired.project.manage_source.clone()),
    };
    let on_remove = match &lapse {
        // A grant that ended is as good as a request to remove it, whoever else may stay.
        Some(lapse) if lapse.is_over => OnRemove::Delete,
        _ => inputs.jurisdiction.on_remove(object.kind),
    };
    let capabilities = &inputs.live.capabilities;
    let deletes_deactivate = object.kind.spec().can_deactivate && capabilities.delete_deactivates;
    let is_off = Usability::is_off(&object.fields);
    let change = match on_remove {
        OnRemove::Report => return Removal::Report,
        OnRemove::Deactivate if !capabilities.can_deactivate() => return Removal::Report,
        OnRemove::Deactivate if is_off => return Removal::None,
        // All that a delete does at such a target was done before: gone or inactive is done.
        OnRemove::Delete if is_off && deletes_deactivate => return Removal::None,
        OnRemove::Deactivate => {
            let (active, after) = Usability::switch_off(&object.fields);
            update(address, object, after, vec![active], format!("{rule}: deactivate`)"))
        }
        OnRemove::Delete => {
            let reason = lapse.map_or_else(|| format!("{rule}: delete`)"), |lapse| lapse.reason);
            delete(address, object, reason)
        }
    };
    Removal::Change(Box::new(Change { source, removes: true, ..change }))
}
