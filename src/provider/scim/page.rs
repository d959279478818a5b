//! Pages: one `ListResponse` (RFC 7644 section 3.4.2), or a refusal that shows what came.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::live::{Page, RemoteId};
use crate::provider::{Request, Response};

use super::decode::{Codec, Resource};
use super::error::ReadError;
use super::location::id_in;
use super::own::Own;
use super::typed::{Budget, twice};

/// The schema of a list.
const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// Rows one page may hold, whatever was asked for.
const MOST_ROWS: usize = 100_000;

/// One page as read: the objects, and which members of which groups are groups.
#[derive(Debug)]
pub(super) struct PageRead {
    pub(super) page: Page,
    pub(super) nested: Vec<(RemoteId, Box<str>)>,
    /// What the provider says of its objects in its own extension.
    pub(super) own: Vec<(RemoteId, Own)>,
    /// Objects whose `meta.location` has another id than their own, with that id.
    pub(super) placed: Vec<(RemoteId, RemoteId)>,
}

impl PageRead {
    /// How many rows are on it.
    pub(super) fn rows(&self) -> u64 {
        self.page.objects.len() as u64
    }
}

/// Reads a page that was asked for from `start_index`.
///
/// # Errors
///
/// [`ReadError`] of kind `NotScim` when it is no page of `codec`'s resources.
pub(super) fn decode(
    codec: &Codec,
    request: &Request,
    response: &Response,
    start_index: u64,
) -> Result<PageRead, ReadError> {
    let refuse =
        |why: &str| ReadError::not_scim(request, response.status, response.quotable(), why);
    if response.body.is_empty() {
        return Err(refuse("a list was asked for and nothing came"));
    }
    let budget = Budget::new();
    let mut json = serde_json::Deserializer::from_slice(&response.body);
    let list = List { codec, budget: &budget }
        .deserialize(&mut json)
        .and_then(|list| json.end().map(|()| list))
        .map_err(|error| refuse(&format!("it is no list of {}: {error}", codec.kind.plural())))?;
    let Some(total) = list.total else {
        return Err(refuse("a list without `totalResults` cannot be proved complete"));
    };
    if list.schemas == Schemas::Wrong {
        return Err(refuse("its `schemas` do not say that it is a list"));
    }
    let Some(Rows { objects, nested, own, placed }) = list.resources else {
        if total > 0 && start_index == 1 {
            let why = format!("`totalResults` is {total}, but there are no `Resources`");
            return Err(refuse(&why));
        }
        let page = Page { start_index, total, objects: Vec::new() };
        return Ok(PageRead { page, nested: Vec::new(), own: Vec::new(), placed: Vec::new() });
    };
    Ok(PageRead { page: Page { start_index, total, objects }, nested, own, placed })
}

#[derive(Default)]
struct Rows {
    objects: Vec<crate::live::Object>,
    nested: Vec<(RemoteId, Box<str>)>,
    own: Vec<(RemoteId, Own)>,
    placed: Vec<(RemoteId, RemoteId)>,
}

#[derive(Default)]
struct ListRead {
    total: Option<u64>,
    resources: Option<Rows>,
    schemas: Schemas,
}

/// What `schemas` says. Some servers leave it out.
#[derive(Default, PartialEq, Eq)]
enum Schemas {
    #[default]
    Absent,
    List,
    Wrong,
}

struct List<'a> {
    codec: &'a Codec,
    budget: &'a Budget,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ListRead;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ListRead, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ListRead;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `totalResults` and `Resources`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ListRead, A::Error> {
        let mut list = ListRead::default();
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if name.eq_ignore_ascii_case("totalResults") {
                if list.total.replace(map.next_value::<u64>()?).is_some() {
                    return Err(twice("totalResults"));
                }
            } else if name.eq_ignore_ascii_case("Resources") {
                let rows =
                    map.next_value_seed(RowsSeed { codec: self.codec, budget: self.budget })?;
                if let Some(rows) = rows
                    && list.resources.replace(rows).is_some()
                {
                    return Err(twice("Resources"));
                }
            } else if name.eq_ignore_ascii_case("schemas") {
                list.schemas = map.next_value_seed(SchemasSeed)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(list)
    }
}

/// Reads `schemas`. HPE's guide shows a bare string where the list belongs.
struct SchemasSeed;

impl<'de> DeserializeSeed<'de> for SchemasSeed {
    type Value = Schemas;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Schemas, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for SchemasSeed {
    type Value = Schemas;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of schemas")
    }

    fn visit_str<E: Error>(self, urn: &str) -> Result<Schemas, E> {
        let is_list = urn.eq_ignore_ascii_case(LIST_RESPONSE);
        Ok(if is_list { Schemas::List } else { Schemas::Wrong })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Schemas, A::Error> {
        let mut found = Schemas::Wrong;
        while let Some(urn) = seq.next_element::<std::borrow::Cow<'de, str>>()? {
            if urn.eq_ignore_ascii_case(LIST_RESPONSE) {
                found = Schemas::List;
            }
        }
        Ok(found)
    }
}

struct RowsSeed<'a> {
    codec: &'a Codec,
    budget: &'a Budget,
}

impl<'de> DeserializeSeed<'de> for RowsSeed<'_> {
    type Value = Option<Rows>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowsSeed<'_> {
    type Value = Option<Rows>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {}", self.codec.kind.plural())
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut rows = Rows::default();
        let resource = Resource { codec: self.codec, budget: self.budget };
        while let Some(row) = seq.next_element_seed(resource)? {
            if rows.objects.len() == MOST_ROWS {
                return Err(A::Error::custom(format!("one page holds more than {MOST_ROWS} rows")));
            }
            let id = &row.object.id;
            rows.nested.extend(row.nested.into_iter().map(|member| (id.clone(), member)));
            rows.own.extend(row.own.map(|own| (id.clone(), own)));
            let place = row.location.and_then(|location| id_in(self.codec.kind, &location));
            let place = place.filter(|place| place.compared() != id.compared());
            rows.placed.extend(place.map(|place| (id.clone(), place)));
            rows.objects.push(row.object);
        }
        Ok(Some(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindName;
    use crate::provider::Method;
    use crate::provider::scim::dialect::Dialect;
    use crate::provider::scim::error::ReadErrorKind;

    fn page(body: &str) -> Result<PageRead, ReadError> {
        let codec = Codec::new(KindName::User, &Dialect::default());
        let response = Response {
            status: 200,
            content_type: String::new(),
            location: None,
            etag: None,
            retry_after: None,
            body: body.as_bytes().to_vec(),
            quoted: None,
        };
        decode(&codec, &Request::new(Method::Get, &["Users"]), &response, 1)
    }

    #[test]
    fn a_success_that_is_no_list_is_refused_and_shown() {
        for body in [
            "",
            "<!DOCTYPE html><html>sign in</html>",
            "[]",
            "null",
            "{}",
            "{\"totalResults\":1}",
            "{\"totalResults\":1,\"Resources\":null}",
            "{\"totalResults\":-1,\"Resources\":[]}",
            "{\"totalResults\":1.5,\"Resources\":[]}",
            "{\"totalResults\":\"1\",\"Resources\":[]}",
            "{\"totalResults\":18446744073709551616,\"Resources\":[]}",
            "{\"totalResults\":1,\"totalResults\":0,\"Resources\":[]}",
            "{\"totalResults\":0,\"Resources\":{}}",
            "{\"totalResults\":0,\"Resources\":[],\"schemas\":[\"urn:other\"]}",
            "{\"totalResults\":0,\"Resources\":[]} trailing",
            "{\"totalResults\":1,\"Resources\":[{\"id\":\"1\",\"userN",
            "{\"totalResults\":1,\"Resources\":[null]}",
        ] {
            let error = page(body).unwrap_err();
            assert_eq!(error.kind, ReadErrorKind::NotScim, "{body}");
            assert!(
                error.said.what.starts_with("`GET /Users` answered 200 with"),
                "{}",
                error.said.what
            );
        }
    }

    #[test]
    fn a_list_is_read_with_or_without_schemas() {
        for schemas in ["", "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],"]
        {
            let body = format!(
                "{{{schemas}\"totalResults\":1,\"Resources\":[{{\"id\":\"1\",\"userName\":\"a\"}}]}}"
            );
            assert_eq!(page(&body).unwrap().rows(), 1);
        }
        assert_eq!(page("{\"totalResults\":0}").unwrap().rows(), 0);
    }
}
