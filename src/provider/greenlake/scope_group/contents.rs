//! The resources of a group, added and removed by batches.
//!
//! `scopes/batch` and `scopes/bulk` are not atomic: each item has its own outcome, and the answer
//! is 200 even where all of them failed. Success is what the list of resources shows afterwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::provider::converge::{Observed, Operation, Past, Rules, SENDS, Stop, Why};
use crate::provider::{Method, Request, Response, Transport};

use super::super::platform::compared;
use super::group::{Resource, many, resources};

/// The longest description of a resource.
const LONGEST_DESCRIPTION: usize = 256;

/// Adds resources to a group, or removes them from it.
pub(super) struct Contents<'a, T> {
    pub(super) transport: &'a T,
    pub(super) name: &'a str,
    pub(super) id: &'a str,
    /// Whether resources are added; they are removed otherwise.
    pub(super) adds: bool,
    /// The resources that are added or removed, by the form in which GRNs are compared.
    pub(super) change: BTreeMap<String, String>,
    /// The other resources that the group has, before and after.
    pub(super) rest: BTreeSet<String>,
    /// The resources as they were last seen.
    pub(super) seen: Vec<Resource>,
    /// The first error of the last answer.
    pub(super) said: Option<String>,
}

impl<T: Transport + Sync> Contents<'_, T> {
    fn compare(&self) -> Observed {
        let seen: BTreeSet<String> = self.seen.iter().map(|one| compared(&one.grn)).collect();
        let is_known = |grn: &&String| !self.rest.contains(*grn) && !self.change.contains_key(*grn);
        if let Some(foreign) = seen.iter().find(is_known) {
            return Observed::Changed(format!("`{foreign}` was added by somebody else"));
        }
        if let Some(lost) = self.rest.iter().find(|grn| !seen.contains(*grn)) {
            return Observed::Changed(format!("`{lost}` is not in it any more"));
        }
        let is_done = self.change.keys().all(|grn| seen.contains(grn) == self.adds);
        if is_done { Observed::Wanted } else { Observed::Expected }
    }
}

impl<T: Transport + Sync> Operation for Contents<'_, T> {
    fn rules(&self) -> Rules {
        Rules {
            sends: SENDS,
            is_lagging: true,
            is_new: false,
            retries_refusals: false,
            looks_after_refusal: true,
        }
    }

    async fn observe(&mut self, past: &Past) -> Result<Observed, Stop> {
        match resources(self.transport, self.id).await {
            Ok(seen) => self.seen = seen,
            Err(refused) if refused.status() == Some(404) => return Ok(Observed::Absent),
            Err(refused) => return Err(crate::provider::scim::ReadError::from(refused).into()),
        }
        let observed = self.compare();
        Ok(match observed {
            // What only vanished after our own request was taken away by it.
            Observed::Changed(how) if past.may_have_written && how.ends_with("any more") => {
                Observed::Damaged(format!("`{}`: {how}", self.name))
            }
            other => other,
        })
    }

    fn request(&mut self) -> Result<Request, Stop> {
        let there: BTreeMap<String, &Resource> =
            self.seen.iter().map(|one| (compared(&one.grn), one)).collect();
        let items: Vec<Value> = self
            .change
            .iter()
            .filter_map(|(grn, written)| match (self.adds, there.get(grn)) {
                (true, None) => {
                    let end = written.floor_char_boundary(LONGEST_DESCRIPTION);
                    Some(json!({ "grn": written, "description": &written[..end] }))
                }
                (false, Some(one)) => Some(json!({ "id": one.id })),
                (true, Some(_)) | (false, None) => None,
            })
            .collect();
        Ok(if self.adds {
            many(Method::Post, self.id, "batch", &items)
        } else {
            many(Method::Delete, self.id, "bulk", &items)
        })
    }

    fn shown(&mut self, _request: &Request, response: &Response) -> Option<Observed> {
        let answer: Option<Value> = serde_json::from_slice(&response.body).ok();
        let error =
            answer.as_ref().and_then(|answer| answer.pointer("/errors/0/message")?.as_str());
        self.said = error.map(str::to_owned);
        // What the answer shows of the items says nothing of the others.
        None
    }

    fn words(&self, why: &Why) -> String {
        let name = self.name;
        match why {
            Why::Refused(words) | Why::Lost(words) | Why::Taken(words, _) => words.clone(),
            Why::NotKept(_) | Why::NotYet => {
                let said = self.said.as_deref().map(|said| format!(": {said}"));
                format!(
                    "the resources of `{name}` are not as declared yet{}; the next plan shows what \
                     is left to do",
                    said.unwrap_or_default()
                )
            }
            Why::NotThere | Why::Gone => format!("`{name}` is not there any more"),
            Why::Changed(how, None) => format!("`{name}` is not what the plan saw: {how}"),
            Why::Changed(how, Some(words)) => {
                format!("`{name}` changed while it was written: {how}; {words}")
            }
        }
    }
}
