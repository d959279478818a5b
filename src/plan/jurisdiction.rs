//! The jurisdiction: what may be planned at all.

use globset::GlobSet;

use crate::config::{self, Manage, OnRemove, Project};
use crate::kind::{Address, Family, Key, KindName};

/// How far the jurisdiction reaches an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It may be created, changed and removed.
    Managed,
    /// It is listed under `protected`: never planned, never written.
    Protected,
    /// It is outside `manage`: context, listed and left alone.
    Outside,
}

/// `manage` and `protected`, ready to be asked of any address.
#[derive(Clone, Debug)]
pub struct Jurisdiction {
    manage: Manage,
    /// `None` where a pattern does not compile, which `config` refuses long before: then nothing
    /// is managed at all.
    names: Option<config::Jurisdiction>,
}

/// Compiles globs over folded names; patterns that do not compile, which `config` refuses long
/// before, match nothing.
#[must_use]
pub fn globs(patterns: &[String]) -> GlobSet {
    config::compile_globs(patterns).unwrap_or_else(|_| GlobSet::empty())
}

/// Compiles a list that protects, in which a pattern also covers the one that is called exactly so;
/// patterns that do not compile, which `config` refuses long before, match nothing.
#[must_use]
pub fn names(patterns: &[String]) -> GlobSet {
    config::compile_names(patterns).unwrap_or_else(|_| GlobSet::empty())
}

impl Jurisdiction {
    /// The jurisdiction of a project.
    #[must_use]
    pub fn of(project: &Project) -> Self {
        Self { manage: project.manage.clone(), names: config::Jurisdiction::of(project).ok() }
    }

    /// How far the jurisdiction reaches `address`. A link is protected if one of its ends is, and
    /// stands where its group stands: the members of a group belong to the group.
    #[must_use]
    pub fn reach(&self, address: &Address) -> Reach {
        if address.family() == Family::Grant {
            // A role stands where its holder stands.
            return match address.principal().map(|principal| self.reach(&principal)) {
                Some(Reach::Managed) if !self.manage.manages(address.kind()) => Reach::Outside,
                Some(reach) => reach,
                None => Reach::Outside,
            };
        }
        if let Some((group, user)) = address.ends() {
            return match (self.reach(&group), self.reach(&user)) {
                (Reach::Protected, _) | (_, Reach::Protected) => Reach::Protected,
                (reach, _) => reach,
            };
        }
        let Some(names) = &self.names else { return Reach::Outside };
        let key = address.key();
        let (protected, managed) = match address.family() {
            Family::Subject => (names.protects_user(key), names.manages(address.kind(), key)),
            Family::Group => (names.protects_group(key), names.manages(address.kind(), key)),
            Family::Scope => (false, names.manages(address.kind(), key)),
            Family::Plain | Family::Membership | Family::Grant => (false, true),
        };
        match (protected, managed) {
            (true, _) => Reach::Protected,
            (false, true) => Reach::Managed,
            (false, false) => Reach::Outside,
        }
    }

    /// Whether the user is never planned and never written.
    #[must_use]
    pub fn is_protected_user(&self, user: &Key) -> bool {
        self.names.as_ref().is_some_and(|names| names.protects_user(user))
    }

    /// What to do with a managed thing of this kind that nobody declares.
    #[must_use]
    pub fn on_remove(&self, kind: KindName) -> OnRemove {
        self.manage.on_remove(kind)
    }
}
