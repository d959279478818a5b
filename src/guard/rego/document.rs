//! What rules may read: the keys of the input document, and the paths of `data.settings`. A name
//! that is misspelt would be undefined, and the rule silent.

use std::collections::BTreeSet;

use regorus::Value;
use regorus::unstable::{Expr, Ref};
use serde_json::Value as Json;

use super::at::at;
use super::syntax::{self, Path};
use crate::config::nearest;
use crate::guard::Problem;
use crate::guard::data::SETTINGS;
use crate::guard::input::json_schema;

/// What there is to be read.
pub(super) struct Document<'a> {
    keys: BTreeSet<String>,
    settings: &'a Json,
}

impl<'a> Document<'a> {
    pub(super) fn new(settings: &'a Json) -> Self {
        let schema = json_schema();
        let keys = schema.get("properties").and_then(Json::as_object);
        let keys = keys.map(|keys| keys.keys().cloned().collect()).unwrap_or_default();
        Self { keys, settings }
    }

    /// A reference to a key that the input document does not have.
    pub(super) fn unknown_key(&self, path: &Path<'_>) -> Option<Problem> {
        let key = path.parts.first().filter(|_| path.root == "input")?;
        (!self.keys.contains(*key)).then(|| at(path.span, what(key), &self.remedy(key)))
    }

    /// The same where it is read by a function: `object.get(input, "key", …)`.
    pub(super) fn unknown_argument(&self, params: &[Ref<Expr>]) -> Option<Problem> {
        let [of, key, ..] = params else { return None };
        let (path, _) = syntax::path(of)?;
        if path.root != "input" || !matches!(of.as_ref(), Expr::Var { .. }) {
            return None;
        }
        let key = match key.as_ref() {
            Expr::Array { items, .. } => items.first()?.as_ref(),
            other => other,
        };
        let (Expr::String { value: Value::String(name), .. }
        | Expr::RawString { value: Value::String(name), .. }) = key
        else {
            return None;
        };
        let name: &str = name;
        (!self.keys.contains(name)).then(|| at(key.span(), what(name), &self.remedy(name)))
    }

    fn remedy(&self, key: &str) -> String {
        match nearest(key, self.keys.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "policies/README.md lists its keys".to_owned(),
        }
    }

    /// Whether a path of `data` is one of the settings.
    pub(super) fn has_setting(&self, path: &[String]) -> bool {
        let Some((first, rest)) = path.split_first() else { return false };
        let is_there = self.settings.as_object().is_some_and(|all| !all.is_empty());
        let found = rest.iter().try_fold(self.settings, |value, part| value.get(part));
        first == SETTINGS && is_there && found.is_some()
    }
}

fn what(key: &str) -> String {
    format!("the input document has no `{key}`")
}
