//! Items: one resource of one kind, in the uniform view.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{Address, FieldName, Fields};

/// Where in which file something was written. Lines and columns count from 1; a column counts
/// characters, not bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Source {
    /// The file, relative to the project, with `/` between its parts.
    pub file: Arc<str>,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// When a membership or binding holds, and why. Before `from` and after `until` the item is
/// simply not desired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// The first instant at which it holds.
    pub from: Option<Timestamp>,
    /// The last instant at which it holds.
    pub until: Option<Timestamp>,
    /// Why it was given.
    pub reason: Option<String>,
    /// When somebody last looked whether it is still needed (access certification).
    pub reviewed: Option<Timestamp>,
    /// Who looked: a user's name.
    pub reviewed_by: Option<String>,
}

impl Grant {
    /// Whether the grant holds at `now`.
    #[must_use]
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now <= until)
    }
}

/// An instant as a person would write it: the day alone, where it is that day's first or last
/// instant (UTC), which is what a day means in `from` and in `until`.
#[must_use]
pub fn written(instant: Timestamp) -> String {
    let text = instant.to_string();
    for end in ["T00:00:00Z", "T23:59:59.999999999Z", "T23:59:59Z"] {
        if let Some(day) = text.strip_suffix(end) {
            return day.to_owned();
        }
    }
    text
}

/// One resource of one kind: what every stage works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its stable name.
    pub address: Address,
    /// What is said of it. A link (membership) has no fields of its own.
    pub fields: Fields,
    /// When and why, where the item grants something.
    pub grant: Option<Box<Grant>>,
    /// Where it was written; `None` for what was read from a target.
    pub source: Option<Source>,
}

impl Item {
    /// An item that says `fields`, from nowhere in particular.
    #[must_use]
    pub const fn new(address: Address, fields: Fields) -> Self {
        Self { address, fields, grant: None, source: None }
    }

    /// Everything the item says, links and grants included, for reports and policies.
    #[must_use]
    pub fn view(&self) -> Fields {
        let mut view = self.fields.clone();
        let mut put = |name: &'static str, value: Value| {
            view.insert(FieldName::fixed(name), value);
        };
        if let Some((group, user)) = self.address.ends() {
            put("group", Value::from(group.key().as_str()));
            put("user", Value::from(user.key().as_str()));
        }
        if let Some(grant) = &self.grant {
            if let Some(from) = grant.from {
                put("from", Value::from(written(from)));
            }
            if let Some(until) = grant.until {
                put("until", Value::from(written(until)));
            }
            if let Some(reason) = &grant.reason {
                put("reason", Value::from(reason.as_str()));
            }
        }
        view
    }
}
