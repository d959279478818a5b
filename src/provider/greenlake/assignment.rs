//! Role assignments as the wire has them: `/authorization/v1beta1/role-assignments`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::live::RemoteId;
use crate::provider::{Method, Request};

use super::collection::{Collection, Row};
use super::platform::compared;

/// Where they are.
pub(super) const PATH: &[&str] = &["authorization", "v1beta1", "role-assignments"];
/// The rows of a page, at most.
const LIMIT: usize = 200;

/// One role, held by one principal, for some scopes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Assignment {
    /// Its id.
    pub(super) id: String,
    /// `user:...`, `user-group:...`, `api-client:...`, as written.
    pub(super) principal: String,
    /// The role's GRN.
    pub(super) role: String,
    /// GRNs, as written. HPE's own example holds an empty string, which means nothing.
    pub(super) scope: Vec<String>,
    /// Where it is managed: here, unless it says otherwise.
    #[serde(default)]
    pub(super) source: Option<String>,
}

impl Row for Assignment {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Assignment {
    /// Whether it is managed in another workspace or organization, and only shown here. A source
    /// that nobody knows is not ours either.
    pub(super) fn is_external(&self) -> bool {
        self.source.as_deref().is_some_and(|source| !source.eq_ignore_ascii_case("LOCAL"))
    }

    /// The scopes that mean something.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.iter().map(String::as_str).filter(|grn| !grn.is_empty())
    }

    /// Whether it is the role of this principal.
    pub(super) fn is_of(&self, principal: &str, role: &str) -> bool {
        same_principal(&self.principal, principal) && self.role == role
    }

    /// Whether it holds for exactly these scopes.
    pub(super) fn is_for(&self, scope: &[String]) -> bool {
        let set = |grns: &mut dyn Iterator<Item = &str>| {
            let mut set: Vec<String> = grns.map(compared).collect();
            set.sort_unstable();
            set.dedup();
            set
        };
        set(&mut self.scopes()) == set(&mut scope.iter().map(String::as_str))
    }
}

/// Whether two principals are one: their types are the same, and their ids but for hyphens.
pub(super) fn same_principal(one: &str, other: &str) -> bool {
    let parts = |text: &str| match text.split_once(':') {
        Some((kind, id)) => (kind.to_owned(), RemoteId::compare(id).into_owned()),
        None => (String::new(), RemoteId::compare(text).into_owned()),
    };
    parts(one) == parts(other)
}

/// All assignments of a workspace.
pub(super) fn all() -> Collection<'static> {
    Collection { path: PATH, limit: LIMIT, filter: None, may_lack_total: false }
}

/// The assignments of one role to one principal; `None` where that cannot be written as a filter.
pub(super) fn filtered(principal: &str, role: &str) -> Option<Collection<'static>> {
    let is_plain = |text: &str| !text.contains(['\'', '(', ')', ',']);
    (is_plain(principal) && is_plain(role)).then(|| Collection {
        filter: Some(format!("principal in ('{principal}') and role in ('{role}')")),
        ..all()
    })
}

/// The request for one.
pub(super) fn one(method: Method, id: &str) -> Request {
    let mut request = Request::new(method, PATH);
    request.path.push(id.to_owned());
    request
}

/// The request that gives a role.
pub(super) fn create(principal: &str, role: &str, scope: &[String]) -> Request {
    Request::new(Method::Post, PATH)
        .with_body(json!({"principal": principal, "role": role, "scope": scope}))
}

/// The request that changes the scopes of one. What cannot change is repeated as it is.
pub(super) fn replace(now: &Assignment, scope: &[String]) -> Request {
    let body: Value = json!({
        "id": now.id,
        "principal": now.principal,
        "role": now.role,
        "scope": scope,
    });
    one(Method::Put, &now.id).with_body(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_without_hyphens() {
        let dashed = "user-group:448ebfdb-7bc9-402f-9eb0-f9a86c06ca5a";
        let bare = "user-group:448EBFDB7bc9402f9eb0f9a86c06ca5a";
        assert!(same_principal(dashed, bare));
        assert!(!same_principal(dashed, "user:448ebfdb7bc9402f9eb0f9a86c06ca5a"));
        assert!(!same_principal("user:a", "user:A"));
    }

    #[test]
    fn a_filter_is_built_from_values_only() {
        let filter = filtered("user:1", "grn:x").and_then(|collection| collection.filter);
        assert_eq!(filter.as_deref(), Some("principal in ('user:1') and role in ('grn:x')"));
        assert!(filtered("user:1') or role in ('x", "grn:x").is_none());
    }
}
