//! The jurisdiction and the protected, compiled once: what may be written, and what never.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::{Project, Protected};
use crate::kind::Key;

/// The globs of `manage` and `protected`, ready to be asked. Names are compared folded; a
/// pattern's letters match either case, and `*` matches `/` too.
#[derive(Clone, Debug)]
pub struct Jurisdiction {
    users: Option<GlobSet>,
    groups: Option<(GlobSet, GlobSet)>,
    protected: ProtectedNames,
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
        Ok(Self { users, groups, protected: ProtectedNames::of(&project.protected)? })
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
        self.protected.has_user(user)
    }

    /// Whether the group is never planned and never written.
    #[must_use]
    pub fn protects_group(&self, group: &Key) -> bool {
        self.protected.has_group(group)
    }
}

/// The globs of `protected`, ready to be asked.
#[derive(Clone, Debug)]
pub struct ProtectedNames {
    users: GlobSet,
    groups: GlobSet,
}

impl ProtectedNames {
    /// Compiles the globs of `protected`.
    ///
    /// # Errors
    ///
    /// The first pattern that is no glob, and where it is, in words.
    pub fn of(protected: &Protected) -> Result<Self, String> {
        let of = |patterns: &[String], what: &str| {
            compile_globs(patterns).map_err(|why| format!("`{what}`: {why}"))
        };
        Ok(Self {
            users: of(&protected.users, "protected.users")?,
            groups: of(&protected.groups, "protected.groups")?,
        })
    }

    /// Whether nothing is protected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }

    /// Whether a user of this name is protected.
    #[must_use]
    pub fn has_user(&self, user: &Key) -> bool {
        self.users.is_match(user.as_str())
    }

    /// Whether a group of this name is protected.
    #[must_use]
    pub fn has_group(&self, group: &Key) -> bool {
        self.groups.is_match(group.as_str())
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
        // Names and patterns are folded alike, so that only a class like `[+-_]` can hold capitals
        // of which the small letters are meant. Other patterns need no automaton built for them.
        let has_class = folded.as_str().contains('[');
        let glob = GlobBuilder::new(folded.as_str()).case_insensitive(has_class).build();
        set.add(glob.map_err(|error| format!("`{pattern}` is not a pattern: {}", error.kind()))?);
    }
    set.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_letters_of_either_case() {
        for (pattern, name, expected) in [
            ("Ada@Example.com", "ADA@example.COM", true),
            ("*@EXAMPLE.com", "x/y@Example.com", true),
            ("BG-*", "bg-ONE", true),
            ("*{A,b}c", "xAC", true),
            ("[A-C]da", "Bda", true),
            ("x[+-_]", "xQ", true),
            ("Zoë Å*", "ZOË ångström", true),
            ("bg-?", "bg-", false),
            ("*.com", "example.org", false),
        ] {
            let set = compile_globs(&[pattern.to_owned()]).unwrap();
            assert_eq!(set.is_match(Key::new(name).as_str()), expected, "{pattern} {name}");
        }
        assert!(compile_globs(&["[a".to_owned()]).is_err());
    }
}
