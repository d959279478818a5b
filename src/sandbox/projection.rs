//! `attributes` and `excludedAttributes` (RFC 7644 section 3.9).

use serde_json::{Map, Value};

use super::error::Refusal;
use super::personality::{Act, Paging};

/// Which attributes a row shows. `Default` shows all.
#[derive(Clone, Debug, Default)]
pub(super) struct Projection {
    only: Option<Vec<String>>,
    without: Vec<String>,
    /// Shown in any case, beside `id`.
    schemas: bool,
    meta: bool,
}

/// What is shown of one attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shown<'a> {
    No,
    All,
    Only(Vec<&'a str>),
    Without(Vec<&'a str>),
}

impl Shown<'_> {
    /// Whether a sub-attribute (lower case) is shown.
    pub(super) fn sub(&self, name: &str) -> bool {
        match self {
            Shown::No => false,
            Shown::All => true,
            Shown::Only(names) => names.contains(&name),
            Shown::Without(names) => !names.contains(&name),
        }
    }

    /// The value with only the sub-attributes shown.
    pub(super) fn of(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => Value::Object(
                map.iter()
                    .filter(|(name, _)| self.sub(&name.to_ascii_lowercase()))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect::<Map<_, _>>(),
            ),
            Value::Array(elements) => elements.iter().map(|each| self.of(each)).collect(),
            other => other.clone(),
        }
    }
}

impl Projection {
    /// From the values of the two parameters, as the server takes them.
    pub(super) fn new(
        only: Option<&str>,
        without: Option<&str>,
        rules: &Paging,
    ) -> Result<Projection, Refusal> {
        let mut only = only.filter(|_| rules.attributes == Act::Right).map(names);
        if let Some(paths) = &mut only {
            let dotted = |path: &String| !path.starts_with("urn:") && path.contains('.');
            match rules.sub_attributes {
                Act::Right => {}
                Act::Ignored => paths.retain(|path| !dotted(path)),
                _ if paths.iter().any(dotted) => {
                    return Err(Refusal::value("`attributes` takes no sub-attributes"));
                }
                _ => {}
            }
        }
        let without = without.filter(|_| rules.excluded == Act::Right).map(names);
        Ok(Projection {
            schemas: only.is_none() || !rules.projected_without_schemas,
            meta: rules.meta_always,
            only,
            without: without.unwrap_or_default(),
        })
    }

    /// What is shown of an attribute under its canonical name.
    pub(super) fn shown(&self, name: &str) -> Shown<'_> {
        if self.only.is_none() && self.without.is_empty() {
            return Shown::All;
        }
        let name = name.to_ascii_lowercase();
        if name == "id" || (name == "schemas" && self.schemas) || (name == "meta" && self.meta) {
            return Shown::All;
        }
        if let Some(only) = &self.only {
            if only.contains(&name) {
                return Shown::All;
            }
            let subs: Vec<&str> = only.iter().filter_map(|path| below(path, &name)).collect();
            return if subs.is_empty() { Shown::No } else { Shown::Only(subs) };
        }
        if self.without.contains(&name) && name != "schemas" {
            return Shown::No;
        }
        let subs: Vec<&str> = self.without.iter().filter_map(|path| below(path, &name)).collect();
        if subs.is_empty() { Shown::All } else { Shown::Without(subs) }
    }
}

/// The sub-attribute if the path is below that attribute (or extension).
fn below<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let separator = if name.starts_with("urn:") { ':' } else { '.' };
    path.strip_prefix(name)?.strip_prefix(separator)
}

fn names(list: &str) -> Vec<String> {
    list.split(',')
        .map(|name| {
            let name = name.trim().to_ascii_lowercase();
            // A core schema's URN before a name says nothing.
            match name.strip_prefix("urn:ietf:params:scim:schemas:core:2.0:") {
                Some(rest) => rest.split_once(':').map_or(name.clone(), |(_, last)| last.into()),
                None => name,
            }
        })
        .filter(|name| !name.is_empty())
        .collect()
}
