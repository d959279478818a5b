//! HPE GreenLake's errors in words: the plain body (`errorCode`, `message`, `debugId`), the SCIM
//! body that carries the same in an extension, and what the codes mean that need explaining.

use serde_json::{Map, Value};

/// The extension of a SCIM error that HPE GreenLake's own error is in.
const ERROR_URN: &str = "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:Error";

/// The codes that say too little by themselves, with what they mean and what to do.
const MEANINGS: &[(&str, &str)] = &[
    (
        "HPE_GL_IDENTITY_INVALID_ORGANIZATION_STATE",
        "the organization is not active, so it has no user groups: a standalone workspace has no \
         organization directory; activate the organization (or join the workspace to one) in HPE \
         GreenLake, or leave groups out",
    ),
    (
        "HPE_GL_AUTHORIZATION_RESOURCE_CONFLICT",
        "the principal holds this role in this workspace already, by another assignment",
    ),
];

/// An error as HPE GreenLake says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::provider) struct HpeError {
    /// `HPE_GL_...`.
    pub(in crate::provider) code: String,
    /// The sentence.
    pub(in crate::provider) message: String,
    /// What HPE's support asks for.
    pub(in crate::provider) debug: Option<String>,
}

impl HpeError {
    /// The error that an object is, or holds.
    pub(in crate::provider) fn within(object: &Map<String, Value>) -> Option<Self> {
        let part = object.get(ERROR_URN).and_then(Value::as_object).unwrap_or(object);
        let text = |name: &str| part.get(name).and_then(Value::as_str).map(str::to_owned);
        let code = text("errorCode")?;
        let issues = issues(part);
        let mut message = text("message").unwrap_or_default();
        if !issues.is_empty() {
            message = format!("{message} ({})", issues.join("; "));
        }
        Some(Self { code, message, debug: text("debugId") })
    }

    /// The code and the debug id, for the end of a sentence.
    pub(in crate::provider) fn tail(&self) -> String {
        match &self.debug {
            Some(debug) => format!("{}, debugId {debug}", self.code),
            None => self.code.clone(),
        }
    }

    /// What the code means, where it says too little by itself.
    pub(in crate::provider) fn meaning(&self) -> Option<&'static str> {
        MEANINGS.iter().find(|(code, _)| *code == self.code).map(|(_, meaning)| *meaning)
    }
}

/// What `errorDetails` says is wrong, one line each.
fn issues(error: &Map<String, Value>) -> Vec<String> {
    let details = error.get("errorDetails").and_then(Value::as_array).into_iter().flatten();
    let issues = details.filter_map(|detail| detail.get("issues")?.as_array()).flatten();
    issues
        .filter_map(|issue| {
            let text = |name: &str| issue.get(name).and_then(Value::as_str);
            let said = text("description").or_else(|| text("message"))?;
            Some(match text("subject") {
                Some(subject) => format!("{subject}: {said}"),
                None => said.to_owned(),
            })
        })
        .take(5)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Option<HpeError> {
        HpeError::within(serde_json::from_str::<Value>(body).ok()?.as_object()?)
    }

    #[test]
    fn both_forms_of_body_say_the_same() {
        let plain =
            r#"{"httpStatusCode":409,"errorCode":"HPE_GL_X","message":"taken","debugId":"d1"}"#;
        let scim = r#"{"schemas":["e"],"status":"409","detail":"taken",
            "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:Error":
            {"httpStatusCode":409,"errorCode":"HPE_GL_X","message":"taken","debugId":"d1"}}"#;
        let found = read(plain).unwrap();
        assert_eq!(read(scim).unwrap(), found);
        assert_eq!(found.tail(), "HPE_GL_X, debugId d1");
        assert_eq!(read("<html>"), None);
        assert_eq!(read(r#"{"detail":"no"}"#), None);
    }

    #[test]
    fn the_issues_of_a_bad_request_are_told() {
        let body = r#"{"errorCode":"HPE_GL_BAD","message":"bad","errorDetails":
            [{"type":"t","issues":[{"subject":"scope","description":"too many"}]}]}"#;
        assert_eq!(read(body).unwrap().message, "bad (scope: too many)");
    }
}
