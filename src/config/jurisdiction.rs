//! The jurisdiction and the protected, compiled once: what may be written, and what never.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::patterns::{is_glob, literal_glob};
use super::{Project, Protected, Selection};
use crate::kind::{Key, KindName};

/// The globs of `manage` and `protected`, ready to be asked. Names are compared folded; a
/// pattern's letters match either case, and `*` matches `/` too.
#[derive(Clone, Debug)]
pub struct Jurisdiction {
    kinds: BTreeMap<KindName, Selected>,
    protected: ProtectedNames,
}

/// A [`Selection`], compiled.
#[derive(Clone, Debug)]
enum Selected {
    All,
    Domains(GlobSet),
    Names { names: GlobSet, except: GlobSet },
}

impl Selected {
    fn of(selection: &Selection) -> Result<Self, String> {
        Ok(match selection {
            Selection::All => Self::All,
            Selection::Domains(domains) => Self::Domains(compile_globs(domains)?),
            Selection::Names { names, except } => {
                Self::Names { names: compile_globs(names)?, except: compile_names(except)? }
            }
        })
    }

    fn has(&self, key: &Key) -> bool {
        match self {
            Self::All => true,
            Self::Domains(domains) => {
                let domain = key.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
                domains.is_match(domain)
            }
            Self::Names { names, except } => {
                names.is_match(key.as_str()) && !except.is_match(key.as_str())
            }
        }
    }
}

impl Jurisdiction {
    /// Compiles the globs of `project`.
    ///
    /// # Errors
    ///
    /// The first pattern that is no glob, in words. A project read from its file has none.
    pub fn of(project: &Project) -> Result<Self, String> {
        let compiled = |(kind, managed): (&KindName, &super::ManagedKind)| {
            Ok((*kind, Selected::of(&managed.select)?))
        };
        let kinds = project.manage.kinds.iter().map(compiled).collect::<Result<_, String>>()?;
        Ok(Self { kinds, protected: ProtectedNames::of(&project.protected)? })
    }

    /// Whether the item of this kind and name is managed, protection apart.
    #[must_use]
    pub fn manages(&self, kind: KindName, key: &Key) -> bool {
        self.kinds.get(&kind).is_some_and(|selected| selected.has(key))
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
            compile_names(patterns).map_err(|why| format!("`{what}`: {why}"))
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

    /// Whether a user of this name is protected. Asked a million times, mostly of no patterns.
    #[must_use]
    pub fn has_user(&self, user: &Key) -> bool {
        !self.users.is_empty() && self.users.is_match(user.as_str())
    }

    /// Whether a group of this name is protected.
    #[must_use]
    pub fn has_group(&self, group: &Key) -> bool {
        !self.groups.is_empty() && self.groups.is_match(group.as_str())
    }
}

/// Compiles patterns of a list that protects: each covers what it matches as a glob, and also the
/// one that is called exactly so, for a name may hold brackets.
///
/// # Errors
///
/// The first pattern that is no glob, in words.
pub fn compile_names(patterns: &[String]) -> Result<GlobSet, String> {
    let literal = |pattern: &&String| is_glob(pattern);
    let exact = patterns.iter().filter(literal).map(|pattern| literal_glob(pattern));
    let all: Vec<String> = patterns.iter().cloned().chain(exact).collect();
    compile_globs(&all)
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
        let glob = GlobBuilder::new(folded.as_str())
            .case_insensitive(has_class)
            .backslash_escape(true)
            .build();
        set.add(glob.map_err(|error| format!("`{pattern}` is not a pattern: {}", error.kind()))?);
    }
    set.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_protected_may_look_like_a_pattern() {
        for (pattern, covered) in [
            ("ops[1]@x.org", ["ops[1]@x.org", "OPS1@x.org"]),
            ("{a,b}@x.org", ["{A,b}@x.org", "b@x.org"]),
            ("who?*", ["who?*", "whom"]),
            ("a\\*", ["a\\*", "a*"]),
        ] {
            let protected = Protected { users: vec![pattern.into()], groups: vec![pattern.into()] };
            let names = ProtectedNames::of(&protected).unwrap();
            for name in covered.map(Key::new) {
                assert!(names.has_user(&name) && names.has_group(&name), "{pattern} {name}");
            }
            assert!(!names.has_user(&Key::new("ops2@x.org")), "{pattern}");
        }
        assert!(compile_names(&["[a".to_owned()]).is_err());
    }

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
