//! What a dialect means for planning.

use std::collections::{BTreeMap, BTreeSet};

use crate::kind::KindName;
use crate::live::{Capabilities, MemberRemoval, Rates};

use super::{Attributes, DeleteEffect, Dialect, DisplayName, MembersRead, NewGroup, RemovalForm};

impl Dialect {
    /// What a target that speaks this dialect can hold and do. `target` says who it is: the
    /// provider and the base URL.
    #[must_use]
    pub fn capabilities(&self, target: &str) -> Capabilities {
        let mut unheld = set(&self.unheld);
        if self.display_name == DisplayName::Derived {
            unheld.insert((KindName::User, "displayName".to_owned()));
        }
        Capabilities {
            target: target.to_owned(),
            refused_kinds: refused_kinds(),
            unheld,
            held_optional: self.held_optional(),
            immutable: set(&self.immutable),
            member_removal: self.removal(),
            members_readable: self.members != MembersRead::Never,
            member_batch: self.member_batch,
            new_groups_have_members: self.habits.new_group == NewGroup::WithMembers,
            max_group_members: self.max_group_members,
            quotas: self.habits.quotas.to_vec(),
            own: BTreeSet::new(),
            full_roles: &[],
            read_only_roles: &[],
            held_domains: BTreeMap::new(),
            delete_deactivates: self.delete == DeleteEffect::Deactivates,
            rates: self.rates(),
            binding_rates: self.rates(),
        }
    }

    /// What a write costs at such a server, and how fast it takes them.
    #[must_use]
    pub const fn rates(&self) -> Rates {
        Rates {
            reads_per_minute: self.reads_per_minute,
            writes_per_minute: self.writes_per_minute,
            reads_per_write: 2,
        }
    }

    fn held_optional(&self) -> BTreeSet<(KindName, String)> {
        let fields = |kind: &'static KindName| {
            let names = kind.spec().fields.iter().map(|field| field.name);
            let held = names.filter(|name| self.holds_optional(*kind, name));
            held.map(|name| (*kind, name.to_owned()))
        };
        KindName::ALL.iter().flat_map(fields).collect()
    }

    fn removal(&self) -> MemberRemoval {
        match (self.members, self.member_removal) {
            (MembersRead::Never, _) => MemberRemoval::Refused(
                "this target never shows a group's members, so nobody can tell whom to remove"
                    .to_owned(),
            ),
            (_, RemovalForm::Refused) => MemberRemoval::Refused(
                "this target can only replace a group's whole list of members, which would drop \
                 a member added by somebody else in the meantime"
                    .to_owned(),
            ),
            (_, RemovalForm::Filter | RemovalForm::Value) => MemberRemoval::Possible,
        }
    }
}

fn set(attributes: &Attributes) -> BTreeSet<(KindName, String)> {
    attributes.iter().map(|(kind, name)| (*kind, name.clone().into_owned())).collect()
}

fn refused_kinds() -> BTreeMap<KindName, String> {
    let refuse = |kind: KindName| {
        let why = format!(
            "this target has no {}: SCIM (RFC 7643) knows users and groups only; leave them out, or \
             set `target.provider: greenlake`",
            kind.plural()
        );
        (kind, why)
    };
    let kinds = KindName::ALL.iter().copied();
    kinds.filter(|kind| kind.spec().scim.is_none() && !kind.spec().is_link()).map(refuse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_cannot_be_read_cannot_be_removed() {
        let polis = Dialect::profile("polis").unwrap().capabilities("t");
        assert!(!polis.members_readable);
        assert!(matches!(polis.member_removal, MemberRemoval::Refused(_)));
        let canaille = Dialect::profile("canaille").unwrap().capabilities("t");
        assert!(canaille.members_readable);
        assert!(matches!(canaille.member_removal, MemberRemoval::Refused(_)));
        let plain = Dialect::default().capabilities("t");
        assert_eq!(plain.member_removal, MemberRemoval::Possible);
    }

    #[test]
    fn a_derived_display_name_is_not_held() {
        let django = Dialect::profile("django-scim2").unwrap().capabilities("t");
        assert!(django.unheld.contains(&(KindName::User, "displayName".to_owned())));
    }
}
