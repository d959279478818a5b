//! Obstacles: what stands against giving up a claim.

use super::claim::{Claim, Problem, State};

/// Why a claim must not be given up now; empty when nothing depends on it. Users of an unclaimed
/// domain are no longer routed to their connection, and another organization can claim it.
#[must_use]
pub fn obstacles_to_unclaim(claim: &Claim) -> Vec<Problem> {
    let domain = &claim.domain;
    let mut obstacles = Vec::new();
    let mut add = |id, what: String, why: &str, remedy: &str| {
        obstacles.push(Problem { id, what, why: why.to_owned(), remedy: remedy.to_owned() });
    };
    if claim.users > 0 {
        let users = if claim.users == 1 { "user has" } else { "users have" };
        add(
            "users-depend",
            format!("{} {users} an address in `{domain}`", claim.users),
            "without the claim they are no longer routed, and others can claim the domain",
            "remove or rename them first",
        );
    }
    if let Some(policy) = &claim.policy {
        let connection = claim.connection.as_deref().unwrap_or("a connection");
        add(
            "connection-depends",
            format!("the authentication policy `{policy}` binds `{domain}` to `{connection}`"),
            "a policy for a domain that is not claimed signs nobody in",
            "remove `sso` of the domain and apply, then remove the domain",
        );
    }
    if !claim.is_sso_read {
        add(
            "sso-not-read",
            format!("whether a connection depends on `{domain}` is not known"),
            "authentication policies were not read",
            "add `sso` to `target.experimental`",
        );
    }
    if matches!(claim.state, State::Unclear(_) | State::NotAsked) {
        add(
            "claim-unclear",
            format!("how far `{domain}` has come is not known"),
            "what is not understood is left alone",
            "look at the domain in GreenLake",
        );
    }
    obstacles
}
