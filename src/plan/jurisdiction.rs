//! The jurisdiction: what may be planned at all.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::config::{Manage, OnRemove, Project};
use crate::kind::{Address, KindName};

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

/// `manage` and `protected`, ready to be asked.
#[derive(Clone, Debug)]
pub struct Jurisdiction {
    manage: Manage,
    protected_users: GlobSet,
    protected_groups: GlobSet,
    user_domains: GlobSet,
    group_names: GlobSet,
    group_except: GlobSet,
}

/// Compiles globs over folded names. A pattern that does not compile matches nothing here;
/// `config` refuses it before it gets this far.
#[must_use]
pub fn globs(patterns: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        if let Ok(glob) = compile(pattern) {
            set.add(glob);
        }
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}

fn compile(pattern: &str) -> Result<Glob, globset::Error> {
    // Names are folded, so the pattern is too; `*` crosses `/`, which is an ordinary letter in a
    // name.
    GlobBuilder::new(crate::kind::Key::new(pattern).as_str()).literal_separator(false).build()
}

impl Jurisdiction {
    /// The jurisdiction of a project.
    #[must_use]
    pub fn of(project: &Project) -> Self {
        let (names, except) = match &project.manage.groups {
            Some(groups) => (globs(&groups.names), globs(&groups.except)),
            None => (GlobSet::empty(), GlobSet::empty()),
        };
        let domains = project.manage.users.as_ref().map(|users| globs(&users.domains));
        Self {
            protected_users: globs(&project.protected.users),
            protected_groups: globs(&project.protected.groups),
            user_domains: domains.unwrap_or_else(GlobSet::empty),
            group_names: names,
            group_except: except,
            manage: project.manage.clone(),
        }
    }

    /// Where `address` stands. A link is protected if one of its ends is, and stands where its
    /// group stands: the members of a group belong to the group.
    #[must_use]
    pub fn reach(&self, address: &Address) -> Reach {
        if let Some((group, user)) = address.ends() {
            return match (self.reach(&group), self.reach(&user)) {
                (Reach::Protected, _) | (_, Reach::Protected) => Reach::Protected,
                (standing, _) => standing,
            };
        }
        let key = address.key().as_str();
        let inside = match address.kind() {
            KindName::User if self.protected_users.is_match(key) => return Reach::Protected,
            KindName::Group if self.protected_groups.is_match(key) => return Reach::Protected,
            KindName::User => {
                self.user_domains.is_match(key.rsplit_once('@').map_or("", |(_, domain)| domain))
            }
            KindName::Group => self.group_names.is_match(key) && !self.group_except.is_match(key),
            KindName::Binding => self.manage.bindings.is_some(),
            KindName::Domain | KindName::Membership => true,
        };
        if inside { Reach::Managed } else { Reach::Outside }
    }

    /// What to do with a managed thing of this kind that nobody declares.
    #[must_use]
    pub fn on_remove(&self, kind: KindName) -> OnRemove {
        match kind {
            KindName::User => self.manage.users.as_ref().map(|users| users.on_remove),
            KindName::Group => self.manage.groups.as_ref().map(|groups| groups.on_remove),
            KindName::Binding => self.manage.bindings,
            KindName::Domain | KindName::Membership => None,
        }
        .unwrap_or_default()
    }
}
