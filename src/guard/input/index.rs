//! The index: users, groups, bindings and domains by name, with what follows from all of them
//! together. Rules look things up in it; they need not join, count or follow chains.

use schemars::JsonSchema;
use serde::Serialize;

use super::values::SourceView;
use crate::kind::Source;

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in the document")]
pub struct UserView {
    /// The address.
    pub address: String,
    /// Whether a file declares it.
    pub declared: bool,
    /// Whether it is there now.
    pub live: bool,
    /// Whether it is there in the end.
    pub present: bool,
    /// Whether it can be used in the end, or as soon as its person signs in for the first time.
    pub active: bool,
    /// Its e-mail domain, or "".
    pub domain: String,
    /// Its class, such as `contractor`, or "".
    pub class: String,
    /// Whether the name is marked as an address that gets no mail.
    pub pseudo_address: bool,
    /// Who else manages it, or "".
    pub managed_by: String,
    /// Whether it is protected.
    pub protected: bool,
    /// Whether it is a declared break-glass account.
    pub break_glass: bool,
    /// When it was made (RFC 3339), or "".
    pub created: String,
    /// The same in nanoseconds since 1970, or 0.
    pub created_ns: i64,
    /// When somebody last signed in with it (RFC 3339), or "".
    pub last_login: String,
    /// The same in nanoseconds since 1970, or 0.
    pub last_login_ns: i64,
    /// The groups it is directly in, in the end.
    pub groups: Vec<String>,
    /// The roles it holds in the end, by every path.
    pub roles: Vec<PathView>,
    /// The roles it holds now, by every path.
    pub roles_before: Vec<PathView>,
    /// Where it is declared, or null.
    #[schemars(with = "Option<SourceView>")]
    pub source: Option<Source>,
}

/// One way in which somebody holds a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PathView {
    /// The binding's address: look it up in `bindings`.
    pub binding: String,
    /// The group that holds the role (`group/NAME`), or "".
    pub via: String,
    /// When it ends (RFC 3339), the earlier of the membership's end and the binding's, or "".
    pub until: String,
    /// The same in nanoseconds since 1970, or 0.
    pub until_ns: i64,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in the document")]
pub struct GroupView {
    /// The address.
    pub address: String,
    /// Whether a file declares it.
    pub declared: bool,
    /// Whether it is there now.
    pub live: bool,
    /// Whether it is there in the end.
    pub present: bool,
    /// Whether it is protected.
    pub protected: bool,
    /// Who else manages it, or "".
    pub managed_by: String,
    /// Who answers for it, or "".
    pub owner: String,
    /// The roles it may hold, or null where nothing is written.
    pub baseline: Option<Vec<String>>,
    /// The classes of users it opens to.
    pub allows: Vec<String>,
    /// How many members it has in the end; -1 where that is not known.
    pub members: i64,
    /// How many members it has now; -1 where that is not known.
    pub members_before: i64,
    /// The addresses of the bindings it holds in the end.
    pub roles: Vec<String>,
    /// The groups it is directly in.
    pub parents: Vec<String>,
    /// The groups directly in it.
    pub children: Vec<String>,
    /// The groups of a cycle it is in.
    pub cycle: Vec<String>,
    /// The other groups that have exactly its members, where this plan makes it: the first of
    /// them by name, 20 at most.
    pub same_members: Vec<String>,
    /// The number of groups that `same_members` would name without its bound.
    pub same_members_count: usize,
    /// The other groups that this plan makes with exactly its members, all of them, where it is
    /// the first of them by name; null where it is not.
    pub also_made: Option<Vec<String>>,
    /// Whether it holds a privileged role in the end.
    pub privileged: bool,
    /// Where it is declared, or null.
    #[schemars(with = "Option<SourceView>")]
    pub source: Option<Source>,
}

/// A binding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in the document")]
pub struct BindingView {
    /// The address.
    pub address: String,
    /// The role.
    pub role: String,
    /// The workspace, or "" for the whole organization.
    pub workspace: String,
    /// The parts of the workspace.
    pub scope: Vec<String>,
    /// Who holds it: `group/NAME`, `user/NAME`, or "" where that is not known.
    pub principal: String,
    /// Whether the role is privileged.
    pub privileged: bool,
    /// Whether a file declares it.
    pub declared: bool,
    /// Whether it is there now.
    pub live: bool,
    /// Whether it is there in the end.
    pub present: bool,
    /// Who else manages it, or "".
    pub managed_by: String,
    /// When, why and by whom it is granted.
    #[serde(flatten)]
    pub grant: super::changes::GrantView,
    /// Where it is declared, or null.
    #[schemars(with = "Option<SourceView>")]
    pub source: Option<Source>,
}

/// A domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in the document")]
pub struct DomainView {
    /// The address.
    pub address: String,
    /// Whether a file declares it.
    pub declared: bool,
    /// Whether it is claimed now.
    pub live: bool,
    /// Whether it is claimed in the end.
    pub present: bool,
    /// Who answers for it, or "".
    pub owner: String,
    /// The connection its users sign in by in the end, or "".
    pub sso: String,
    /// The connection its users sign in by now, or "".
    pub sso_before: String,
    /// How far the claim has come, in the target's words, or "".
    pub state: String,
    /// Whether the claim is proved.
    pub verified: bool,
    /// When the target last saw the record (RFC 3339), or "".
    pub last_verified: String,
    /// The same in nanoseconds since 1970, or 0.
    pub last_verified_ns: i64,
    /// The nearest claimed or declared domain above it, or "".
    pub parent: String,
    /// The MSP tenant whose directory has its users, or "".
    pub tenant: String,
    /// Whether mail can reach it: not a name that is reserved or local.
    pub routable: bool,
    /// How many users have it in the end.
    pub users: u64,
    /// How many users have it now.
    pub users_before: u64,
    /// The addresses of some of its users, ten at most.
    pub examples: Vec<String>,
    /// Who else manages it, or "".
    pub managed_by: String,
    /// Where it is declared, or null.
    #[schemars(with = "Option<SourceView>")]
    pub source: Option<Source>,
}
