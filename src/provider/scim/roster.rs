//! Rosters: who is in a group, as one look at it showed.

use std::collections::BTreeSet;

use crate::kind::{Address, Key};
use crate::live::RemoteId;

use super::dialect::{Dialect, MemberValue};
use super::fetch::InGroup;

/// A user, by name and id.
pub(super) type User<'a> = (&'a Address, &'a RemoteId);

/// Who is in a group, in the form in which the server names members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Roster {
    users: BTreeSet<Box<str>>,
    nested: BTreeSet<Box<str>>,
}

impl Roster {
    /// The members of a group that was just read.
    pub(super) fn of(group: &InGroup, dialect: &Dialect) -> Self {
        let nested: BTreeSet<Box<str>> = group.nested.iter().cloned().collect();
        let users = group.names.iter().filter(|name| !nested.contains(*name));
        let users = users.map(|name| match dialect.member_value {
            MemberValue::Id | MemberValue::Ref => Box::from(dialect.joined(name)),
            MemberValue::UserName => Key::new(name).as_str().into(),
        });
        Self { users: users.collect(), nested }
    }

    /// Whether the user is in it.
    pub(super) fn has(&self, user: User<'_>, dialect: &Dialect) -> bool {
        self.users.contains(&*name_of(user, dialect))
    }

    /// Everybody and everything in it, by what the server calls them.
    pub(super) fn names(&self) -> impl Iterator<Item = &Box<str>> {
        self.users.iter().chain(&self.nested)
    }

    /// Whether nobody is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Whether the user is in it by `userName`, whatever the dialect says.
    pub(super) fn has_name(&self, user: &Address) -> bool {
        self.users.iter().any(|name| Key::new(name).as_str() == user.key().as_str())
    }

    /// The members that are not in `other` and not among `but`, by what the server calls them.
    pub(super) fn without(&self, other: &Self, but: &BTreeSet<Box<str>>) -> Vec<Box<str>> {
        let users = self.users.difference(&other.users).filter(|name| !but.contains(*name));
        users.chain(self.nested.difference(&other.nested)).cloned().collect()
    }
}

/// What a user is called among members.
pub(super) fn name_of((address, id): User<'_>, dialect: &Dialect) -> Box<str> {
    match dialect.member_value {
        MemberValue::Id | MemberValue::Ref => Box::from(dialect.joined(id.as_str())),
        MemberValue::UserName => address.key().as_str().into(),
    }
}

/// The first few of some names.
pub(super) fn some<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len().saturating_sub(3);
    let shown: Vec<_> = names.take(3).map(|name| format!("`{name}`")).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// What to say of those who joined a group and whom no step names; and, where its members are
/// administrators, why nothing more is written.
pub(super) fn joined(
    group: &Address,
    names: &[Box<str>],
    makes_administrators: bool,
) -> (String, Option<String>) {
    let came = some(names.iter().map(|name| &**name));
    let cause = format!("{came} joined `{group}`, and no step asks for it");
    let is_grave = makes_administrators && !names.is_empty();
    let halt = is_grave.then(|| format!("an administrator nobody planned: {cause}"));
    (cause, halt)
}

/// What may be behind users that are not in a group although they were added, by what it shows.
pub(super) fn unshown(roster: Option<&Roster>, lacking: &[&Address]) -> &'static str {
    let Some(roster) = roster.filter(|_| !lacking.is_empty()) else { return "" };
    if roster.is_empty() {
        return "; if this server never shows members, `target.dialect.members: never` says so, \
                and they can be left out of the YAML";
    }
    if lacking.iter().any(|user| roster.has_name(user)) {
        return "; this server seems to show members by their userName: \
                `target.dialect.memberValue: userName` reads it";
    }
    ""
}
