//! The plan file: what was reviewed is what is applied, or nothing is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Action, Change, Plan};
use crate::kind::{Address, FieldName, Fields, Source};
use crate::live::{Fingerprint, hex};

/// The version of the format.
const FORMAT: &str = "muster/plan/v1";

/// What a plan was computed from, apart from the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Digests {
    /// SHA-256 of every desired file and of the project file, by name.
    pub desired: BTreeMap<String, String>,
    /// SHA-256 of every policy file, the built-in pack's included, by name.
    pub policies: BTreeMap<String, String>,
    /// SHA-256 of the guard of the base that judged too, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

/// A plan as it is kept in a file between review and apply. It holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanFile {
    format: String,
    /// The version of muster that made it.
    pub tool: String,
    /// The organization.
    pub organization: String,
    /// Provider and base URL.
    pub target: String,
    /// When it was made.
    pub made: Timestamp,
    /// What it was computed from.
    pub digests: Digests,
    /// The fingerprint of every live object it was computed from.
    pub basis: BTreeMap<Address, Fingerprint>,
    /// What it does.
    pub changes: Vec<PlannedChange>,
    /// SHA-256 of all the rest.
    digest: String,
}

/// A change as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedChange {
    address: Address,
    action: Action,
    before: Option<Fields>,
    after: Option<Fields>,
    fields: Vec<FieldName>,
    reason: String,
    source: Option<Source>,
}

/// Why a plan file is not applied (exit status 5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// It is no plan file, or not one this version reads.
    #[error("this is no plan file of this version of muster: {0}")]
    Unreadable(String),
    /// It is not byte for byte what muster wrote.
    #[error("the plan file was changed after it was made")]
    Altered,
    /// It is of another tool version, organization or target.
    #[error("the plan was made {0}")]
    Elsewhere(String),
    /// A file it was computed from is not what it was.
    #[error("`{0}` is not what it was when the plan was made")]
    File(String),
    /// Judged by the guard of another base, or of none.
    #[error(
        "the guard of another base judged the plan when it was made, or of none; give the same `--base`"
    )]
    Base,
    /// A live object it was computed from is not what it was.
    #[error("{0}")]
    Moved(String),
}

impl PlanFile {
    /// Makes a plan file, sealed with the digest of its content.
    #[must_use]
    pub fn seal(
        plan: &Plan,
        basis: BTreeMap<Address, Fingerprint>,
        digests: Digests,
        tool: &str,
    ) -> Self {
        let mut file = Self {
            format: FORMAT.to_owned(),
            tool: tool.to_owned(),
            organization: plan.organization.clone(),
            target: plan.target.clone(),
            made: plan.now,
            digests,
            basis,
            changes: plan.changes.iter().map(PlannedChange::of).collect(),
            digest: String::new(),
        };
        file.digest = file.content_digest();
        file
    }

    fn content_digest(&self) -> String {
        let unsealed = Self { digest: String::new(), ..self.clone() };
        hex(&Sha256::digest(unsealed.to_text().as_bytes()))
    }

    /// The digest of the content: the plan's name in the journal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The file's text: one line of JSON.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a plan file back.
    ///
    /// # Errors
    ///
    /// [`Stale`] if it is not byte for byte what muster wrote.
    pub fn read(text: &str) -> Result<Self, Stale> {
        let file: Self =
            serde_json::from_str(text).map_err(|error| Stale::Unreadable(error.to_string()))?;
        if file.format != FORMAT {
            return Err(Stale::Unreadable(format!(
                "its format is `{}`, not `{FORMAT}`",
                file.format
            )));
        }
        if file.to_text() != text || file.content_digest() != file.digest {
            return Err(Stale::Altered);
        }
        Ok(file)
    }

    /// Compares the plan that was reviewed with one made now.
    ///
    /// # Errors
    ///
    /// [`Stale`] at the first thing that is not what it was.
    pub fn still_holds(&self, now: &Self) -> Result<(), Stale> {
        for (what, then, today) in [
            ("by muster", &self.tool, &now.tool),
            ("for the organization", &self.organization, &now.organization),
            ("for the target", &self.target, &now.target),
        ] {
            if then != today {
                return Err(Stale::Elsewhere(format!("{what} `{then}`, and this is `{today}`")));
            }
        }
        let files = |digests: &Digests| -> BTreeMap<String, String> {
            digests.desired.clone().into_iter().chain(digests.policies.clone()).collect()
        };
        if let Some(name) = first_difference(&files(&self.digests), &files(&now.digests)) {
            return Err(Stale::File(name));
        }
        if self.digests.base != now.digests.base {
            return Err(Stale::Base);
        }
        if let Some(address) = first_difference(&self.basis, &now.basis) {
            let words =
                format!("`{address}` is not what it was at the target when the plan was made");
            return Err(Stale::Moved(words));
        }
        if self.changes != now.changes {
            let words = "the same files and the same target give other changes now; a grant may have begun or ended";
            return Err(Stale::Moved(words.to_owned()));
        }
        Ok(())
    }
}

fn first_difference<K: Ord + Clone, V: PartialEq>(
    a: &BTreeMap<K, V>,
    b: &BTreeMap<K, V>,
) -> Option<K> {
    let gone = a.iter().find(|(key, value)| b.get(*key) != Some(value)).map(|(key, _)| key);
    let new = b.keys().find(|key| !a.contains_key(*key));
    gone.or(new).cloned()
}

impl PlannedChange {
    fn of(change: &Change) -> Self {
        Self {
            address: change.address.clone(),
            action: change.action,
            before: change.before.clone(),
            after: change.after.clone(),
            fields: change.fields.clone(),
            reason: change.reason.clone(),
            source: change.source.clone(),
        }
    }
}
