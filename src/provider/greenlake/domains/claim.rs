//! A claim: one domain, and how far it has come.

use super::dns::Look;
use super::sight::Sight;
use crate::kind::Diagnostic;

/// How far a domain has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is declared, and the account was not asked: the interface for claims is switched off.
    NotAsked,
    /// It is declared, and nobody claimed it.
    Unclaimed,
    /// It is claimed and pending: the TXT value is known, and no server has shown it.
    Claimed,
    /// It is pending, and some of the servers asked show the record.
    PartlyPublished,
    /// It is pending, and every server asked shows the record.
    Published,
    /// HPE has seen the record.
    Verified,
    /// It is verified, and this connection signs its users in.
    Bound(String),
    /// It was verified, and every server asked says that the record is gone.
    Missing,
    /// What the account says cannot be read as one of the above: its words. Never verified.
    Unclear(String),
}

impl State {
    /// One word for programs.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Unclaimed => "unclaimed",
            Self::Claimed => "claimed",
            Self::PartlyPublished => "partly-published",
            Self::Published => "published",
            Self::Verified => "verified",
            Self::Bound(_) => "bound",
            Self::Missing => "missing",
            Self::Unclear(_) => "unclear",
        }
    }

    /// Whether it waits for somebody outside: a person who publishes a record, DNS, or HPE.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self, Self::Claimed | Self::PartlyPublished | Self::Published)
    }
}

/// What is wrong with a domain, or worth knowing: nothing that stops a run.
pub(super) fn problem(
    id: &'static str,
    what: impl Into<String>,
    why: impl Into<String>,
    remedy: impl Into<String>,
) -> Diagnostic {
    Diagnostic::error(id, what, why, remedy).as_warning()
}

/// One domain: what is declared, what the account says, what DNS says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The domain, folded.
    pub domain: String,
    /// Whether the YAML declares it.
    pub is_declared: bool,
    /// How far it has come.
    pub state: State,
    /// The TXT value to publish, where it is known.
    pub txt: Option<String>,
    /// When HPE last saw the record, as HPE wrote it.
    pub last_verified: Option<String>,
    /// The claim's id: what verifying it and dropping it take.
    pub request_id: Option<String>,
    /// The verified domain's id: what unclaiming takes.
    pub domain_id: Option<String>,
    /// The id of the authentication policy that routes its users.
    pub policy: Option<String>,
    /// Whether policies and connections were read: without, no policy means nothing.
    pub is_sso_read: bool,
    /// The connection that the policy names: by name, or by id where the name is not known.
    pub connection: Option<String>,
    /// The connection that is declared (`sso`).
    pub wanted_connection: Option<String>,
    /// Who answers for it, as declared.
    pub owner: Option<String>,
    /// The zone it lies in, where DNS says so.
    pub zone: Option<String>,
    /// What DNS says of the TXT value, all servers together.
    pub sight: Sight,
    /// What each server says.
    pub dns: Vec<Look>,
    /// The users whose names end in it: how many.
    pub users: usize,
    /// What is wrong, or worth knowing, in a fixed order.
    pub problems: Vec<Diagnostic>,
}
