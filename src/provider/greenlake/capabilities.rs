//! What HPE GreenLake can hold and do, as far as planning needs to know.

use crate::kind::KindName;
use crate::live::{Capabilities, Measure, Quota};
use crate::provider::scim::Dialect;

use super::rates::AUTHORIZATION_RATES;
use super::scope_group;

/// The published quotas beside those of the directory ("IAM quotas"). How HPE refuses what is
/// beyond them it does not say, so they are checked before anything is written.
const QUOTAS: &[Quota] = &[
    Quota {
        measure: Measure::BindingsOfPrincipal,
        most: 50,
        name: "role assignments per principal per workspace",
    },
    Quota {
        measure: Measure::Objects(KindName::Domain),
        most: 20,
        name: "domains per organization",
    },
];

/// The roles whose holder can do everything in a workspace, and those whose holder can only look
/// ("Workspace roles": Workspace Administrator, Observer). HPE publishes no permissions of the
/// others that a program could read, so nothing is taken for granted of them.
const FULL_ROLES: &[&str] = &["ccs.account-admin"];
const READ_ONLY_ROLES: &[&str] = &["ccs.observer"];

/// The capabilities of the whole platform, whose directory speaks `dialect`. `has_domains` and
/// `has_scope_groups` say whether domain claims and scope groups were read.
pub(super) fn capabilities(
    dialect: &Dialect,
    target: &str,
    (has_domains, has_scope_groups): (bool, bool),
) -> Capabilities {
    let mut capabilities = dialect.capabilities(target);
    capabilities.refused_kinds.remove(&KindName::Binding);
    if has_domains {
        capabilities.refused_kinds.remove(&KindName::Domain);
    } else {
        let why = "HPE publishes no API for domain claims: claim them in HPE GreenLake, or say \
                   `target.experimental: [domains]` to use the one it has";
        capabilities.refused_kinds.insert(KindName::Domain, why.to_owned());
    }
    if has_scope_groups {
        capabilities.refused_kinds.remove(&scope_group::KIND);
    } else {
        let why = "scope groups are read only where `manage.scopeGroups` is written";
        capabilities.refused_kinds.insert(scope_group::KIND, why.to_owned());
    }
    capabilities.full_roles = FULL_ROLES;
    capabilities.read_only_roles = READ_ONLY_ROLES;
    capabilities.binding_rates = AUTHORIZATION_RATES;
    capabilities.quotas.extend_from_slice(QUOTAS);
    capabilities
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_are_possible_and_domains_only_when_asked_for() {
        let dialect = Dialect::profile("greenlake").unwrap();
        let plain = capabilities(&dialect, "t", (false, false));
        assert!(!plain.refused_kinds.contains_key(&KindName::Binding));
        assert!(plain.refused_kinds[&KindName::Domain].contains("experimental"));
        assert!(capabilities(&dialect, "t", (true, true)).refused_kinds.is_empty());
        assert_eq!(plain.quotas.len(), 5);
        assert_eq!(plain.max_group_members, Some(200));
        assert!(plain.held_optional.contains(&(KindName::Group, "description".to_owned())));
        assert!(plain.members_readable);
    }
}
