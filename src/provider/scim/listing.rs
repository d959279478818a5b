//! Listings: all pages of one collection, and the proof that they are all
//! (RFC 7644 section 3.4.2.4; incidents, families A and B).
//!
//! The first page tells how many rows a page really has; the others are fetched concurrently
//! with that stride. When the proof fails, the collection is read once more, page after page,
//! advancing by the rows received. When it fails again, there is no listing.

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _};

use crate::kind::KindName;
use crate::live::{Listing, Page, Partial, RemoteId};
use crate::provider::{Method, Request, Transport};

use super::call;
use super::decode::{Codec, collection};
use super::dialect::{Dialect, Totals};
use super::error::ReadError;
use super::own::Own;
use super::page::{self, PageRead};
use super::trouble::Trouble;

/// Pages one listing may take.
const MOST_PAGES: u64 = 100_000;

/// Reads one collection.
pub(super) struct Lister<'a, T> {
    pub(super) transport: &'a T,
    pub(super) dialect: &'a Dialect,
    pub(super) codec: Codec,
    /// Where it is.
    path: Vec<String>,
    /// Whether to ask once past the end: there is no `/ServiceProviderConfig`, and such servers
    /// have been seen to understate their totals.
    pub(super) probe_end: bool,
}

/// A proved listing, or one that says of itself that it is in doubt.
pub(super) struct Listed {
    pub(super) listing: Listing,
    /// Members that are groups, by group.
    pub(super) nested: Vec<(RemoteId, Box<str>)>,
    /// What the provider says of its objects in its own extension.
    pub(super) own: Vec<(RemoteId, Own)>,
    /// Whether it had to be read twice.
    pub(super) twice: bool,
}

impl<'a, T: Transport + Sync> Lister<'a, T> {
    /// A lister of `kind`.
    pub(super) fn new(
        transport: &'a T,
        dialect: &'a Dialect,
        kind: KindName,
        probe_end: bool,
    ) -> Self {
        let path = vec![collection(kind).to_owned()];
        Self { transport, dialect, codec: Codec::new(kind, dialect), path, probe_end }
    }

    /// A lister of the ids of a group's members, where they are a listing of their own.
    pub(super) fn of_members(transport: &'a T, dialect: &'a Dialect, group: &str) -> Self {
        let path = ["extensions", "Groups", group, "users"].map(str::to_owned).to_vec();
        Self { transport, dialect, codec: Codec::ids(), path, probe_end: false }
    }

    /// The collection, for people.
    fn name(&self) -> String {
        self.path.join("/")
    }

    /// Reads the collection.
    ///
    /// # Errors
    ///
    /// [`ReadError`]: an answer that is no page, an error on any page, or a listing that does
    /// not add up twice.
    pub(super) async fn list(&self) -> Result<Listed, ReadError> {
        let (first, count) = self.first().await?;
        if self.dialect.totals == Totals::Capped {
            return self.one_by_one(count).await;
        }
        let again = match self.all_at_once(first, count).await?.prove() {
            Ok(listed) => Ok(listed),
            Err(_) => self.one_by_one(count).await.map(|listed| Listed { twice: true, ..listed }),
        };
        let listed = again?;
        if self.probe_end && !listed.listing.objects().is_empty() {
            self.nothing_past_the_end(&listed.listing, count).await?;
        }
        Ok(listed)
    }

    const fn kind(&self) -> KindName {
        self.codec.kind
    }

    fn request(&self, start: u64, count: Option<u64>) -> Request {
        let mut request = Request::new(Method::Get, &[]);
        request.path.clone_from(&self.path);
        request.query.push(("startIndex", start.to_string()));
        if let Some(count) = count {
            request.query.push(("count", count.to_string()));
        }
        request
    }

    async fn page(&self, start: u64, count: Option<u64>) -> Result<PageRead, ReadError> {
        let request = self.request(start, count);
        let response =
            call::read(self.transport, &request).await.map_err(ReadError::from_trouble)?;
        page::decode(&self.codec, &request, &response, start)
    }

    /// The first page, and the `count` that the server takes: what the dialect asks for, half of
    /// it, or none.
    async fn first(&self) -> Result<(PageRead, Option<u64>), ReadError> {
        let asked = self.dialect.asked_rows().map(u64::from);
        let mut counts = vec![asked];
        if let Some(asked) = asked {
            counts.extend([Some((asked / 2).max(1)), None]);
        }
        let mut refused = None;
        for count in counts {
            let request = self.request(1, count);
            let answer = if refused.is_none() {
                call::read(self.transport, &request).await
            } else {
                call::read_once(self.transport, &request).await
            };
            match answer {
                Ok(response) => {
                    let page = page::decode(&self.codec, &request, &response, 1)?;
                    return Ok((page, count));
                }
                Err(trouble @ Trouble::Status { status: 400 | 413 | 422 | 500, .. }) => {
                    refused.get_or_insert(trouble);
                }
                Err(trouble) => return Err(ReadError::from_trouble(refused.unwrap_or(trouble))),
            }
        }
        let nothing =
            Trouble::Status { status: 500, words: "no request was made".to_owned(), wait: None };
        Err(ReadError::from_trouble(refused.unwrap_or(nothing)))
    }

    /// The pages after `first`, concurrently, each as long as `first` was.
    async fn all_at_once(
        &self,
        first: PageRead,
        count: Option<u64>,
    ) -> Result<Collected, ReadError> {
        let (stride, total) = (first.rows(), first.page.total);
        let mut collected = Collected { kind: self.kind(), pages: vec![first] };
        self.within_bounds(total, stride)?;
        if stride == 0 {
            return Ok(collected);
        }
        let starts = (1..total.div_ceil(stride)).map(|page| 1 + page * stride);
        // Asking for the stride keeps a server that cut the first page short from overlapping. One
        // that gave more than it was asked for is not asked for as many.
        let asked = count.map(|count| count.min(stride));
        let rest: Vec<PageRead> = futures::stream::iter(starts)
            .map(|start| self.page(start, asked))
            .buffer_unordered(self.dialect.concurrency)
            .try_collect()
            .await?;
        collected.pages.extend(rest);
        Ok(collected)
    }

    /// The pages one after another, as long as they bring something new.
    async fn one_by_one(&self, count: Option<u64>) -> Result<Listed, ReadError> {
        let capped = self.dialect.totals == Totals::Capped;
        let mut collected = Collected { kind: self.kind(), pages: Vec::new() };
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut start = 1;
        for _ in 0..MOST_PAGES {
            let mut read = self.page(start, count).await?;
            let received = read.rows();
            let total = read.page.total;
            self.within_bounds(total, received)?;
            read.page.objects.retain(|object| seen.insert(object.id.compared().into_owned()));
            let is_new = !read.page.objects.is_empty();
            if is_new || collected.pages.is_empty() {
                collected.pages.push(read);
            }
            let is_all = !capped && seen.len() as u64 >= total;
            if !is_new || is_all {
                break;
            }
            start += received;
        }
        if capped {
            // Its totals say nothing, so they are not compared; and the listing is never proved.
            for read in &mut collected.pages {
                read.page.total = seen.len() as u64;
            }
        }
        let mut listed =
            collected.prove().map_err(|why| ReadError::inconsistent(&self.name(), why))?;
        if capped {
            let why = "this server cuts `totalResults` off at its page size, so nobody can tell \
                       whether the listing is complete";
            listed.listing = listed.listing.doubted(why);
        }
        Ok(listed)
    }

    /// Asks once past the end: whatever comes must be known already.
    async fn nothing_past_the_end(
        &self,
        listing: &Listing,
        count: Option<u64>,
    ) -> Result<(), ReadError> {
        let known: BTreeSet<&RemoteId> =
            listing.objects().iter().map(|object| &object.id).collect();
        let past = self.page(listing.objects().len() as u64 + 1, count).await?;
        if past.page.objects.iter().all(|object| known.contains(&object.id)) {
            return Ok(());
        }
        let why = format!(
            "`totalResults` is {}, and there are more: this server cuts its totals off; if it is \
             Ory Polis, `target.profile: polis` reads it (and muster then only adds)",
            listing.objects().len()
        );
        Err(ReadError::inconsistent(&self.name(), why))
    }

    /// Refuses a total that no server means.
    fn within_bounds(&self, total: u64, stride: u64) -> Result<(), ReadError> {
        if total <= stride.max(1).saturating_mul(MOST_PAGES) {
            return Ok(());
        }
        let why = format!(
            "`totalResults` is {total}, and with {stride} rows a page that takes more than \
             {MOST_PAGES} requests"
        );
        Err(ReadError::inconsistent(&self.name(), why))
    }
}

/// Pages read so far.
struct Collected {
    kind: KindName,
    pages: Vec<PageRead>,
}

impl Collected {
    fn prove(self) -> Result<Listed, String> {
        let mut pages: Vec<Page> = Vec::with_capacity(self.pages.len());
        let mut nested = Vec::new();
        let mut own = Vec::new();
        let mut placed = Vec::new();
        for read in self.pages {
            pages.push(read.page);
            nested.extend(read.nested);
            own.extend(read.own);
            placed.extend(read.placed);
        }
        let listing = Partial::new(self.kind, pages).prove().map_err(|error| error.to_string())?;
        not_exchanged(&listing, &placed)?;
        Ok(Listed { listing, nested, own, twice: false })
    }
}

/// Refuses a listing in which an object has the place (`meta.location`) of another one: who is who
/// is not known. A place of which nothing is listed is a habit of the server.
fn not_exchanged(listing: &Listing, placed: &[(RemoteId, RemoteId)]) -> Result<(), String> {
    if placed.is_empty() {
        return Ok(());
    }
    let ids: BTreeSet<_> = listing.objects().iter().map(|object| object.id.compared()).collect();
    match placed.iter().find(|(_, place)| ids.contains(&place.compared())) {
        None => Ok(()),
        Some((id, place)) => {
            let shown = |id: &RemoteId| super::error::escape(id.as_str());
            Err(format!(
                "the object with the id `{}` has the `meta.location` of `{}`, which is listed too: \
                 which of the two it is cannot be told",
                shown(id),
                shown(place)
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::live::Live;
    use crate::provider::scim::error::ReadErrorKind;
    use crate::provider::scim::read::{ReadOptions, read};
    use crate::provider::scripted::{Scripted, block_on, query};
    use crate::provider::{Response, TransportError};

    type Answer = Result<Response, TransportError>;

    fn rows(n: usize) -> Vec<Value> {
        (0..n).map(|n| json!({"id": format!("u{n}"), "userName": format!("user{n}")})).collect()
    }

    /// A server whose `/Users` answers `users`; without groups, and with a configuration where
    /// `configured`.
    fn server(
        configured: bool,
        mut users: impl FnMut(&Request, usize) -> Answer + Send + 'static,
    ) -> Scripted {
        let mut asked = 0;
        Scripted::answering(move |request| match request.path[0].as_str() {
            "ServiceProviderConfig" if configured => {
                Scripted::json(&json!({"filter": {"supported": true, "maxResults": 100}}))
            }
            "Groups" => Scripted::json(&json!({"totalResults": 0, "Resources": []})),
            "Users" => {
                asked += 1;
                users(request, asked)
            }
            _ => Scripted::status(404, ""),
        })
    }

    fn run(fake: &Scripted, profile: &str) -> Result<Live, ReadError> {
        let dialect = Dialect::profile(profile).unwrap();
        let options = ReadOptions { target: "test".to_owned() };
        block_on(read(fake, &dialect, &options)).map(|(live, _)| live)
    }

    fn user_requests(fake: &Scripted) -> usize {
        fake.calls().iter().filter(|call| call.contains("/Users")).count()
    }

    #[test]
    fn the_optimum_of_requests_and_every_row() {
        for (n, most, requests) in [
            (0, 100, 1),
            (99, 100, 1),
            (100, 100, 1),
            (101, 100, 2),
            (1_000, 100, 10),
            (90, 20, 5),
            (100, 20, 5),
        ] {
            let all = rows(n);
            let fake = server(true, move |request, _| Scripted::page(request, &all, most));
            let live = run(&fake, "rfc7644").unwrap();
            assert_eq!(live.objects().len(), n);
            assert!(live.is_proved(KindName::User) && live.is_proved(KindName::Group));
            assert_eq!(user_requests(&fake), requests, "{n} by {most}");
        }
    }

    #[test]
    fn without_a_configuration_the_end_is_asked_for_once() {
        let all = rows(30);
        let fake = server(false, move |request, _| Scripted::page(request, &all, 100));
        assert_eq!(run(&fake, "rfc7644").unwrap().objects().len(), 30);
        assert_eq!(user_requests(&fake), 2);
    }

    #[test]
    fn a_capped_total_is_refused_by_default_and_doubted_by_its_profile() {
        let capped = || {
            let all = rows(120);
            server(false, move |request, _| {
                let start = query(request, "startIndex").unwrap();
                let some: Vec<_> = all.iter().skip(start - 1).take(50).collect();
                Scripted::json(&json!({"totalResults": 50, "Resources": some}))
            })
        };
        let error = run(&capped(), "rfc7644").unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::Inconsistent);
        assert!(error.to_string().contains("target.profile: polis"), "{error}");
        let live = run(&capped(), "polis").unwrap();
        assert_eq!(live.objects().len(), 120);
        assert!(!live.is_proved(KindName::User));
        assert!(live.doubt(KindName::User).unwrap().contains("totalResults"));
    }

    #[test]
    fn a_server_that_gives_too_much_is_not_asked_for_more() {
        // Rows beyond what was asked for: on every page, on the first one, and on the others.
        let habits: [fn(usize) -> usize; 3] =
            [|_| 1, |start| usize::from(start == 1), |start| usize::from(start > 1) * 7];
        for more in habits {
            let all = rows(250);
            let fake = server(true, move |request, _| {
                let start = query(request, "startIndex").unwrap();
                let count = query(request, "count").unwrap();
                assert!(count <= 100, "{count} from {start}");
                let end = (start - 1 + count + more(start)).min(all.len());
                list(all.len(), &all[start - 1..end])
            });
            let live = run(&fake, "rfc7644").unwrap();
            assert_eq!(live.objects().len(), 250);
            assert!(live.is_proved(KindName::User));
        }
    }

    #[test]
    fn objects_in_each_others_places_are_no_listing() {
        let read = |places: &[&str]| {
            let row = |(n, place): (usize, &&str)| {
                json!({"id": format!("U{n}"), "userName": format!("user{n}"),
                    "meta": {"location": format!("https://host/scim{place}")}})
            };
            let all: Vec<Value> = places.iter().enumerate().map(row).collect();
            let fake = server(true, move |request, _| Scripted::page(request, &all, 2));
            run(&fake, "rfc7644").map_err(|error| (error.kind, error.said.why))
        };
        // Two exchanged, on one page and on two, and one in the place of another.
        for places in [
            ["/Users/U1", "/Users/U0", "/Users/U2", "/Users/U3"],
            ["/Users/U3", "/Users/U1", "/Users/U2", "/Users/U0"],
            ["/Users/U0", "/Users/U1", "/Users/U2", "/Users/U1"],
        ] {
            let (kind, why) = read(&places).unwrap_err();
            assert_eq!(kind, ReadErrorKind::Inconsistent, "{why}");
            assert!(why.contains("`meta.location` of `U"), "{why}");
        }
        // Places that say nothing of another object of the list.
        for places in [
            ["/Users/U0", "/Users/U1", "/Users/U2", "/Users/U3"],
            ["", "/Users/", "/Users/other", "/Groups/U0"],
            ["/Users/user0", "/Users/user1", "/People/U0", "/Users/U3?x=U1"],
        ] {
            assert_eq!(read(&places).unwrap().objects().len(), 4, "{places:?}");
        }
    }

    #[test]
    fn overlapping_pages_are_read_again_one_by_one() {
        // Off by one: every page but the first begins a row early.
        let all = rows(250);
        let fake = server(true, move |request, _| {
            let start = query(request, "startIndex").unwrap();
            let skip = if start == 1 { 0 } else { start - 2 };
            let some: Vec<_> = all.iter().skip(skip).take(100).collect();
            Scripted::json(&json!({"totalResults": 250, "Resources": some}))
        });
        let live = run(&fake, "rfc7644").unwrap();
        assert_eq!(live.objects().len(), 250);
        assert!(live.is_proved(KindName::User));
    }

    #[test]
    fn what_does_not_add_up_twice_is_no_listing() {
        type Users = fn(&Request, usize) -> Answer;
        let cases: [(&str, Users); 7] = [
            ("page 1 for ever", |_, _| list(60, &rows(20))),
            ("a total that grows", |request, asked| {
                let start = query(request, "startIndex").unwrap();
                list(150 + asked, &rows(300)[start - 1..start + 99])
            }),
            ("a total that shrinks", |request, asked| {
                let start = query(request, "startIndex").unwrap();
                list(150 - asked, &rows(150)[start - 1..150.min(start + 49)])
            }),
            ("too few", |request, _| {
                let start = query(request, "startIndex").unwrap();
                let some = if start == 1 { rows(100) } else { Vec::new() };
                list(150, &some)
            }),
            ("too many", |_, _| list(10, &rows(20))),
            ("a duplicate in one page", |_, _| list(3, &[rows(2), rows(1)].concat())),
            ("the largest total there is", |_, _| {
                Scripted::status(
                    200,
                    &format!("{{\"totalResults\":{},\"Resources\":[]}}", u64::MAX),
                )
            }),
        ];
        for (name, users) in cases {
            let fake = server(true, users);
            let error = run(&fake, "rfc7644").map(|live| live.objects().len()).unwrap_err();
            assert_eq!(error.kind, ReadErrorKind::Inconsistent, "{name}: {error}");
            assert!(user_requests(&fake) <= 12, "{name}: {}", user_requests(&fake));
        }
    }

    fn list(total: usize, rows: &[Value]) -> Answer {
        Scripted::json(&json!({"totalResults": total, "Resources": rows}))
    }

    #[test]
    fn a_count_that_is_refused_is_halved_and_then_left_out() {
        let all = rows(120);
        let fake = server(true, move |request, _| match query(request, "count") {
            Some(count) if count > 50 => Scripted::status(400, "{\"detail\":\"count\"}"),
            _ => Scripted::page(request, &all, 50),
        });
        assert_eq!(run(&fake, "rfc7644").unwrap().objects().len(), 120);
        let all = rows(7);
        let fake = server(true, move |request, _| match query(request, "count") {
            Some(_) => Scripted::status(400, ""),
            None => Scripted::page(request, &all, 50),
        });
        assert_eq!(run(&fake, "rfc7644").unwrap().objects().len(), 7);
        assert!(fake.calls().contains(&"GET /Users?startIndex=1".to_owned()));
    }

    #[test]
    fn a_failed_page_is_never_an_empty_one() {
        use ReadErrorKind as Kind;
        for (status, kind) in [
            (401, Kind::Unauthorized),
            (403, Kind::Forbidden),
            (404, Kind::NotFound),
            (429, Kind::Throttled),
            (500, Kind::ServerFailed),
            (503, Kind::ServerFailed),
            (418, Kind::Unexpected),
            (302, Kind::Unexpected),
        ] {
            for failing in [1, 2] {
                let all = rows(150);
                let fake = server(true, move |request, _| {
                    let start = query(request, "startIndex").unwrap();
                    if (start > 1) == (failing == 2) {
                        Scripted::status(status, "")
                    } else {
                        Scripted::page(request, &all, 100)
                    }
                });
                let error = run(&fake, "rfc7644").map(|live| live.objects().len()).unwrap_err();
                assert_eq!(error.kind, kind, "page {failing}: {error}");
            }
        }
    }

    #[test]
    fn a_passing_failure_is_waited_out() {
        let all = rows(150);
        let fake = server(true, move |request, asked| match asked % 2 {
            1 => Scripted::status(503, ""),
            _ => Scripted::page(request, &all, 100),
        });
        assert_eq!(run(&fake, "rfc7644").unwrap().objects().len(), 150);
        assert!(!fake.pauses().is_empty());
    }
}
