//! Reading a server: users and groups, proved complete, with members resolved.

use std::collections::BTreeMap;

use futures::future::try_join;
use futures::{StreamExt as _, TryStreamExt as _};

use crate::kind::KindName;
use crate::live::{Listing, Live, Member, RemoteId};
use crate::provider::Transport;

use super::dialect::{Dialect, Discovery, MembersRead};
use super::discovery::{ServiceProvider, discover};
use super::error::{ReadError, ReadErrorKind};
use super::listing::{Listed, Lister};
use super::members;
use super::own::Own;
use super::silent;

/// What a read is told beside the dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Who the target is: the provider and the base URL; bound into plans.
    pub target: String,
}

/// What a read found out on its way.
#[derive(Clone, Debug)]
pub struct ReadStats {
    /// What the server says of itself.
    pub service_provider: ServiceProvider,
    /// The dialect with its open lines filled in: what [`super::ScimWriter`] wants.
    pub dialect: Dialect,
    /// The kinds that had to be read twice, because the first listing did not add up.
    pub read_twice: Vec<KindName>,
    /// What the provider says of its objects in its own extension.
    pub own: BTreeMap<RemoteId, Own>,
}

/// Reads all users and groups.
///
/// On a server that keeps to the RFC this takes one request for the configuration and one for
/// each page of users and of groups; none for each user or group.
///
/// # Errors
///
/// [`ReadError`] on the first answer that is not what it should be. There is no partial result.
pub async fn read<T: Transport + Sync>(
    transport: &T,
    dialect: &Dialect,
    options: &ReadOptions,
) -> Result<(Live, ReadStats), ReadError> {
    let (listings, stats) = list(transport, dialect).await?;
    let capabilities = stats.dialect.capabilities(&options.target);
    Ok((Live::new(listings, capabilities), stats))
}

/// Reads all users and groups; the users come first, and members point into the joined list.
pub(in crate::provider) async fn list<T: Transport + Sync>(
    transport: &T,
    dialect: &Dialect,
) -> Result<(Vec<Listing>, ReadStats), ReadError> {
    let (found, probe) = match dialect.habits.discovery {
        Discovery::Asked => {
            let found = discover(transport).await?;
            let is_absent = found.is_absent();
            (found, is_absent)
        }
        Discovery::Known => {
            let why = format!("the profile `{}` says everything", dialect.name);
            (ServiceProvider::Absent { why }, false)
        }
    };
    let dialect = dialect.settled(&found);
    let users = Lister::new(transport, &dialect, KindName::User, probe);
    let (users, mut groups) = try_join(users.list(), groups(transport, &dialect, probe)).await?;
    members::resolve(&users.listing, &mut groups.listing, &dialect, &groups.nested);
    let mut read_twice = Vec::new();
    for (kind, twice) in [(KindName::User, users.twice), (KindName::Group, groups.twice)] {
        if twice {
            read_twice.push(kind);
        }
    }
    let own = users.own.into_iter().chain(groups.own).collect();
    let stats = ReadStats { service_provider: found, dialect, read_twice, own };
    Ok((vec![users.listing, groups.listing], stats))
}

/// The groups, with their members where these are listings of their own: each proved complete.
async fn groups<T: Transport + Sync>(
    transport: &T,
    dialect: &Dialect,
    probe: bool,
) -> Result<Listed, ReadError> {
    let mut groups = Lister::new(transport, dialect, KindName::Group, probe).list().await?;
    match dialect.members {
        MembersRead::Never => return Ok(groups),
        MembersRead::Inline => {
            silent::complete(transport, dialect, &mut groups).await?;
            return Ok(groups);
        }
        MembersRead::Extension => {}
    }
    let ids: Vec<RemoteId> =
        groups.listing.objects().iter().map(|group| group.id.clone()).collect();
    let members: Vec<(usize, Listed)> = futures::stream::iter(ids.iter().enumerate())
        .map(|(at, id)| async move {
            let listed = Lister::of_members(transport, dialect, id.as_str()).list().await;
            listed.map(|listed| (at, listed)).map_err(gone)
        })
        .buffer_unordered(dialect.concurrency)
        .try_collect()
        .await?;
    for (at, listed) in members {
        groups.twice |= listed.twice;
        let ids = listed.listing.objects().iter();
        let ids = ids.map(|user| Member::Unknown(user.id.as_str().into())).collect();
        if let Some(group) = groups.listing.objects_mut().get_mut(at) {
            group.members = Some(ids);
        }
    }
    Ok(groups)
}

/// A group that was listed a moment ago and is not there any more is a listing that moved.
fn gone(error: ReadError) -> ReadError {
    if error.kind != ReadErrorKind::NotFound {
        return error;
    }
    ReadError::new(
        ReadErrorKind::Inconsistent,
        error.said.what,
        "a group went while its members were read, so the listing of groups is not of one moment",
        "run again when nobody else writes",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::live::{Member, Object};
    use crate::provider::scripted::{Scripted, block_on};

    fn groups(profile: &str, members: &Value) -> Vec<Object> {
        let group = json!({"id": "g", "displayName": "Admins", "members": members});
        let fake = Scripted::answering(move |request| match request.path[0].as_str() {
            "ServiceProviderConfig" => Scripted::json(&json!({"etag": {"supported": true}})),
            "Users" => {
                let rows =
                    [json!({"id": "1", "userName": "Ada"}), json!({"id": "2", "userName": "bob"})];
                Scripted::json(&json!({"totalResults": 2, "Resources": rows}))
            }
            _ => Scripted::json(&json!({"totalResults": 1, "Resources": [group]})),
        });
        let dialect = Dialect::profile(profile).unwrap();
        let options = ReadOptions { target: "test".to_owned() };
        let (live, _) = block_on(read(&fake, &dialect, &options)).unwrap();
        live.objects().iter().filter(|object| object.kind == KindName::Group).cloned().collect()
    }

    fn members(profile: &str, members: &Value) -> Option<Vec<Member>> {
        groups(profile, members)[0].members.clone()
    }

    #[test]
    fn members_are_users_of_the_listing_or_unknown() {
        let unknown = |name: &str| Member::Unknown(name.into());
        let wire = json!([{"value": "2"}, {"value": 1}, {"value": "gone"}, {"value": "1"}]);
        let found = members("rfc7644", &wire).unwrap();
        assert_eq!(found, [Member::Known(0), Member::Known(1), unknown("gone")]);
        // A group may have the id of a user.
        let wire = json!([{"value": "1", "type": "Group"},
            {"value": "2", "$ref": "https://h/scim/v2/Groups/2"}]);
        assert_eq!(members("rfc7644", &wire).unwrap(), [unknown("1"), unknown("2")]);
    }

    #[test]
    fn members_are_named_as_the_dialect_says() {
        let wire = json!([{"value": "ADA"}, {"value": "2"}]);
        let found = members("canaille", &wire).unwrap();
        assert_eq!(found, [Member::Known(0), Member::Unknown("2".into())]);
        assert_eq!(members("polis", &wire), None);
    }

    #[test]
    fn absent_members_are_none() {
        assert_eq!(members("rfc7644", &Value::Null), Some(Vec::new()));
    }
}
