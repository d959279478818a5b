//! What earlier runs remember of what they created. It decides nothing about what there is: it is
//! used only to recognise an object that the listing shows.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Fingerprint, RemoteId};
use crate::kind::{Address, FieldName, Fields, Key};

/// A field, or a part of one such as `emails.type`, that a target did not keep as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Unkept {
    /// The field or the part.
    pub name: String,
    /// The whole field as it was sent: a value that is declared later is tried again.
    pub sent: Fingerprint,
}

impl Unkept {
    /// A field, or a part of one, that was sent as a part of `value`.
    #[must_use]
    pub fn new(name: &str, value: &Value) -> Self {
        Self { name: name.to_owned(), sent: fingerprint(value) }
    }
}

fn fingerprint(value: &Value) -> Fingerprint {
    let fields = Fields::from_iter([(FieldName::fixed("value"), value.clone())]);
    Fingerprint::of("", &fields)
}

/// The id and name that a target gave to the object that a step wrote, whatever became of the step.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Made {
    /// Its id.
    pub id: RemoteId,
    /// Its name, as far as the target showed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<String>,
    /// Its name as it was sent, where the target gave it another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unkept: Vec<Unkept>,
}

/// What name a target gave to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// The one that was sent.
    AsSent,
    /// Another.
    Other(Key),
    /// Nobody knows: the target answered with an id, and never showed the object.
    Unseen,
}

/// What is remembered of one object that was created or renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub id: RemoteId,
    /// The name that the target gave it.
    pub given: Given,
    /// What the target did not keep as it was sent.
    pub unkept: Vec<Unkept>,
}

impl Recorded {
    /// Whether the target did not keep the part of a field, or the field itself, when it was sent
    /// as `value`.
    #[must_use]
    pub fn is_unkept(&self, name: &str, value: &Value) -> bool {
        let mut of_name = self.unkept.iter().filter(|one| one.name == name).peekable();
        of_name.peek().is_some() && {
            let sent = fingerprint(value);
            of_name.any(|one| one.sent == sent)
        }
    }
}

/// What is remembered, by address.
pub type Memory = BTreeMap<Address, Recorded>;
