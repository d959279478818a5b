//! What a change does to the administrators.

use crate::kind::{Address, Family, Key};

/// What one change does to the set of administrators.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delta {
    /// The user exists from here on.
    Appear {
        /// Who.
        user: Key,
        /// Whether its person can sign in.
        active: bool,
    },
    /// The user is gone.
    Vanish(Key),
    /// Its person can sign in, or no longer.
    Activate {
        /// Who.
        user: Key,
        /// Whether the person can from here on.
        active: bool,
    },
    /// The user is in one more administrators' group.
    Join {
        /// Who.
        user: Key,
        /// Which group.
        group: Key,
    },
    /// The user is in one less.
    Leave {
        /// Who.
        user: Key,
        /// Which group.
        group: Key,
    },
    /// The group is gone, and every role it had with it.
    Disband(Key),
    /// A user or group makes administrators in one more way.
    Grant {
        /// By which demand.
        demand: usize,
        /// Who.
        principal: Address,
        /// In which workspace; `None`: by its name.
        workspace: Option<String>,
    },
    /// A user or group makes administrators in one way less.
    Revoke {
        /// By which demand.
        demand: usize,
        /// Who.
        principal: Address,
        /// In which workspace; `None`: by its name.
        workspace: Option<String>,
    },
}

impl Delta {
    /// Whether it can only lower the number of administrators. The order that keeps the most of
    /// them at every instant is: all others first, these last.
    #[must_use]
    pub const fn lowers(&self) -> bool {
        match self {
            Self::Appear { .. } | Self::Join { .. } | Self::Grant { .. } => false,
            Self::Activate { active, .. } => !*active,
            Self::Vanish(_) | Self::Leave { .. } | Self::Disband(_) | Self::Revoke { .. } => true,
        }
    }

    /// The change that gives back what this one takes; `None` where it takes nothing, or where an
    /// account or a group is gone.
    #[must_use]
    pub fn opposite(&self) -> Option<Self> {
        match self.clone() {
            Self::Activate { user, active: false } => Some(Self::Activate { user, active: true }),
            Self::Leave { user, group } => Some(Self::Join { user, group }),
            Self::Revoke { demand, principal, workspace } => {
                Some(Self::Grant { demand, principal, workspace })
            }
            Self::Appear { .. }
            | Self::Activate { .. }
            | Self::Join { .. }
            | Self::Grant { .. }
            | Self::Vanish(_)
            | Self::Disband(_) => None,
        }
    }

    /// The user whom it is about, by itself and not through a group.
    #[must_use]
    pub fn user(&self) -> Option<&Key> {
        match self {
            Self::Appear { user, .. }
            | Self::Vanish(user)
            | Self::Activate { user, .. }
            | Self::Join { user, .. }
            | Self::Leave { user, .. } => Some(user),
            Self::Grant { principal, .. } | Self::Revoke { principal, .. } => {
                Some(principal).filter(|one| one.family() == Family::Subject).map(Address::key)
            }
            Self::Disband(_) => None,
        }
    }
}
