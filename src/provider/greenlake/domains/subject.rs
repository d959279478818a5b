//! Who is meant: the domains that are declared, and those that users have.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::Claim;
use super::names::{mail_domain, parent};

/// One domain of the YAML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The domain.
    pub domain: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The connection that is to sign its users in, by name.
    pub sso: Option<String>,
}

/// A domain that users have, and that is neither claimed nor declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnclaimedDomain {
    /// The domain.
    pub domain: String,
    /// How many users have it.
    pub users: usize,
    /// The nearest domain above it that is claimed or declared. A claim routes the users of its
    /// own domain alone: a subdomain is a routing identifier of its own.
    pub under: Option<String>,
}

/// How many of these users have each domain.
pub(super) fn by_domain<'u>(users: impl IntoIterator<Item = &'u str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for domain in users.into_iter().filter_map(mail_domain) {
        *counts.entry(domain).or_default() += 1;
    }
    counts
}

/// The domains that users have and nobody claimed or declared, by name.
#[must_use]
pub fn unclaimed<'u>(
    claims: &[Claim],
    users: impl IntoIterator<Item = &'u str>,
) -> Vec<UnclaimedDomain> {
    let known: BTreeSet<&str> = claims.iter().map(|claim| claim.domain.as_str()).collect();
    by_domain(users)
        .into_iter()
        .filter(|(domain, _)| !known.contains(domain.as_str()))
        .map(|(domain, users)| {
            let above = std::iter::successors(parent(&domain), |name| parent(name));
            let under = above.into_iter().find(|name| known.contains(name)).map(str::to_owned);
            UnclaimedDomain { domain, users, under }
        })
        .collect()
}
