//! What the documents and the limits of the directory have in common.

use serde_json::Value;

use crate::sandbox::http::Response;

pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const USER_EXTENSION: &str =
    "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:User";
pub(super) const POSIX_EXTENSION: &str =
    "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:posix:User";
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(super) const GROUP_EXTENSION: &str =
    "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:Group";
pub(super) const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub(super) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Users of an organization, at most.
pub(super) const USERS: usize = 5500;
/// Groups of an organization, at most.
pub(super) const GROUPS: usize = 200;
/// Members of a group, at most.
pub(super) const MEMBERS: usize = 200;
/// Groups of a user, at most.
pub(super) const GROUPS_OF_USER: usize = 200;
/// The code of a quota that is used up. HPE publishes none.
pub(super) const QUOTA: &str = "HPE_GL_IDENTITY_QUOTA_EXCEEDED";

/// A SCIM document.
pub(super) fn document(status: u16, body: &Value) -> Response {
    Response::json(status, "application/scim+json", body)
}

/// A new resource, and where it is.
pub(super) fn created(body: &Value) -> Response {
    let mut response = document(201, body);
    let location = body.pointer("/meta/location").and_then(Value::as_str).unwrap_or_default();
    response.set("location", location);
    response
}
