//! Filters (RFC 7644 section 3.4.2.2).

pub(super) mod answer;
pub(super) mod eval;
pub(super) mod parse;

use serde_json::Value;

/// `userName`, `name.familyName`, `urn:…:User:department`, `urn:…:User:manager.value`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AttributePath {
    /// The schema's URN, if one was written.
    pub(super) urn: Option<String>,
    /// The attribute; empty if the path is a whole extension.
    pub(super) name: String,
    pub(super) sub: Option<String>,
}

impl AttributePath {
    /// The path in lower case, without a core schema's URN.
    pub(super) fn folded(&self) -> String {
        let mut text = self.name.to_ascii_lowercase();
        if let Some(sub) = &self.sub {
            text.push('.');
            text.push_str(&sub.to_ascii_lowercase());
        }
        match &self.urn {
            Some(urn) if text.is_empty() => urn.to_ascii_lowercase(),
            Some(urn) => format!("{}:{text}", urn.to_ascii_lowercase()),
            None => text,
        }
    }
}

/// The comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A parsed filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Present(AttributePath),
    Compare(AttributePath, Operator, Value),
    /// `emails[type eq "work"]`.
    Within(AttributePath, Box<Filter>),
}
