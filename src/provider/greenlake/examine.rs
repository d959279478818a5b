//! The doctor's look at HPE GreenLake: which parts answer, as whom, and how full they are.

use serde::Deserialize;

use crate::kind::KindName;
use crate::live::Measure;
use crate::provider::scim::Trouble;
use crate::provider::scim::call;
use crate::provider::scim::{Dialect, ReadError};
use crate::provider::{Method, Request, Transport};

use super::assignment::{self, Assignment};
use super::capabilities::capabilities;
use super::platform::{Platform, Workspace};

/// What was seen. Every line of it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkup {
    /// Whom muster acts as, by its tokens.
    pub own: Vec<String>,
    /// One line each of what answers, and how.
    pub seen: Vec<String>,
    /// One line each of what does not, and what to do.
    pub warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Total {
    #[serde(rename = "totalResults")]
    total: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct About {
    workspace_name: Option<String>,
    workspace_type: Option<String>,
}

/// Examines the directory and every workspace. It reads only: two requests for the directory, two
/// for each workspace and one more for every 200 role assignments.
///
/// # Errors
///
/// [`ReadError`] when the directory's users cannot be read at all.
pub async fn examine<T: Transport + Sync>(
    platform: &Platform<'_, T>,
    dialect: &Dialect,
    own: Vec<String>,
) -> Result<Checkup, ReadError> {
    let mut found = Checkup { own, ..Checkup::default() };
    if found.own.is_empty() {
        found.warnings.push(
            "the tokens do not say whom muster acts as: name the user that the API client belongs \
             to under `protected.users`"
                .to_owned(),
        );
    }
    let users = total(platform, "Users").await.map_err(ReadError::from_trouble)?;
    found.count(dialect, KindName::User, users);
    match total(platform, "Groups").await {
        Ok(groups) => {
            found.seen.push("the organization is active: it has user groups".to_owned());
            found.count(dialect, KindName::Group, groups);
        }
        Err(trouble) => found.warnings.push(format!("groups: {}", trouble.words())),
    }
    for workspace in &platform.workspaces {
        found.workspace(workspace).await;
    }
    Ok(found)
}

async fn total<T: Transport + Sync>(
    platform: &Platform<'_, T>,
    collection: &str,
) -> Result<u64, Trouble> {
    let mut request = Request::new(Method::Get, &[collection]);
    request.query.push(("startIndex", "1".to_owned()));
    request.query.push(("count", "1".to_owned()));
    let response = call::read(platform.directory, &request).await?;
    serde_json::from_slice::<Total>(&response.body).map(|found| found.total).map_err(|error| {
        let words = format!("`{}` answered with no list: {error}", request.shown());
        Trouble::Status { status: response.status, words, wait: None }
    })
}

impl Checkup {
    /// How many there are of how many.
    fn count(&mut self, dialect: &Dialect, kind: KindName, number: u64) {
        let quotas = capabilities(dialect, "", (false, false)).quotas;
        let quota = quotas.iter().find(|quota| quota.measure == Measure::Objects(kind));
        let of = quota.map_or_else(String::new, |quota| format!(" of {}", quota.most));
        self.seen.push(format!("the organization has {number}{of} {}", kind.plural()));
        if quota.is_some_and(|quota| number * 10 > quota.most * 9) {
            self.warnings.push(format!("{}: more than 90 % of the quota are used", kind.plural()));
        }
    }

    async fn workspace<T: Transport + Sync>(&mut self, workspace: &Workspace<'_, T>) {
        let Workspace { name, id, transport } = workspace;
        let id = crate::live::RemoteId::compare(id);
        let request = Request::new(Method::Get, &["workspaces", "v1", "workspaces", &*id]);
        match call::read(*transport, &request).await {
            Ok(response) => {
                let about: Option<About> = serde_json::from_slice(&response.body).ok();
                let said = about.map_or_else(String::new, |about| {
                    let parts = [about.workspace_name, about.workspace_type];
                    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
                });
                self.seen.push(format!("workspace `{name}` answers: {said}"));
            }
            Err(trouble) => self.warnings.push(format!("workspace `{name}`: {}", trouble.words())),
        }
        match assignment::all().list::<Assignment, _>(*transport).await {
            Ok(all) => {
                let external = all.iter().filter(|one| one.is_external()).count();
                self.seen.push(format!(
                    "workspace `{name}` has enhanced IAM and {} role assignments, {external} of \
                     them projected from elsewhere",
                    all.len()
                ));
            }
            Err(refused) if refused.status() == Some(404) => self.warnings.push(format!(
                "workspace `{name}`: enhanced IAM is not on, so it has no bindings that could be \
                 read or written"
            )),
            Err(refused) => {
                let error = ReadError::from(refused);
                self.warnings.push(format!("workspace `{name}`: {}", error.said.what));
            }
        }
    }
}
