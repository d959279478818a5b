//! What a provider says of its own objects in an extension: who leads their lives, and which
//! principal they are where roles are given.

use serde_json::Value;

use crate::kind::{Fields, KindName};
use crate::live::{AccountStatus, Hold};

use super::dialect::OwnExtension;
use super::error::escape;

/// What a provider says of one of its objects beside the object's attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// The security principal, verbatim (`hpe_principal`): what role assignments name.
    pub principal: Option<String>,
    /// Who leads the object's life.
    pub source: Origin,
    /// The state of an account (`status`).
    pub status: Option<AccountStatus>,
}

/// Who leads an object's life (`source` and `sourceInstance`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// This organization, or nobody says.
    #[default]
    Local,
    /// An external SCIM integration, by its id.
    Integration(String),
    /// Another organization, by its id.
    Organization(String),
    /// Somebody muster has no name for: what the provider wrote.
    Unknown(String),
}

impl Origin {
    /// Who that is, after "managed by"; `None`: the object is ours to write.
    #[must_use]
    pub fn manager(&self) -> Option<String> {
        let named = |who: &str, id: &str| format!("{who} {}", escape(id)).trim_end().to_owned();
        match self {
            Self::Local => None,
            Self::Integration(id) => Some(named("the SCIM integration", id)),
            Self::Organization(id) => Some(named("the organization", id)),
            Self::Unknown(written) => {
                Some(format!("a source that muster does not know, `{}`", escape(written)))
            }
        }
    }

    /// What that means for writing.
    pub(super) fn hold(&self) -> Option<Hold> {
        self.manager().map(Hold::Elsewhere)
    }
}

/// Takes the provider's extension out of the fields of an object, and puts back what of it is a
/// field: the description of a group, and of a user the attributes of the kind's table.
pub(super) fn take(kind: KindName, own: &OwnExtension, fields: &mut Fields) -> Own {
    let Some(urn) = own.of(kind) else { return Own::default() };
    let spelled = fields.keys().find(|name| name.as_str().eq_ignore_ascii_case(urn)).cloned();
    let Some(name) = spelled else { return Own::default() };
    let Some(Value::Object(mut parts)) = fields.remove(&name) else { return Own::default() };
    let text = |name: &str| {
        let found = parts.iter().find(|(part, _)| part.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str()).filter(|text| !text.is_empty())
    };
    let instance = text("sourceInstance").unwrap_or_default().to_owned();
    let source = match text("source") {
        None => Origin::Local,
        Some(word) if word.eq_ignore_ascii_case("local") => Origin::Local,
        Some(word) if word.eq_ignore_ascii_case("scim") => Origin::Integration(instance),
        Some(word) if word.eq_ignore_ascii_case("external") => Origin::Organization(instance),
        Some(word) => Origin::Unknown(word.to_owned()),
    };
    let principal = text("hpe_principal").map(str::to_owned);
    let status = text("status").map(status);
    if kind == KindName::Group {
        if let Some(description) = text(own.description) {
            let value = Value::from(description);
            fields.insert(crate::kind::FieldName::fixed("description"), value);
        }
        return Own { principal, source, status };
    }
    parts.retain(|part, _| {
        let known = kind.spec().fields.iter().find(|field| field.name == urn);
        known.is_some_and(|field| match field.shape {
            crate::kind::Shape::Complex(known) => known.iter().any(|field| field.name == part),
            _ => false,
        })
    });
    if !parts.is_empty() {
        fields.insert(name, Value::Object(parts));
    }
    Own { principal, source, status }
}

/// `STAGED`, `ACTIVATING` and `ACTIVE` are all that the published schema of the directory names;
/// what else an account may be is named by `/identity/v1/users` (`userStatus`).
fn status(word: &str) -> AccountStatus {
    match word.to_ascii_uppercase().as_str() {
        "ACTIVE" => AccountStatus::Active,
        "STAGED" | "ACTIVATING" => AccountStatus::Invited,
        "INACTIVE" | "BLOCKED" | "SUSPENDED" | "DELETE_IN_PROGRESS" | "DELETED" => {
            AccountStatus::Closed
        }
        _ => AccountStatus::Other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn taken(kind: KindName, own: &Value) -> (Value, Own) {
        let urn = OwnExtension::GREENLAKE.of(kind).unwrap();
        let mut fields: Fields =
            serde_json::from_value(json!({"displayName": "x", urn: own})).unwrap();
        let own = take(kind, &OwnExtension::GREENLAKE, &mut fields);
        (serde_json::to_value(fields).unwrap(), own)
    }

    #[test]
    fn what_the_platform_moves_is_no_field() {
        let (fields, own) = taken(
            KindName::User,
            &json!({"countryCode": "GB", "status": "STAGED", "primaryEmailVerified": false,
                "hpe_principal": "user:1", "source": "SCIM", "sourceInstance": "idp-7"}),
        );
        let urn = OwnExtension::GREENLAKE.user;
        assert_eq!(fields, json!({"displayName": "x", urn: {"countryCode": "GB"}}));
        assert_eq!(own.principal.as_deref(), Some("user:1"));
        assert_eq!(own.status, Some(AccountStatus::Invited));
        assert_eq!(own.source.manager().unwrap(), "the SCIM integration idp-7");
        let (fields, own) =
            taken(KindName::Group, &json!({"groupDescription": "d", "source": "Local"}));
        assert_eq!(fields, json!({"displayName": "x", "description": "d"}));
        assert_eq!(own, Own::default());
        let (fields, _) = taken(KindName::Group, &json!({"groupDescription": ""}));
        assert_eq!(fields, json!({"displayName": "x"}));
    }

    #[test]
    fn the_status_of_an_account_is_read_however_it_is_spelt() {
        let table = [
            (json!({"status": "ACTIVE"}), Some(AccountStatus::Active)),
            (json!({"Status": "staged"}), Some(AccountStatus::Invited)),
            (json!({"status": "ACTIVATING"}), Some(AccountStatus::Invited)),
            (json!({"status": "INACTIVE"}), Some(AccountStatus::Closed)),
            (json!({"status": "SUSPENDED"}), Some(AccountStatus::Closed)),
            (json!({"status": "PARKED"}), Some(AccountStatus::Other)),
            (json!({"status": ""}), None),
            (json!({"status": null}), None),
            (json!({}), None),
        ];
        for (own, expected) in table {
            assert_eq!(taken(KindName::User, &own).1.status, expected, "{own}");
        }
    }

    #[test]
    fn whoever_is_not_local_leads_elsewhere() {
        let manager = |source: &str| {
            let own = json!({"source": source, "sourceInstance": "7"});
            taken(KindName::Group, &own).1.source.manager()
        };
        assert_eq!(manager("LOCAL"), None);
        assert_eq!(manager("External").as_deref(), Some("the organization 7"));
        assert!(manager("Entra").unwrap().contains("`Entra`"));
        assert_eq!(taken(KindName::User, &json!({})).1.source.manager(), None);
    }
}
