//! Groups that a listing shows without `members`.
//!
//! A listing may leave out what a single group shows (RFC 7643 section 7, `returned`), and many
//! servers leave `members` out of groups that are empty. So the groups themselves are asked: all of
//! them, or a spread of a great many, and the rest too as soon as one shows somebody.

use futures::{StreamExt as _, TryStreamExt as _};

use crate::kind::KindName;
use crate::live::{Member, RemoteId};
use crate::provider::Transport;

use super::dialect::Dialect;
use super::error::{ReadError, ReadErrorKind};
use super::fetch;
use super::listing::Listed;

/// How many groups are asked before the others are taken for empty.
const ASKED: usize = 200;

/// Gives every group of the listing its members.
///
/// # Errors
///
/// [`ReadError`] where a group cannot be read: then nothing is known of it.
pub(super) async fn complete<T: Transport + Sync>(
    transport: &T,
    dialect: &Dialect,
    groups: &mut Listed,
) -> Result<(), ReadError> {
    let objects = groups.listing.objects().iter().enumerate();
    let silent: Vec<(usize, RemoteId)> = objects
        .filter(|(_, group)| group.members.is_none())
        .map(|(at, group)| (at, group.id.clone()))
        .collect();
    let step = silent.len().div_ceil(ASKED).max(1);
    let (first, rest): (Vec<_>, Vec<_>) =
        silent.into_iter().enumerate().partition(|(number, _)| number % step == 0);
    let shows_somebody = ask(transport, dialect, groups, first).await?;
    if shows_somebody {
        ask(transport, dialect, groups, rest).await?;
    }
    for group in groups.listing.objects_mut() {
        group.members.get_or_insert_default();
    }
    Ok(())
}

/// Asks groups for their members; whether one of them has some.
async fn ask<T: Transport + Sync>(
    transport: &T,
    dialect: &Dialect,
    groups: &mut Listed,
    which: Vec<(usize, (usize, RemoteId))>,
) -> Result<bool, ReadError> {
    let found: Vec<(usize, RemoteId, fetch::InGroup)> = futures::stream::iter(which)
        .map(|(_, (at, id))| async move {
            let found = fetch::fetch(transport, dialect, KindName::Group, id.as_str()).await;
            let found = found.map_err(ReadError::from_trouble)?.ok_or_else(|| gone(&id))?;
            Ok::<_, ReadError>((at, id, found.in_group()))
        })
        .buffer_unordered(dialect.concurrency)
        .try_collect()
        .await?;
    let mut shows_somebody = false;
    for (at, id, found) in found {
        shows_somebody |= !found.names.is_empty();
        let nested = found.nested.into_iter().map(|name| (id.clone(), name));
        groups.nested.extend(nested);
        if let Some(group) = groups.listing.objects_mut().get_mut(at) {
            group.members = Some(found.names.into_iter().map(Member::Unknown).collect());
        }
    }
    Ok(shows_somebody)
}

fn gone(id: &RemoteId) -> ReadError {
    ReadError::new(
        ReadErrorKind::Inconsistent,
        format!("the group with the id `{id}` was listed and is not there any more"),
        "the listing of groups is not of one moment",
        "run again when nobody else writes",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::{Member, Object};
    use crate::provider::scim::dialect::Dialect;
    use crate::provider::scim::read::{ReadOptions, read};
    use crate::provider::scripted::{Scripted, block_on};

    /// Reads so many groups, all silent in the listing; what each shows when it is asked, or the
    /// status of the answer.
    fn groups(count: usize, shows: fn(usize) -> Result<Value, u16>) -> (Vec<Object>, usize) {
        let group = |at: usize| json!({"id": format!("g{at}"), "displayName": format!("G{at}")});
        let fake = Scripted::answering(move |request| {
            let number = |id: &str| id[1..].parse::<usize>().unwrap();
            match (request.path[0].as_str(), request.path.get(1)) {
                ("ServiceProviderConfig", _) => Scripted::json(&json!({})),
                ("Users", _) => Scripted::json(&json!({"totalResults": 1,
                    "Resources": [{"id": "1", "userName": "ada"}]})),
                (_, Some(id)) => match shows(number(id)) {
                    Ok(members) => {
                        let mut group = group(number(id));
                        group["members"] = members;
                        Scripted::json(&group)
                    }
                    Err(status) => Scripted::status(status, ""),
                },
                (_, None) => {
                    Scripted::page(request, &(0..count).map(group).collect::<Vec<_>>(), 10_000)
                }
            }
        });
        let options = ReadOptions { target: "test".to_owned() };
        let read = block_on(read(&fake, &Dialect::default(), &options));
        let asked = fake.calls().iter().filter(|call| call.contains("/Groups/")).count();
        let objects = read.map(|(live, _)| live.objects().to_vec()).unwrap_or_default();
        (objects.into_iter().filter(|object| object.id.as_str() != "1").collect(), asked)
    }

    #[test]
    fn a_group_without_members_in_the_listing_is_asked() {
        let (found, asked) =
            groups(3, |at| Ok(if at == 2 { json!([{"value": "1"}]) } else { json!(null) }));
        let members: Vec<_> = found.iter().map(|group| group.members.clone().unwrap()).collect();
        assert_eq!(members, [vec![], vec![], vec![Member::Known(0)]]);
        assert_eq!(asked, 3);
    }

    #[test]
    fn a_great_many_are_asked_only_where_one_shows_somebody() {
        let (found, asked) = groups(1000, |_| Ok(json!([])));
        assert!(found.iter().all(|group| group.members.as_deref() == Some(&[])));
        assert!(asked <= 200, "{asked}");
        let (found, asked) = groups(1000, |_| Ok(json!([{"value": "1"}])));
        assert!(found.iter().all(|group| group.members.as_deref() == Some(&[Member::Known(0)])));
        assert_eq!(asked, 1000);
    }

    #[test]
    fn a_group_that_cannot_be_asked_makes_the_listing_worth_nothing() {
        assert!(groups(2, |_| Err(500)).0.is_empty());
        assert!(groups(2, |_| Err(403)).0.is_empty());
        assert!(groups(2, |at| if at == 0 { Ok(json!([])) } else { Err(404) }).0.is_empty());
    }
}
