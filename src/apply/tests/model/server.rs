//! The server of the model: small enough to be one state of many.

use std::collections::BTreeMap;

use serde_json::json;

use crate::apply::Op;
use crate::kind::{Address, Key, KindName};
use crate::live::{Capabilities, Live, Member, Object, Page, Partial, RemoteId, Seen};

/// The number of groups whose members are administrators.
pub(super) const GROUPS: usize = 3;
/// The number of people.
pub(super) const PEOPLE: usize = 6;

/// The members of each group, those who can sign in, and those who are there at all; one bit a
/// person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Server {
    pub(super) members: [u8; GROUPS],
    pub(super) active: u8,
    pub(super) there: u8,
}

/// The effect of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Effect {
    /// These people join the group.
    Add(usize, u8),
    /// These people leave the group.
    Remove(usize, u8),
    /// The person can sign in from here on, or no longer.
    Activate(usize, bool),
    /// The person is gone.
    Delete(usize),
}

impl Effect {
    /// The effect of a step; `None` where it writes nothing.
    pub(super) fn of(op: &Op) -> Option<Self> {
        let all = |users: &[Address]| {
            users.iter().filter_map(person).fold(0, |all, person| all | 1 << person)
        };
        match op {
            Op::AddMembers { group, users } => Some(Self::Add(number(group)?, all(users))),
            Op::RemoveMembers { group, users } => Some(Self::Remove(number(group)?, all(users))),
            Op::Update { address, after, .. } => {
                let active = after.get("active").and_then(serde_json::Value::as_bool);
                Some(Self::Activate(person(address)?, active.unwrap_or(true)))
            }
            Op::Delete { address, .. } => Some(Self::Delete(person(address)?)),
            Op::Create { .. } | Op::VerifyMembers { .. } => None,
        }
    }

    /// Whether it is this, or this for fewer people: whoever cannot be made is left out.
    pub(super) fn is_part_of(self, whole: Self) -> bool {
        match (self, whole) {
            (Self::Add(group, some), Self::Add(of, all))
            | (Self::Remove(group, some), Self::Remove(of, all)) => group == of && some & !all == 0,
            _ => self == whole,
        }
    }

    /// The effect that gives back what this one takes.
    pub(super) fn opposite(self) -> Option<Self> {
        match self {
            Self::Remove(group, people) => Some(Self::Add(group, people)),
            Self::Activate(person, false) => Some(Self::Activate(person, true)),
            Self::Add(..) | Self::Activate(..) | Self::Delete(_) => None,
        }
    }
}

impl Server {
    /// The number of people who administer.
    pub(super) fn administrators(self) -> u32 {
        (self.members.iter().fold(0, |all, some| all | some) & self.active & self.there)
            .count_ones()
    }

    /// The server after a write.
    pub(super) fn after(mut self, effect: Effect) -> Self {
        match effect {
            Effect::Add(group, people) => self.members[group] |= people & self.there,
            Effect::Remove(group, people) => self.members[group] &= !people,
            Effect::Activate(person, true) => self.active |= 1 << person & self.there,
            Effect::Activate(person, false) => self.active &= !(1 << person),
            Effect::Delete(person) => {
                let others = !(1 << person);
                self.there &= others;
                self.active &= others;
                self.members.iter_mut().for_each(|members| *members &= others);
            }
        }
        self
    }

    /// The members of a group, by what the target calls them.
    pub(super) fn names(self, group: usize) -> impl Iterator<Item = Box<str>> {
        people(self.members[group]).map(|person| id(&user(person)).as_str().into())
    }

    /// One object as a look finds it.
    pub(super) fn look(self, address: &Address) -> Option<Object> {
        if let Some(group) = number(address) {
            let members = self.names(group).map(Member::Unknown).collect();
            let fields = json!({ "displayName": address.key().as_str() });
            return Some(object(address, fields, Some(members)));
        }
        let person = person(address).filter(|person| self.there >> person & 1 == 1)?;
        let active = self.active >> person & 1 == 1;
        let fields = json!({ "userName": address.key().as_str(), "active": active });
        Some(object(address, fields, None))
    }

    /// Everything, as a read shows it.
    pub(super) fn live(self) -> Live {
        let there: Vec<usize> = people(self.there).collect();
        let users = there.iter().filter_map(|person| self.look(&user(*person))).collect();
        let place = |person: usize| there.iter().position(|one| *one == person);
        let groups = (0..GROUPS).filter_map(|group| {
            let places = people(self.members[group]).filter_map(place);
            let members = places.filter_map(|place| Some(Member::Known(place.try_into().ok()?)));
            let members = members.collect();
            Some(Object { members: Some(members), ..self.look(&group_named(group))? })
        });
        let mut kinds = BTreeMap::from([(KindName::User, users)]);
        kinds.insert(KindName::Group, groups.collect());
        let listings = KindName::ALL.iter().map(|kind| {
            let objects: Vec<Object> = kinds.remove(kind).unwrap_or_default();
            let page = Page { start_index: 1, total: objects.len() as u64, objects };
            Partial::new(*kind, vec![page]).prove().unwrap()
        });
        Live::new(listings.collect(), capabilities())
    }
}

/// The people of a set.
pub(super) fn people(set: u8) -> impl Iterator<Item = usize> {
    (0..PEOPLE).filter(move |person| set >> person & 1 == 1)
}

pub(super) fn user(person: usize) -> Address {
    Address::user(&format!("p{person}@example.com"))
}

pub(super) fn group_named(group: usize) -> Address {
    Address::group(&format!("admins-{group}"))
}

fn person(address: &Address) -> Option<usize> {
    (0..PEOPLE).find(|person| user(*person) == *address)
}

pub(super) fn number(address: &Address) -> Option<usize> {
    (0..GROUPS).find(|group| group_named(*group) == *address)
}

fn id(address: &Address) -> RemoteId {
    RemoteId::new(&format!("id-{}", address.key().as_str()))
}

fn object(address: &Address, fields: serde_json::Value, members: Option<Vec<Member>>) -> Object {
    Object {
        kind: address.kind(),
        id: id(address),
        key: Key::new(address.key().as_str()),
        fields: serde_json::from_value(fields).unwrap(),
        version: None,
        members,
        hold: None,
        seen: Seen::default(),
    }
}

fn capabilities() -> Capabilities {
    let refused_kinds = BTreeMap::from([(KindName::Binding, "none here".to_owned())]);
    Capabilities { refused_kinds, ..Capabilities::of_test() }
}
