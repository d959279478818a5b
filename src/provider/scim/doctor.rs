//! The doctor: a few reads that tell which profile fits a server, and why.

use serde_json::Value;

use crate::kind::KindName;
use crate::live::Object;
use crate::provider::{Method, Request, Response, Transport};

use super::call;
use super::decode::Codec;
use super::dialect::Dialect;
use super::discovery::{Features, ServiceProvider, discover};
use super::error::{ReadError, escape};
use super::filter::Filter;
use super::page;
use super::trouble::Trouble;

/// What the doctor found. Every line of it was seen, not guessed.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// The profile that fits, one of [`super::dialect::PROFILES`].
    pub profile: &'static str,
    /// Why that one, one line for each thing seen.
    pub because: Vec<String>,
    /// What the server claims and shows, one line each.
    pub seen: Vec<String>,
    /// What to be careful about, one line each.
    pub warnings: Vec<String>,
    /// What the server says of itself.
    pub service_provider: ServiceProvider,
}

/// Examines a server. It reads only: at most nine requests, none of them a long list.
///
/// # Errors
///
/// [`ReadError`] when the server cannot be reached, refuses the credential, or is no SCIM
/// server at all.
pub async fn examine<T: Transport + Sync>(transport: &T) -> Result<Diagnosis, ReadError> {
    let service_provider = discover(transport).await?;
    let mut exam =
        Exam { transport, signs: Signs::default(), seen: Vec::new(), warnings: Vec::new() };
    exam.claims(&service_provider);
    exam.users().await?;
    exam.groups().await?;
    exam.resource_types().await?;
    let (profile, because) = diagnose(&service_provider, &exam.signs);
    let Exam { seen, warnings, .. } = exam;
    Ok(Diagnosis { profile, because, seen, warnings, service_provider })
}

/// What was seen that tells servers apart.
#[derive(Clone, Debug, Default)]
struct Signs {
    count_fails: bool,
    id_is_name: bool,
    types_are_a_bare_list: bool,
    types_are_urns: bool,
    has_versions: bool,
    no_meta: bool,
}

struct Exam<'a, T> {
    transport: &'a T,
    signs: Signs,
    seen: Vec<String>,
    warnings: Vec<String>,
}

impl<T: Transport + Sync> Exam<'_, T> {
    fn claims(&mut self, found: &ServiceProvider) {
        match found {
            ServiceProvider::Absent { why } => {
                self.warnings.push(format!("there is no `/ServiceProviderConfig`: {why}"));
            }
            ServiceProvider::Present(features) => {
                let mut claims = Vec::new();
                for (name, has) in [
                    ("patch", features.patch),
                    ("bulk", features.bulk),
                    ("filter", features.filter),
                    ("sort", features.sort),
                    ("etag", features.etag),
                ] {
                    claims.push(format!("{name} {}", if has { "yes" } else { "no" }));
                }
                let max = features.max_results.map_or("no".to_owned(), |max| max.to_string());
                self.seen.push(format!("it claims {}; maxResults {max}", claims.join(", ")));
                if !features.patch {
                    self.warnings.push("it claims not to know PATCH".to_owned());
                }
            }
        }
    }

    async fn get(
        &self,
        path: &str,
        query: Vec<(&'static str, String)>,
    ) -> Result<(Request, Response), Trouble> {
        let mut request = Request::new(Method::Get, &[path]);
        request.query = query;
        let response = call::read(self.transport, &request).await?;
        Ok((request, response))
    }

    async fn users(&mut self) -> Result<(), ReadError> {
        let asked = 2_u64;
        let query = vec![("startIndex", "1".to_owned()), ("count", asked.to_string())];
        let (request, response) = match self.get("Users", query).await {
            Ok(answer) => answer,
            Err(Trouble::Status { status: 400 | 500, words, .. }) => {
                self.signs.count_fails = true;
                self.warnings.push(format!("`count` fails: {words}"));
                self.get("Users", Vec::new()).await.map_err(ReadError::from_trouble)?
            }
            Err(trouble) => return Err(ReadError::from_trouble(trouble)),
        };
        let codec = Codec::new(KindName::User, &Dialect::default());
        let read = page::decode(&codec, &request, &response, 1)?;
        self.seen.push(format!("it has {} users", read.page.total));
        if !self.signs.count_fails && read.rows() > asked {
            self.warnings.push(format!("it was asked for {asked} rows and sent {}", read.rows()));
        }
        let raw: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        self.shape(&raw, read.rows());
        if !self.signs.count_fails && read.page.total > 1 {
            self.second_page(&codec, &read.page.objects).await?;
        }
        if let Some(user) = read.page.objects.first() {
            let name_of = |user: &Object| {
                user.fields.get("userName").and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let name = &name_of(user);
            self.signs.id_is_name =
                read.page.objects.iter().any(|user| user.id.as_str() == name_of(user));
            self.signs.has_versions = user.version.is_some();
            self.filters(name, read.page.total).await?;
        } else {
            self.warnings.push("it has no user yet, so little can be told".to_owned());
        }
        Ok(())
    }

    /// Whether the second row is another one than the first.
    async fn second_page(&mut self, codec: &Codec, first: &[Object]) -> Result<(), ReadError> {
        let query = vec![("startIndex", "2".to_owned()), ("count", "1".to_owned())];
        let (request, response) = match self.get("Users", query).await {
            Ok(answer) => answer,
            Err(trouble) if trouble.is_refused_credential() => {
                return Err(ReadError::from_trouble(trouble));
            }
            Err(trouble) => {
                self.warnings.push(format!("a second page fails: {}", trouble.words()));
                return Ok(());
            }
        };
        let read = page::decode(codec, &request, &response, 2)?;
        let ids = |objects: &[Object]| objects.first().map(|object| object.id.clone());
        if ids(&read.page.objects).is_some() && ids(&read.page.objects) == ids(first) {
            self.warnings.push(format!(
                "`startIndex` is ignored: every page is the first, of {} rows; no profile fits \
                 that, and a listing that does not fit on one page is refused",
                read.rows()
            ));
        }
        Ok(())
    }

    /// What the first answer looks like beside its rows.
    fn shape(&mut self, raw: &Value, rows: u64) {
        let echoed = raw.get("itemsPerPage").and_then(Value::as_u64);
        if let Some(echoed) = echoed.filter(|echoed| *echoed != rows) {
            self.warnings.push(format!("`itemsPerPage` is {echoed}, and {rows} rows came"));
        }
        let first = raw.get("Resources").and_then(|rows| rows.get(0));
        self.signs.no_meta = first.is_some_and(|first| first.get("meta").is_none());
    }

    /// A filter with a row that is known, and one with a row that nobody has.
    async fn filters(&mut self, known: &str, total: u64) -> Result<(), ReadError> {
        let codec = Codec::new(KindName::User, &Dialect::default());
        for (name, expected) in [(known, true), ("muster-doctor-nobody@invalid", false)] {
            let filter = Filter::named(KindName::User, name);
            let shown = escape(&filter.to_string());
            let query = vec![("filter", filter.to_string())];
            let (request, response) = match self.get("Users", query).await {
                Ok(answer) => answer,
                Err(trouble) if trouble.is_refused_credential() => {
                    return Err(ReadError::from_trouble(trouble));
                }
                Err(trouble) => {
                    self.warnings.push(format!("filters fail: {}", trouble.words()));
                    return Ok(());
                }
            };
            let Ok(read) = page::decode(&codec, &request, &response, 1) else {
                self.warnings.push(format!("the answer to the filter `{shown}` is no list"));
                return Ok(());
            };
            let met = read.page.objects.iter().filter(|object| filter.is_met_by(object)).count();
            if read.page.objects.len() > met {
                self.warnings.push(format!(
                    "the filter `{shown}` is ignored: {} of {total} users came",
                    read.page.objects.len()
                ));
            } else if expected && met == 0 {
                self.warnings.push(format!("the filter `{shown}` finds nothing, and it is there"));
            } else if expected {
                self.seen.push("it filters by `userName`".to_owned());
            }
        }
        Ok(())
    }

    async fn groups(&mut self) -> Result<(), ReadError> {
        let mut query = vec![("startIndex", "1".to_owned())];
        if !self.signs.count_fails {
            query.push(("count", "1".to_owned()));
        }
        let (request, response) =
            self.get("Groups", query).await.map_err(ReadError::from_trouble)?;
        let codec = Codec::new(KindName::Group, &Dialect::default());
        let read = page::decode(&codec, &request, &response, 1)?;
        self.seen.push(format!("it has {} groups", read.page.total));
        Ok(())
    }

    async fn resource_types(&mut self) -> Result<(), ReadError> {
        match self.get("ResourceTypes", Vec::new()).await {
            Ok((_, response)) => {
                let raw: Value = serde_json::from_slice(&response.body).unwrap_or_default();
                self.signs.types_are_a_bare_list = raw.is_array();
                let types = raw.get("Resources").and_then(Value::as_array).into_iter().flatten();
                let mut ids = types.filter_map(|one| one.get("id")?.as_str());
                self.signs.types_are_urns = ids.any(|id| id.starts_with("urn:"));
                Ok(())
            }
            Err(trouble) if trouble.is_refused_credential() => {
                Err(ReadError::from_trouble(trouble))
            }
            Err(_) => Ok(()),
        }
    }
}

/// The first profile whose signs were seen.
fn diagnose(found: &ServiceProvider, signs: &Signs) -> (&'static str, Vec<String>) {
    let none = Features::default();
    let features = match found {
        ServiceProvider::Present(features) => features,
        ServiceProvider::Absent { .. } => &none,
    };
    let max = features.max_results;
    let rules: [(&'static str, &[(bool, &str)]); 9] = [
        ("canaille", &[(signs.count_fails, "any `count` fails")]),
        ("open-webui", &[(signs.types_are_a_bare_list, "`/ResourceTypes` is a bare list")]),
        (
            "polis",
            &[
                (found.is_absent(), "there is no `/ServiceProviderConfig`"),
                (signs.no_meta, "resources have no `meta`"),
            ],
        ),
        (
            "django-scim2",
            &[
                (!features.filter && max == Some(50), "it claims no filters and maxResults 50"),
                (
                    !features.bulk && features.bulk_operations == Some(1000),
                    "and 1000 operations of no bulk",
                ),
            ],
        ),
        ("scimgateway", &[(signs.types_are_urns, "the id of a resource type is its URN")]),
        ("scimgateway", &[(signs.id_is_name, "the id of a user is its userName")]),
        (
            "scimmy",
            &[
                (
                    !features.etag && features.bulk && max == Some(200),
                    "bulk, maxResults 200, no etag",
                ),
                (!signs.has_versions, "resources have no `meta.version`"),
            ],
        ),
        (
            "scimserver",
            &[
                (features.etag && features.bulk && max == Some(200), "bulk, etag, maxResults 200"),
                (features.sort, "it claims to sort"),
            ],
        ),
        (
            "scim2-server",
            &[(features.etag && features.bulk && max == Some(1000), "bulk, etag, maxResults 1000")],
        ),
    ];
    for (profile, needs) in rules {
        if needs.iter().all(|(is_seen, _)| *is_seen) {
            return (profile, needs.iter().map(|(_, why)| (*why).to_owned()).collect());
        }
    }
    let why = "nothing was seen that differs from the RFCs in a way a profile names";
    let unseen = "what a server does with a write cannot be seen by reading: if it caps the members \
                  of a group, keeps names in lower case or deactivates what is deleted, the \
                  profile is `member-capped`, `lower-casing` or `soft-delete`";
    (Dialect::default().name, vec![why.to_owned(), unseen.to_owned()])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::TransportError;
    use crate::provider::scim::error::ReadErrorKind;
    use crate::provider::scripted::{Scripted, block_on, query};

    type Answer = Result<Response, TransportError>;

    fn config(bulk: bool, filter: bool, max: u32, etag: bool) -> Value {
        json!({"patch": {"supported": true}, "bulk": {"supported": bulk, "maxOperations": 1000},
            "filter": {"supported": filter, "maxResults": max}, "sort": {"supported": true},
            "etag": {"supported": etag}})
    }

    /// A server with one user, whose collections answer `users`.
    fn examined(
        config: Option<Value>,
        user: &Value,
        types: &Value,
        users: impl Fn(&Request) -> Option<Answer> + Send + 'static,
    ) -> (Result<Diagnosis, ReadError>, Vec<String>) {
        let (user, types) = (user.clone(), types.clone());
        let fake = Scripted::answering(move |request| match request.path[0].as_str() {
            "ServiceProviderConfig" => match &config {
                Some(config) => Scripted::json(config),
                None => Scripted::status(404, "{}"),
            },
            "ResourceTypes" => Scripted::json(&types),
            "Groups" => users(request)
                .unwrap_or_else(|| Scripted::json(&json!({"totalResults": 0, "Resources": []}))),
            _ => users(request).unwrap_or_else(|| {
                let nobody = request.query.iter().any(|(_, value)| value.contains("nobody"));
                let rows = if nobody { Vec::new() } else { vec![user.clone()] };
                Scripted::json(
                    &json!({"totalResults": rows.len(), "Resources": rows, "itemsPerPage": 20}),
                )
            }),
        });
        let diagnosis = block_on(examine(&fake));
        (diagnosis, fake.calls())
    }

    #[test]
    fn each_profile_is_told_by_what_was_seen() {
        let plain = json!({"id": "x", "userName": "ada", "meta": {}});
        let tagged = json!({"id": "x", "userName": "ada", "meta": {"version": "v"}});
        let named = json!({"id": "ada", "userName": "ada", "meta": {}});
        let bare = json!({"id": "x", "userName": "ada"});
        let none = json!({});
        let list = json!([]);
        for (profile, config, user, types) in [
            ("scim2-server", Some(config(true, true, 1000, true)), &tagged, &none),
            ("scimserver", Some(config(true, true, 200, true)), &tagged, &none),
            ("scimmy", Some(config(true, true, 200, false)), &plain, &none),
            ("django-scim2", Some(config(false, false, 50, false)), &plain, &none),
            ("scimgateway", Some(config(true, true, 200, true)), &named, &none),
            ("open-webui", Some(config(false, true, 200, false)), &plain, &list),
            ("polis", None, &bare, &none),
            ("rfc7644", Some(config(false, true, 500, true)), &tagged, &none),
        ] {
            let (found, calls) = examined(config, user, types, |_| None);
            let found = found.unwrap();
            assert_eq!(found.profile, profile, "{:?}", found.because);
            assert!(Dialect::profile(found.profile).is_ok() && !found.because.is_empty());
            assert!(calls.len() <= 9 && calls.iter().all(|call| call.starts_with("GET")));
        }
    }

    #[test]
    fn a_count_that_fails_and_a_filter_that_is_ignored_are_seen() {
        let row = json!({"id": "x", "userName": "ada", "meta": {}});
        let all = json!({"totalResults": 1, "Resources": [row]});
        let (found, _) =
            examined(Some(config(false, false, 0, true)), &row, &json!({}), move |request| {
                let is_group = request.path[0] == "Groups";
                match query(request, "count") {
                    Some(_) => Some(Scripted::status(500, "<h1>oh</h1>")),
                    None if is_group => None,
                    None => Some(Scripted::json(&all)),
                }
            });
        let found = found.unwrap();
        assert_eq!(found.profile, "canaille");
        assert!(found.warnings.iter().any(|line| line.contains("is ignored: 1 of 1")), "{found:?}");
    }

    #[test]
    fn a_web_page_is_no_server() {
        let (found, _) =
            examined(None, &json!({}), &json!({}), |_| Some(Scripted::status(200, "<html>")));
        assert_eq!(found.map(|found| found.profile).unwrap_err().kind, ReadErrorKind::NotScim);
    }
}
