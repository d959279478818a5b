//! Reading a server: users and groups, proved complete, with members resolved.

use futures::future::try_join;

use crate::kind::KindName;
use crate::live::Live;
use crate::target::Transport;

use super::dialect::Dialect;
use super::discovery::{ServiceProvider, discover};
use super::error::ReadError;
use super::listing::Lister;
use super::members;

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
    let found = discover(transport).await?;
    let dialect = dialect.settled(&found);
    let probe = found.is_absent();
    let users = Lister::new(transport, &dialect, KindName::User, probe);
    let groups = Lister::new(transport, &dialect, KindName::Group, probe);
    let (users, mut groups) = try_join(users.list(), groups.list()).await?;
    members::resolve(&users.listing, &mut groups.listing, dialect.member_value, &groups.nested);
    let mut read_twice = Vec::new();
    for (kind, twice) in [(KindName::User, users.twice), (KindName::Group, groups.twice)] {
        if twice {
            read_twice.push(kind);
        }
    }
    let capabilities = dialect.capabilities(&options.target);
    // Members point into the joined list, where the users come first.
    let live = Live::new(vec![users.listing, groups.listing], capabilities);
    Ok((live, ReadStats { service_provider: found, dialect, read_twice }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::live::{Member, Object};
    use crate::target::scim::fake::{Fake, block_on};

    fn groups(profile: &str, members: &Value) -> Vec<Object> {
        let group = json!({"id": "g", "displayName": "Admins", "members": members});
        let fake = Fake::answering(move |request| match request.path[0].as_str() {
            "ServiceProviderConfig" => Fake::json(&json!({"etag": {"supported": true}})),
            "Users" => {
                let rows =
                    [json!({"id": "1", "userName": "Ada"}), json!({"id": "2", "userName": "bob"})];
                Fake::json(&json!({"totalResults": 2, "Resources": rows}))
            }
            _ => Fake::json(&json!({"totalResults": 1, "Resources": [group]})),
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
