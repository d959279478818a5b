//! Claims: what a token says of itself, where it is a JWT (RFC 7519).
//!
//! The signature is the server's own business. What is read here only ever stops muster: a token
//! that says it is for another workspace is not used, and a user that it names is not written.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::live::RemoteId;

/// What a token says of itself. All of it may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The workspace it is for (`hpe_workspace_id`).
    pub workspace: Option<String>,
    /// The organization it is of (`hpe_organization_id`).
    pub organization: Option<String>,
    /// The security principals it acts as: `user:...`, `api-client:...`.
    pub principals: Vec<String>,
}

impl Claims {
    /// The claims of a token; none where it is no JWT.
    pub(super) fn of(token: &str) -> Self {
        let payload = token.split('.').nth(1).unwrap_or_default();
        let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).unwrap_or_default();
        let Ok(Value::Object(claims)) = serde_json::from_slice::<Value>(&bytes) else {
            return Self::default();
        };
        let text = |name: &str| {
            let text = claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let kind = text("hpe_principal_type");
        let named = ["hpe_principal", "sub"].into_iter().filter_map(text);
        let mut principals: Vec<String> = named
            .filter_map(|name| match (name.split_once(':'), kind.as_deref()) {
                (Some(("user" | "api-client", _)), _) => Some(name),
                (None, Some(kind @ ("user" | "api-client"))) => Some(format!("{kind}:{name}")),
                _ => None,
            })
            .collect();
        principals.dedup();
        let workspace = text("hpe_workspace_id");
        Self { workspace, organization: text("hpe_organization_id"), principals }
    }

    /// Whether the token can be for the workspace of this id.
    ///
    /// # Errors
    ///
    /// In words, when it says that it is for another.
    pub(super) fn is_for(&self, workspace: &str) -> Result<(), String> {
        match &self.workspace {
            Some(other) if RemoteId::compare(other) != RemoteId::compare(workspace) => {
                Err(format!(
                    "it gave a token of another workspace (asked for {workspace}, the token is for \
                 {other}), which was not used"
                ))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(payload: &Value) -> Claims {
        Claims::of(&format!("e30.{}.x", URL_SAFE_NO_PAD.encode(payload.to_string())))
    }

    #[test]
    fn a_token_of_another_workspace_is_told_from_the_right_one() {
        let own = "3f2c0e1a9b1c4d7e8f60718293a4b5c6";
        let dashed = json!({"hpe_workspace_id": "3F2C0E1A-9b1c-4d7e-8f60-718293a4b5c6"});
        assert_eq!(claims(&dashed).is_for(own), Ok(()));
        let other = json!({"hpe_workspace_id": "00000000000000000000000000000001"});
        assert!(claims(&other).is_for(own).unwrap_err().contains("another workspace"));
        for opaque in ["", "abc", "a.b.c", "a.e30.c", "....", "a.bnVsbA.c"] {
            assert_eq!(Claims::of(opaque), Claims::default(), "{opaque}");
            assert_eq!(Claims::of(opaque).is_for(own), Ok(()));
        }
    }

    #[test]
    fn whom_muster_acts_as_is_read_where_it_is_said() {
        let user = json!({"sub": "7", "hpe_principal_type": "user", "hpe_principal": "user:7"});
        assert_eq!(claims(&user).principals, ["user:7"]);
        let client = json!({"sub": "api-client:9", "hpe_organization_id": "o"});
        assert_eq!(claims(&client).principals, ["api-client:9"]);
        assert_eq!(claims(&client).organization.as_deref(), Some("o"));
        assert_eq!(claims(&json!({"sub": "7"})).principals, Vec::<String>::new());
    }
}
