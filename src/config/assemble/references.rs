//! References between things that are declared: former names, owners.

use std::collections::BTreeMap;

use super::{InFile, World};
use crate::config::node::Place;
use crate::config::section::Declared;
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::kind::{Key, KindName};

/// Checks them all.
pub(super) fn check(world: &World<'_>, sinks: &mut [Sink]) {
    for (kind, all) in &world.named {
        former_names(*kind, (all, world), sinks);
    }
    if world.is_whole {
        owners(world, sinks);
    }
}

/// A former name must be free: nobody has it, and no two things had it.
fn former_names(
    kind: KindName,
    (all, world): (&[InFile<Declared<'_>>], &World<'_>),
    sinks: &mut [Sink],
) {
    let declared = |key: &Key| world.find(kind, key).map(|(file, one)| (*file, one.place));
    let mut claimed: BTreeMap<&Key, (usize, Place)> = BTreeMap::new();
    for (file, one) in all {
        let file = *file;
        for (former, place) in &one.previously {
            if let Some((other_file, other)) = declared(former) {
                let other = sinks[other_file].source(other);
                sinks[file].error_also(
                    *place,
                    "previously-declared",
                    [
                        format_args!(
                            "the former name `{}` is also declared",
                            Excerpt(former.as_str())
                        ),
                        format_args!("a {kind} cannot both have been renamed and still be there"),
                        format_args!("delete one of the two"),
                    ],
                    (other, "declared here"),
                );
            } else if let Some((other_file, other)) = claimed.get(former) {
                let other = sinks[*other_file].source(*other);
                sinks[file].error_also(
                    *place,
                    "previously-twice",
                    [
                        format_args!("two {kind}s were `{}` before", Excerpt(former.as_str())),
                        format_args!("a rename keeps the id, and there is one id"),
                        format_args!("keep it at the one that was renamed"),
                    ],
                    (other, "the other one"),
                );
            } else {
                claimed.insert(former, (file, *place));
            }
        }
    }
}

/// An owner that looks like a user and is none: a warning, because an owner may be a mailbox.
fn owners(world: &World<'_>, sinks: &mut [Sink]) {
    let mut check = |owner: &str, (file, place): (usize, Place), what: &str| {
        if owner.contains('@') && world.index.find(owner).is_none() {
            sinks[file].warning(
                place,
                "unknown-owner",
                [
                    format_args!(
                        "the owner `{}` of this {what} is not a declared user",
                        Excerpt(owner)
                    ),
                    format_args!("an owner who has left answers for nothing"),
                    format_args!("name a declared user, or a team without `@`"),
                ],
            );
        }
    };
    let owner_of = |one: &Declared<'_>| {
        one.fields.get("owner").and_then(|owner| owner.as_str().map(str::to_owned))
    };
    for (file, group) in world.groups() {
        if let Some(owner) = owner_of(group) {
            check(&owner, (*file, group.place), "group");
        }
    }
    for (file, binding) in &world.bindings {
        if let Some((owner, place)) = binding.owner {
            check(owner, (*file, place), "binding");
        }
    }
}
