//! Which roles are privileged.

use globset::GlobSet;

use crate::config::Project;
use crate::kind::{Key, PREDEFINED_ROLE_PREFIX, Roles};

/// The roles of `administrators.roles` and those that `privileged` names.
#[derive(Clone, Debug)]
pub struct Privileged {
    roles: Vec<String>,
    names: GlobSet,
    aliases: Roles,
}

impl Privileged {
    /// Those of a project.
    #[must_use]
    pub fn of(project: &Project) -> Self {
        let names = crate::plan::globs(&project.governance.privileged);
        let roles = project.administrators.roles.clone();
        Self { roles, names, aliases: project.roles.clone() }
    }

    /// Those that one pattern of a project's names.
    #[must_use]
    pub fn by(pattern: &str, project: &Project) -> Self {
        let names = crate::plan::globs(&[pattern.to_owned()]);
        Self { roles: vec![], names, aliases: project.roles.clone() }
    }

    /// Whether a role is one, by any of its names: a short name hides nothing.
    #[must_use]
    pub fn contains(&self, role: &str) -> bool {
        let matches = |name: &str| self.names.is_match(Key::new(name).as_str());
        let grn = self.aliases.grn_of(role);
        let known = grn.as_deref();
        self.roles.iter().any(|one| one == role)
            || matches(role)
            || known.is_some_and(matches)
            || known.and_then(|grn| grn.strip_prefix(PREDEFINED_ROLE_PREFIX)).is_some_and(matches)
    }
}
