//! Every dialect, and the server that speaks it.

/// One dialect, spoken to the server it is for, and what it is no use to tell that server.
pub(crate) struct Spoken {
    pub(crate) profile: &'static str,
    pub(crate) personality: &'static str,
    /// What the server refuses or drops although the profile sends it: fields and their parts,
    /// and `urn:` for any extension that is nowhere declared.
    refuses: &'static [&'static str],
    /// What a user of the server cannot be without.
    demands: &'static [&'static str],
    /// Whether members can be looked at after they were written.
    pub(crate) members: bool,
    /// Whether everything that can be created can be changed later.
    pub(crate) changes: bool,
}

impl Spoken {
    pub(crate) fn refuses(&self, path: &str) -> bool {
        self.refuses.contains(&path)
    }

    pub(crate) fn demands(&self, field: &str) -> bool {
        self.demands.contains(&field)
    }
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const fn row(
    (profile, personality): (&'static str, &'static str),
    refuses: &'static [&'static str],
) -> Spoken {
    Spoken { profile, personality, refuses, demands: &[], members: true, changes: true }
}

/// Every dialect, with the server that speaks it.
pub(crate) const SPOKEN: [Spoken; 12] = [
    row(("rfc7644", "rfc7644"), &[]),
    row(("scim2-server", "scim2-server"), &["urn:"]),
    row(("scimmy", "scimmy"), &["urn:", "roles.type", "entitlements.type"]),
    row(("scimserver", "scimserver"), &["urn:"]),
    // A PATCH of `roles` merges.
    row(("scimgateway", "scimgateway"), &["roles"]),
    Spoken { changes: false, ..row(("django-scim2", "django-scim2"), &["urn:", ENTERPRISE]) },
    Spoken {
        demands: &["displayName", "name", "emails"],
        changes: false,
        ..row(("open-webui", "open-webui"), &["urn:", ENTERPRISE])
    },
    Spoken {
        demands: &["name"],
        changes: false,
        ..row(("canaille", "canaille"), &["urn:", "roles", "entitlements"])
    },
    // Its listings are never proved, so nobody is deactivated; its PATCH spoils extensions.
    Spoken { members: false, ..row(("polis", "polis"), &["active", "urn:", ENTERPRISE]) },
    row(("member-capped", "x1"), &["urn:"]),
    Spoken { changes: false, ..row(("lower-casing", "x2"), &["urn:", ENTERPRISE]) },
    row(("soft-delete", "x3"), &[]),
];
