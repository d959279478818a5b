//! Rows: what the account says of claims, policies and connections, as far as it is used.

/// Where a claim stands with HPE.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lifecycle {
    /// `PENDING`: HPE has not seen the record yet.
    Pending,
    /// `VERIFIED`: HPE has seen it.
    Verified,
    /// A state that nobody has described: shown to people, and never taken for verified.
    Other(String),
}

impl Lifecycle {
    /// The state by the word on the wire.
    #[must_use]
    pub fn from_wire(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "VERIFIED" => Self::Verified,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// One row of `/identity/v1alpha1/domain-requests`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    /// The claim's id: not the verified domain's.
    pub id: String,
    /// The domain.
    pub name: String,
    /// Where it stands.
    pub lifecycle: Lifecycle,
    /// The TXT value to publish, whole; `None` when it was not said.
    pub txt: Option<String>,
    /// When HPE last saw the record, as it was written on the wire.
    pub last_verified: Option<String>,
}

/// One row of `/identity/v1alpha1/domains`: a verified domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRow {
    /// The domain's id: what unclaiming takes.
    pub id: String,
    /// The domain.
    pub name: String,
}

/// One row of `/identity/v1alpha1/sso-authentication-policies`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRow {
    /// The policy's id.
    pub id: String,
    /// `DOMAIN_VERIFIED`, `DOMAIN_EXTERNAL`, `USER_RECOVERY`, or what HPE adds.
    pub policy_type: String,
    /// The domain it is for, where it is for one.
    pub domain: Option<String>,
    /// `SSO_PROFILE`, `EXTERNAL`, `DEFAULT`, or what HPE adds.
    pub action: Option<String>,
    /// The connection's id, for `SSO_PROFILE`.
    pub auth_source: Option<String>,
    /// What HPE says of its progress.
    pub state: Option<String>,
}

/// One row of `/identity/v2alpha1/sso-profiles`. A connection holds secrets and certificates:
/// nothing but its id and name is ever kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileRow {
    /// The connection's id.
    pub id: String,
    /// The connection's name.
    pub name: String,
}

/// What the account says. Every list is proved complete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Claims.
    pub requests: Vec<RequestRow>,
    /// Verified domains.
    pub verified: Vec<VerifiedRow>,
    /// Policies and connections; `None` when they were not asked for.
    pub sso: Option<(Vec<PolicyRow>, Vec<ProfileRow>)>,
}
