//! One object, read again just before or just after it is written.

use serde_json::Value;

use crate::kind::KindName;
use crate::live::{Hold, Member, Object, RemoteId, Version};
use crate::provider::converge::Stop;
use crate::provider::{Method, Request, Response, Transport};

use super::call;
use super::decode::{Codec, collection};
use super::dialect::{Dialect, MembersRead};
use super::error::{self, ReadErrorKind};
use super::listing::Lister;
use super::own::Own;
use super::trouble::Trouble;

/// An object as it is now.
#[derive(Debug)]
pub(super) struct Fetched {
    /// The object.
    pub(super) object: Object,
    /// Which of its members are groups.
    pub(super) nested: Vec<Box<str>>,
    /// The whole answer, with what muster does not know: for a `PUT` that drops nothing.
    pub(super) raw: Value,
    /// What the provider says of it in its own extension.
    pub(super) own: Option<Own>,
}

impl Fetched {
    /// Who is in the group, where the object itself shows its members.
    pub(super) fn in_group(&self) -> InGroup {
        let members = self.object.members.iter().flatten();
        let names = members.filter_map(|member| match member {
            Member::Unknown(name) => Some(name.clone()),
            Member::Known(_) => None,
        });
        InGroup {
            names: names.collect(),
            nested: self.nested.clone(),
            version: self.object.version.clone(),
        }
    }

    /// Refuses to write an object that somebody else leads, whatever the plan saw.
    pub(super) fn ours(&self) -> Result<(), Stop> {
        match &self.object.hold {
            Some(Hold::Elsewhere(who)) => Err(Stop::Stale(format!(
                "`{}` is managed by {who} now: nothing was written",
                self.object.key
            ))),
            Some(Hold::Waiting(_)) | None => Ok(()),
        }
    }
}

/// Who is in a group, by what the server names them with.
#[derive(Debug)]
pub(super) struct InGroup {
    /// Everybody and everything in it.
    pub(super) names: Vec<Box<str>>,
    /// Which of these are groups.
    pub(super) nested: Vec<Box<str>>,
    /// The group's entity tag, where the same answer shows it.
    pub(super) version: Option<Version>,
}

/// Reads one object; `None` when there is none of this id.
pub(super) async fn fetch<T: Transport>(
    transport: &T,
    dialect: &Dialect,
    kind: KindName,
    id: &str,
) -> Result<Option<Fetched>, Trouble> {
    let request = Request::new(Method::Get, &[collection(kind), id]);
    match call::read(transport, &request).await {
        Ok(response) => decode(dialect, kind, &request, &response, Some(id)).map(Some),
        Err(trouble) if matches!(trouble.status(), Some(404 | 410)) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// The security principal of an object, as the provider calls it where roles are given; `None`
/// where there is no such object, or none is said.
pub(in crate::provider) async fn principal<T: Transport>(
    transport: &T,
    dialect: &Dialect,
    kind: KindName,
    id: &str,
) -> Result<Option<String>, Trouble> {
    let found = fetch(transport, dialect, kind, id).await?;
    Ok(found.and_then(|found| found.own).and_then(|own| own.principal))
}

/// Reads who is in a group now; `None` when there is no such group.
pub(super) async fn members<T: Transport + Sync>(
    transport: &T,
    dialect: &Dialect,
    id: &str,
) -> Result<Option<InGroup>, Stop> {
    if dialect.members != MembersRead::Extension {
        let found = fetch(transport, dialect, KindName::Group, id).await?;
        return Ok(found.map(|found| found.in_group()));
    }
    match Lister::of_members(transport, dialect, id).list().await {
        Ok(listed) => {
            let users = listed.listing.objects().iter();
            let names = users.map(|user| user.id.as_str().into()).collect();
            Ok(Some(InGroup { names, nested: Vec::new(), version: None }))
        }
        Err(error) if error.kind == ReadErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The object that an answer holds. With `id`, it must be that one.
pub(super) fn decode(
    dialect: &Dialect,
    kind: KindName,
    request: &Request,
    response: &Response,
    id: Option<&str>,
) -> Result<Fetched, Trouble> {
    let refuse = |why: &str| Trouble::Status {
        status: response.status,
        wait: None,
        words: format!(
            "`{}` answered {} with {}, which is no {kind}: {why}",
            error::shown(request),
            response.status,
            error::sample(response.quotable())
        ),
    };
    let row = Codec::new(kind, dialect).decode(&response.body).map_err(|why| refuse(&why))?;
    let mut object = row.object;
    if id.is_some_and(|id| dialect.joined(id) != dialect.joined(object.id.as_str())) {
        return Err(refuse("it has another id than was asked for"));
    }
    let raw = serde_json::from_slice(&response.body).map_err(|error| refuse(&error.to_string()))?;
    if let Some(id) = id {
        // One way to write it for the whole run.
        object.id = RemoteId::new(id);
    }
    Ok(Fetched { object, nested: row.nested, raw, own: row.own })
}
