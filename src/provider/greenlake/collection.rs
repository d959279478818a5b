//! Collections by `limit` and `offset`, proved complete as SCIM listings are: as many distinct ids
//! as `total` says, and the same `total` on every page (incidents, families A and B).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::live::RemoteId;
use crate::provider::scim::Trouble;
use crate::provider::scim::call;
use crate::provider::scim::error::sample;
use crate::provider::scim::{ReadError, ReadErrorKind};
use crate::provider::{Method, Request, Transport};

/// Pages one collection may take.
const MOST_PAGES: usize = 10_000;

/// Something with an id.
pub(super) trait Row: DeserializeOwned {
    /// The id.
    fn id(&self) -> &str;
}

/// One collection, or a part of it.
#[derive(Clone, Debug)]
pub(super) struct Collection<'a> {
    /// Where it is, below the base URL.
    pub(super) path: &'a [&'a str],
    /// The rows of a page.
    pub(super) limit: usize,
    /// What is picked, in the collection's own words.
    pub(super) filter: Option<String>,
    /// Whether an answer without `total` is taken, and read until a page has no rows.
    pub(super) may_lack_total: bool,
}

#[derive(Deserialize)]
struct PageRead<R> {
    items: Vec<R>,
    total: Option<u64>,
}

impl Collection<'_> {
    fn request(&self, offset: usize) -> Request {
        let mut request = Request::new(Method::Get, self.path);
        if let Some(filter) = &self.filter {
            request.query.push(("filter", filter.clone()));
        }
        request.query.push(("limit", self.limit.to_string()));
        request.query.push(("offset", offset.to_string()));
        request
    }

    /// Reads all of it; a second time where the first does not add up.
    ///
    /// # Errors
    ///
    /// What went wrong with one page, or a collection that does not add up twice.
    pub(super) async fn list<R: Row, T: Transport + Sync>(
        &self,
        transport: &T,
    ) -> Result<Vec<R>, Refused> {
        match self.once(transport).await? {
            Ok(rows) => Ok(rows),
            Err(_) => {
                let again = self.once(transport).await?;
                let name = self.path.join("/");
                again.map_err(|why| Refused::Error(ReadError::inconsistent(&name, why)))
            }
        }
    }

    async fn once<R: Row, T: Transport + Sync>(
        &self,
        transport: &T,
    ) -> Result<Result<Vec<R>, String>, Refused> {
        let mut rows: Vec<R> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut first = None;
        for _ in 0..MOST_PAGES {
            let request = self.request(rows.len());
            let response = call::read(transport, &request)
                .await
                .map_err(|trouble| Refused::Answer(Box::new(trouble)))?;
            let page: PageRead<R> = serde_json::from_slice(&response.body).map_err(|error| {
                let why = format!("it is no page of `items`: {error}");
                Refused::Error(no_page(&request, response.status, response.quotable(), &why))
            })?;
            let Some(total) = page.total.or(self.may_lack_total.then_some(u64::MAX)) else {
                let why = "a list without `total` cannot be proved complete";
                return Err(Refused::Error(no_page(
                    &request,
                    response.status,
                    response.quotable(),
                    why,
                )));
            };
            let expected = *first.get_or_insert(total);
            if total != expected {
                return Ok(Err(format!(
                    "`total` was {expected} on the first page and {total} on another"
                )));
            }
            let received = page.items.len();
            for row in page.items {
                if !seen.insert(RemoteId::compare(row.id()).into_owned()) {
                    return Ok(Err(format!("the id `{}` came twice", row.id())));
                }
                rows.push(row);
            }
            let is_over = received == 0 || (total == u64::MAX && received < self.limit);
            if is_over || rows.len() as u64 >= total {
                let adds_up = total == u64::MAX || rows.len() as u64 == total;
                let came = rows.len();
                return Ok(if adds_up {
                    Ok(rows)
                } else {
                    Err(format!("`total` is {total}, but {came} distinct resources came"))
                });
            }
        }
        Ok(Err(format!("it has more than {MOST_PAGES} pages")))
    }
}

/// Why there is no collection.
#[derive(Debug)]
pub(super) enum Refused {
    /// A request got no useful answer.
    Answer(Box<Trouble>),
    /// The answers are none, or do not add up.
    Error(ReadError),
}

impl Refused {
    /// The status, where there was an answer that is no success.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(trouble) => trouble.status(),
            Self::Error(_) => None,
        }
    }
}

impl From<Refused> for ReadError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Answer(trouble) => Self::from_trouble(*trouble),
            Refused::Error(error) => error,
        }
    }
}

fn no_page(request: &Request, status: u16, body: &[u8], why: &str) -> ReadError {
    ReadError::new(
        ReadErrorKind::NotScim,
        format!("`{}` answered {status} with {}", request.shown(), sample(body)),
        why,
        "check that `target.url` is the base of HPE GreenLake's APIs",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::provider::scripted::{Scripted, block_on, query};

    #[derive(Debug, Deserialize)]
    struct Thing {
        id: String,
    }

    impl Row for Thing {
        fn id(&self) -> &str {
            &self.id
        }
    }

    fn things(
        page: impl Fn(&[Value], usize) -> Value + Send + 'static,
        rows: usize,
    ) -> (Result<usize, ReadError>, usize) {
        let all: Vec<Value> = (0..rows).map(|n| json!({"id": format!("t{n}")})).collect();
        let fake = Scripted::answering(move |request| {
            let offset = query(request, "offset").unwrap();
            let limit = query(request, "limit").unwrap();
            let some: Vec<Value> = all.iter().skip(offset).take(limit).cloned().collect();
            Scripted::json(&page(&some, all.len()))
        });
        let collection =
            Collection { path: &["x", "y"], limit: 100, filter: None, may_lack_total: false };
        let found = block_on(collection.list::<Thing, _>(&fake));
        (found.map(|rows| rows.len()).map_err(ReadError::from), fake.calls().len())
    }

    #[test]
    fn all_pages_are_read_and_none_too_many() {
        for (rows, requests) in [(0, 1), (99, 1), (100, 1), (101, 2), (1_000, 10)] {
            let (found, made) =
                things(|items, total| json!({"items": items, "total": total}), rows);
            assert_eq!((found.unwrap(), made), (rows, requests));
        }
    }

    #[test]
    fn what_does_not_add_up_twice_is_no_collection() {
        type Page = fn(&[Value], usize) -> Value;
        let pages: [(&str, Page); 4] = [
            (
                "short",
                |items, total| json!({"items": &items[..items.len() / 2], "total": total + 1}),
            ),
            ("the same for ever", |_, _| json!({"items": [{"id": "a"}], "total": 7})),
            ("too many", |items, _| json!({"items": items, "total": 3})),
            ("no total", |items, _| json!({"items": items})),
        ];
        for (name, page) in pages {
            assert!(things(page, 150).0.is_err(), "{name}");
        }
    }
}
