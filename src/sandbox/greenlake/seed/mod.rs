//! The first state, from a document that a person can write; and back.
//!
//! Ids that are left out follow from the names, so that the same seed has the same ids.

mod bindings;
mod directory;
mod export;
mod form;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use self::form::{
    ClientForm, DomainForm, OrganizationForm, OrganizationState, PolicyForm, ProfileForm, RoleForm,
    WorkspaceForm, WorkspaceType, ZoneForm,
};
use super::id;
use super::record::{
    Claim, Client, Name, Organization, Policy, Principal, PrincipalKind, Profile, Role, Workspace,
    WorkspaceKind,
};
use super::state::{Change, Effect, Object, State};
use crate::sandbox::record::fold;

/// Roles that every organization has, and whether they can be narrowed to scope groups. Those of
/// `ccs` and `identity` are for a whole workspace.
const ROLES: [(&str, &str); 5] = [
    ("ccs.account-admin", "Workspace Administrator"),
    ("ccs.observer", "Workspace Observer"),
    ("ccs.operator", "Workspace Operator"),
    ("compute-ops-mgmt.administrator", "Compute Ops Management administrator"),
    ("storageservices.LimitedAdmin", "Storage limited administrator"),
];

const KEYS: [&str; 14] = [
    "provider",
    "organization",
    "clients",
    "workspaces",
    "users",
    "groups",
    "roles",
    "scopeGroups",
    "tenantGroups",
    "assignments",
    "domains",
    "ssoProfiles",
    "policies",
    "zone",
];

impl State {
    /// An organization to begin with: one workspace, `main`, and one API client whose id and
    /// secret are both `sandbox`.
    #[must_use]
    pub fn beginning(now: Timestamp) -> State {
        let document = json!({
            "organization": { "name": "sandbox" },
            "workspaces": [{ "name": "main" }],
            "clients": [{ "id": "sandbox", "secret": "sandbox" }],
        });
        State::seed(&document, now).unwrap_or_default()
    }

    /// The state that a document describes.
    ///
    /// # Errors
    /// What is wrong, with its place in the document (`users[3]: ..`).
    pub fn seed(document: &Value, now: Timestamp) -> Result<State, String> {
        let Value::Object(document) = document else {
            return Err("the seed is not a JSON object".into());
        };
        if let Some(other) = document.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!("`{other}`: the seed has {}, nothing else", KEYS.join(", ")));
        }
        if let Some(other) = document.get("provider").filter(|name| *name != "greenlake") {
            return Err(format!("`provider` is {other}; this seed needs `greenlake`"));
        }
        let mut seed = Seed { state: State::default(), now, document, enhanced: true };
        seed.organization()?;
        seed.each("workspaces", Seed::workspace)?;
        seed.roles();
        seed.each("roles", Seed::role)?;
        seed.each("users", Seed::user)?;
        seed.each("groups", Seed::group)?;
        seed.each("clients", Seed::client)?;
        seed.each("scopeGroups", Seed::scope_group)?;
        seed.each("tenantGroups", Seed::tenant_group)?;
        seed.each("assignments", Seed::assignment)?;
        seed.each("ssoProfiles", Seed::profile)?;
        seed.each("domains", Seed::domain)?;
        seed.each("policies", Seed::policy)?;
        seed.each("zone", Seed::zone)?;
        Ok(seed.state)
    }
}

struct Seed<'a> {
    state: State,
    now: Timestamp,
    document: &'a Map<String, Value>,
    /// Whether workspaces have enhanced IAM that do not say so themselves.
    enhanced: bool,
}

fn read<T: DeserializeOwned>(place: &str, value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|cause| format!("`{place}`: {cause}"))
}

impl Seed<'_> {
    /// Reads every element of a list.
    fn each<T: DeserializeOwned>(
        &mut self,
        name: &str,
        add: fn(&mut Self, &str, T) -> Result<(), String>,
    ) -> Result<(), String> {
        let elements = match self.document.get(name) {
            None => return Ok(()),
            Some(Value::Array(elements)) => elements,
            Some(_) => return Err(format!("`{name}` is not an array")),
        };
        for (at, element) in elements.iter().enumerate() {
            let place = format!("{name}[{at}]");
            add(self, &place, read(&place, element)?)?;
        }
        Ok(())
    }

    fn put(&mut self, row: impl Into<Object>) {
        self.state.apply(&Effect(Change::Put(row.into())));
    }

    fn next(&self) -> u64 {
        self.state.next()
    }

    fn organization(&mut self) -> Result<(), String> {
        let form = match self.document.get("organization") {
            None => OrganizationForm { name: "organization".into(), ..OrganizationForm::default() },
            Some(value) => read::<OrganizationForm>("organization", value)?,
        };
        self.enhanced = form.enhanced_iam.unwrap_or(true);
        let users = self.document.get("users").and_then(Value::as_array);
        let posix = users.is_some_and(|users| users.iter().any(|user| user.get("posix").is_some()));
        self.state.organization = Organization {
            id: given_or(form.id, &format!("organizations/{}", fold(&form.name))),
            name: form.name,
            active: form.state == OrganizationState::Active,
            posix: form.posix.unwrap_or(posix),
        };
        Ok(())
    }

    fn workspace(&mut self, place: &str, form: WorkspaceForm) -> Result<(), String> {
        let id = given_or(form.id, &format!("workspaces/{}", fold(&form.name)));
        if self.state.workspaces.find(&id).is_some() {
            return Err(format!("`{place}`: the workspace `{}` is there already", form.name));
        }
        let kind = match form.kind {
            WorkspaceType::Standard => WorkspaceKind::Standard,
            WorkspaceType::Msp => WorkspaceKind::Msp,
            WorkspaceType::Tenant => WorkspaceKind::Tenant,
        };
        let row = Workspace {
            serial: self.next(),
            id,
            name: form.name,
            kind,
            enhanced_iam: form.enhanced_iam.unwrap_or(self.enhanced),
            customer_owned: false,
            description: String::new(),
            generation: 1,
            created: self.now,
            updated: self.now,
        };
        self.put(row);
        Ok(())
    }

    fn roles(&mut self) {
        for (grn, name) in ROLES {
            let row = Role {
                serial: self.next(),
                grn: role_grn(grn),
                name: name.to_string(),
                takes_scopes: takes_scopes(grn),
            };
            self.put(row);
        }
    }

    fn role(&mut self, _: &str, form: RoleForm) -> Result<(), String> {
        let grn = role_grn(&form.grn);
        let known = self.state.roles.keyed(&grn).map(|row| row.serial);
        let row = Role {
            serial: known.unwrap_or_else(|| self.next()),
            name: form.name.unwrap_or_else(|| slug(&grn).to_string()),
            takes_scopes: form.takes_scopes.unwrap_or_else(|| takes_scopes(slug(&grn))),
            grn,
        };
        self.put(row);
        Ok(())
    }

    fn client(&mut self, place: &str, form: ClientForm) -> Result<(), String> {
        let principal = match &form.principal {
            None => Principal { kind: PrincipalKind::Client, id: id::bare(&form.id) },
            Some(text) => self.principal(place, text)?,
        };
        if self.state.clients.find(&form.id).is_some() {
            return Err(format!("`{place}`: the client `{}` is there already", form.id));
        }
        let row = Client {
            serial: self.next(),
            workspace: self.workspace_id(place, form.workspace.as_deref())?,
            id: form.id,
            secret: form.secret,
            principal,
        };
        self.put(row);
        Ok(())
    }

    /// The id of the workspace of that name or id; of the first one if there is neither.
    fn workspace_id(&self, place: &str, named: Option<&str>) -> Result<String, String> {
        let mut all = self.state.workspaces.iter();
        let found = match named {
            None => all.next(),
            Some(name) => self
                .state
                .workspaces
                .find(name)
                .or_else(|| all.find(|row| fold(&row.name) == fold(name))),
        };
        let name = named.unwrap_or("the first");
        found
            .map(|row| row.id.clone())
            .ok_or_else(|| format!("`{place}.workspace`: there is no workspace `{name}`"))
    }

    fn domain(&mut self, place: &str, form: DomainForm) -> Result<(), String> {
        let name = fold(&form.name);
        if self.state.claims.keyed(&name).is_some() {
            return Err(format!("`{place}`: the domain `{name}` is there already"));
        }
        let state = form.state.unwrap_or_else(|| "PENDING".into());
        let verified = form.last_verified.or((state == "VERIFIED").then_some(self.now));
        let row = Claim {
            serial: self.next(),
            id: id::derive(&format!("domain-requests/{name}")),
            domain: id::derive(&format!("domains/{name}")),
            txt: form.dns_txt_record.unwrap_or_else(|| super::domains::record(&name)),
            name,
            state,
            last_verified: verified,
            integration: form.integration,
            created: self.now,
            updated: self.now,
        };
        self.put(row);
        Ok(())
    }

    fn profile(&mut self, place: &str, form: ProfileForm) -> Result<(), String> {
        if self.state.profiles.keyed(&fold(&form.name)).is_some() {
            return Err(format!("`{place}`: the profile `{}` is there already", form.name));
        }
        let id = given_or(form.id, &format!("sso-profiles/{}", fold(&form.name)));
        let row = Profile { serial: self.next(), id, name: form.name, created: self.now };
        self.put(row);
        Ok(())
    }

    fn policy(&mut self, place: &str, form: PolicyForm) -> Result<(), String> {
        let profile = match &form.connection {
            None => None,
            Some(name) => {
                let found = self.state.profiles.keyed(&fold(name));
                let found = found
                    .ok_or_else(|| format!("`{place}.connection`: no SSO profile is `{name}`"))?;
                Some(found.id.clone())
            }
        };
        let name = fold(&form.domain);
        let kind = match (&profile, name.contains('@')) {
            (Some(_), _) => "DOMAIN_VERIFIED",
            (None, true) => "USER_RECOVERY",
            (None, false) => "DOMAIN_EXTERNAL",
        };
        let row = Policy {
            serial: self.next(),
            id: id::derive(&format!("policies/{name}")),
            name,
            kind: kind.into(),
            profile,
            targets: super::policies::everywhere(),
            contact: None,
            created: self.now,
            updated: self.now,
            ready: self.now,
            gone: None,
        };
        self.put(row);
        Ok(())
    }

    fn zone(&mut self, _: &str, form: ZoneForm) -> Result<(), String> {
        let name = form.name.trim_end_matches('.').to_lowercase();
        let row = Name { serial: self.next(), name, values: form.values };
        self.put(row);
        Ok(())
    }
}

/// An id without hyphens: the one that was written, or the name's.
fn given_or(id: Option<String>, name: &str) -> String {
    id.map_or_else(|| id::derive(name), |id| id::bare(&id))
}

/// A role's GRN; `provider.name` is a predefined role.
fn role_grn(text: &str) -> String {
    if text.starts_with("grn:") {
        text.to_string()
    } else {
        format!("grn:glp/providers/authorization/roles/{text}")
    }
}

/// The last part of a GRN.
fn slug(grn: &str) -> &str {
    grn.rsplit('/').next().unwrap_or(grn)
}

fn takes_scopes(slug: &str) -> bool {
    !slug.starts_with("ccs.") && !slug.starts_with("identity.")
}
