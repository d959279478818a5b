//! Look-ups by name, after a create whose outcome is not known.
//!
//! A filter is tried first, because it is one request. Its answer counts only when it found
//! what was asked and nothing else; in every other case the whole collection is read, because a
//! filter that finds nothing proves nothing.

use crate::kind::KindName;
use crate::live::Object;
use crate::provider::{Method, Request, Transport};

use super::call;
use super::decode::{Codec, collection};
use super::dialect::{Dialect, Totals};
use super::error::ReadError;
use super::filter::Filter;
use super::listing::Lister;
use super::page;

/// Every object of `kind` that is named `name`, or else has the external id, and whether there
/// certainly are no others.
pub(super) struct Found {
    pub(super) objects: Vec<Object>,
    pub(super) is_all: bool,
}

/// Finds the objects of `kind` that are named `name`. Where the whole listing shows none, those of
/// `external_id` are found in it: a server may have given another name to what was sent.
///
/// # Errors
///
/// [`ReadError`] when neither the filter nor the listing could be read.
pub(super) async fn named<T: Transport + Sync>(
    transport: &T,
    dialect: &Dialect,
    kind: KindName,
    name: &str,
    external_id: Option<&str>,
) -> Result<Found, ReadError> {
    let filter = Filter::named(kind, name);
    if let Some(objects) = filtered(transport, dialect, kind, &filter).await? {
        return Ok(Found { objects, is_all: true });
    }
    let listed = Lister::new(transport, dialect, kind, false).list().await?;
    let listed = listed.listing.objects();
    let met = listed.iter().filter(|object| filter.is_met_by(object));
    let mut objects: Vec<Object> = met.cloned().collect();
    if let (true, Some(id)) = (objects.is_empty(), external_id) {
        let has_it = |object: &&Object| {
            object.fields.get("externalId").and_then(serde_json::Value::as_str) == Some(id)
        };
        objects.extend(listed.iter().filter(has_it).cloned());
    }
    Ok(Found { objects, is_all: dialect.totals == Totals::Trusted })
}

/// The answer to the filter, where it can be relied on.
async fn filtered<T: Transport>(
    transport: &T,
    dialect: &Dialect,
    kind: KindName,
    filter: &Filter,
) -> Result<Option<Vec<Object>>, ReadError> {
    let mut request = Request::new(Method::Get, &[collection(kind)]);
    request.query.push(("filter", filter.to_string()));
    let response = match call::read(transport, &request).await {
        Ok(response) => response,
        Err(trouble) if trouble.is_refused_credential() => {
            return Err(ReadError::from_trouble(trouble));
        }
        Err(_) => return Ok(None),
    };
    let codec = Codec::new(kind, dialect);
    let Ok(read) = page::decode(&codec, &request, &response, 1) else { return Ok(None) };
    let is_whole = read.rows() == read.page.total && read.rows() > 0;
    let is_kept = read.page.objects.iter().all(|object| filter.is_met_by(object));
    Ok((is_whole && is_kept).then_some(read.page.objects))
}
