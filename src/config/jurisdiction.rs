//! The jurisdiction and the protected, compiled once: what may be written, and what never.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::Project;
use crate::kind::Key;

/// The globs of `manage` and `protected`, ready to be asked. Names are compared folded; a
/// pattern's letters match either case, and `*` matches `/` too.
#[derive(Clone, Debug)]
pub struct Jurisdiction {
    users: Option<GlobSet>,
    groups: Option<(GlobSet, GlobSet)>,
    protected_users: GlobSet,
    protected_groups: GlobSet,
}

impl Jurisdiction {
    /// Compiles the globs of `project`.
    ///
    /// # Errors
    ///
    /// The first pattern that is no glob, in words. A project read from its file has none.
    pub fn of(project: &Project) -> Result<Self, String> {
        let manage = &project.manage;
        let users = manage.users.as_ref().map(|users| compile_globs(&users.domains)).transpose()?;
        let groups = match &manage.groups {
            Some(groups) => Some((compile_globs(&groups.names)?, compile_globs(&groups.except)?)),
            None => None,
        };
        Ok(Self {
            users,
            groups,
            protected_users: compile_globs(&project.protected.users)?,
            protected_groups: compile_globs(&project.protected.groups)?,
        })
    }

    /// Whether the user is managed, protection apart: its domain matches one of
    /// `manage.users.domains`. A name without `@` has the empty domain, which only `*` matches.
    #[must_use]
    pub fn manages_user(&self, user: &Key) -> bool {
        let domain = user.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
        self.users.as_ref().is_some_and(|domains| domains.is_match(domain))
    }

    /// Whether the group is managed, protection apart.
    #[must_use]
    pub fn manages_group(&self, group: &Key) -> bool {
        self.groups.as_ref().is_some_and(|(names, except)| {
            names.is_match(group.as_str()) && !except.is_match(group.as_str())
        })
    }

    /// Whether the user is never planned and never written.
    #[must_use]
    pub fn protects_user(&self, user: &Key) -> bool {
        self.protected_users.is_match(user.as_str())
    }

    /// Whether the group is never planned and never written.
    #[must_use]
    pub fn protects_group(&self, group: &Key) -> bool {
        self.protected_groups.is_match(group.as_str())
    }
}

/// Compiles patterns over folded names.
///
/// # Errors
///
/// The first pattern that is no glob, in words.
pub fn compile_globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let folded = Key::new(pattern);
        let glob = GlobBuilder::new(folded.as_str()).case_insensitive(true).build();
        set.add(glob.map_err(|error| format!("`{pattern}` is not a pattern: {}", error.kind()))?);
    }
    set.build().map_err(|error| error.to_string())
}
