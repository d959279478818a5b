//! A provider in memory whose objects are muster's own, for runs by the thousand: each step looks,
//! is proved and is sent, as every writer does it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use muster::apply::{MemberNames, Op, Proof, Receipt, Report, Step, Unproved, Writer};
use muster::kind::{Address, Family, FieldName, Key};
use muster::live::{AccountStatus, Live, Member, Object, RemoteId, Seen};
use serde_json::Value;

use super::case::{ADMINS, BY_GROUP, DIRECT, NAMED, OPERATORS, ROLE};
use super::sight::Sight;
use super::witness::{Place, Route, Target, Witness};

/// What the provider holds.
#[derive(Clone)]
pub(crate) struct Server {
    objects: BTreeMap<(Family, String), Object>,
    made: usize,
    refused: Option<(String, String)>,
    is_lost: bool,
}

impl Server {
    /// The objects of a read; members are ids.
    pub(crate) fn of(live: &Live) -> Self {
        let id = |place: &u32| live.objects()[*place as usize].id.as_str().into();
        let objects = live.objects().iter().map(|object| {
            let mut object = object.clone();
            for member in object.members.iter_mut().flatten() {
                if let Member::Known(place) = member {
                    *member = Member::Unknown(id(place));
                }
            }
            ((object.kind.family(), object.id.compared().into_owned()), object)
        });
        Self { objects: objects.collect(), made: 0, refused: None, is_lost: false }
    }

    pub(crate) fn all(&self, family: Family) -> impl Iterator<Item = &Object> {
        self.objects.values().filter(move |object| object.kind.family() == family)
    }

    pub(crate) fn named(&self, family: Family, name: &str) -> Option<&Object> {
        self.all(family).find(|object| object.key.as_str() == name)
    }

    fn at(&mut self, family: Family, id: &RemoteId) -> Option<&mut Object> {
        self.objects.get_mut(&(family, id.compared().into_owned()))
    }

    pub(crate) fn leave(&mut self, group: &RemoteId, user: &RemoteId) {
        if let Some(members) = self.at(Family::Group, group).and_then(|one| one.members.as_mut()) {
            members.retain(|member| !is_of(member, user));
        }
    }

    /// Deletes an object, with all that hangs on it.
    pub(crate) fn delete(&mut self, family: Family, id: &RemoteId) {
        let Some(gone) = self.objects.remove(&(family, id.compared().into_owned())) else { return };
        let holder = match family {
            Family::Subject => Address::of_subject(gone.key),
            Family::Group => Address::of_group(gone.key),
            _ => return,
        };
        self.revoke(&holder);
        let groups: Vec<RemoteId> = self.all(Family::Group).map(|one| one.id.clone()).collect();
        groups.iter().for_each(|group| self.leave(group, id));
    }

    /// Takes every role of a holder.
    pub(crate) fn revoke(&mut self, holder: &Address) {
        let holder = holder.to_string();
        let is_held = |one: &Object| text(one, "principal") == holder;
        self.objects.retain(|_, one| one.kind.family() != Family::Grant || !is_held(one));
    }

    fn take_one(&mut self, route: Route, name: &str) {
        let Some(user) = self.named(Family::Subject, name).map(|user| user.id.clone()) else {
            return;
        };
        match route {
            Route::Off => {
                if let Some(user) = self.at(Family::Subject, &user) {
                    user.fields.insert(FieldName::other("active"), Value::Bool(false));
                    user.seen.status = Some(AccountStatus::Closed);
                }
            }
            Route::Deleted => self.delete(Family::Subject, &user),
            _ => {
                for group in [ADMINS, OPERATORS] {
                    let group = self.named(Family::Group, group).map(|group| group.id.clone());
                    group.iter().for_each(|group| self.leave(group, &user));
                }
                self.revoke(&Address::user(name));
            }
        }
    }

    fn take_all(&mut self, route: Route) {
        let name = if matches!(route, Route::OperatorsGo) { OPERATORS } else { ADMINS };
        let group = self.named(Family::Group, name).map(|group| group.id.clone());
        match (route, group) {
            (Route::RoleGoes, _) => self.revoke(&Address::group(OPERATORS)),
            (Route::AdminsRenamed, Some(group)) => {
                if let Some(group) = self.at(Family::Group, &group) {
                    group.key = Key::new("others");
                    group.fields.insert(FieldName::other("displayName"), "others".into());
                }
            }
            (_, Some(group)) => self.delete(Family::Group, &group),
            (_, None) => {}
        }
    }

    /// The object that a step writes, with its members by their ids.
    fn seen(&mut self, op: &Op, ids: &BTreeMap<Address, RemoteId>) -> Option<&mut Object> {
        let address = op.address();
        match op {
            Op::Create { .. } => None,
            Op::Update { remote, .. } | Op::Delete { remote, .. } => {
                self.at(address.family(), remote)
            }
            _ => self.at(Family::Group, ids.get(address)?),
        }
    }

    /// Makes a step true.
    fn send(&mut self, op: &Op, ids: &BTreeMap<Address, RemoteId>) -> Option<RemoteId> {
        match op {
            Op::Create { address, fields, .. } => {
                self.made += 1;
                let id = RemoteId::new(&format!("made-{}", self.made));
                let object = Object {
                    kind: address.kind(),
                    id: id.clone(),
                    key: address.key().clone(),
                    fields: fields.clone(),
                    version: None,
                    members: (address.family() == Family::Group).then(Vec::new),
                    hold: None,
                    seen: Seen::default(),
                };
                self.objects.insert((address.family(), id.as_str().to_owned()), object);
                return Some(id);
            }
            Op::Update { address, remote, after, .. } => {
                if let Some(object) = self.at(address.family(), remote) {
                    object.fields.clone_from(after);
                    object.seen.status = None;
                    if address.family() == Family::Group {
                        object.key = Key::new(text(object, "displayName"));
                    }
                }
            }
            Op::Delete { address, remote, .. } => self.delete(address.family(), remote),
            Op::AddMembers { group, users } => {
                let added = users.iter().map(|user| Member::Unknown(ids[user].as_str().into()));
                let added: Vec<Member> = added.collect();
                if let Some(group) = self.at(Family::Group, &ids[group]) {
                    let members = group.members.get_or_insert_default();
                    members.retain(|member| !added.contains(member));
                    members.extend(added);
                }
            }
            Op::RemoveMembers { group, users } => {
                users.iter().for_each(|user| self.leave(&ids[group], &ids[user]));
            }
            Op::VerifyMembers { .. } => {}
        }
        None
    }
}

pub(crate) fn is_of(member: &Member, user: &RemoteId) -> bool {
    matches!(member, Member::Unknown(name) if **name == *user.as_str())
}

pub(crate) fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

impl Target for Server {
    fn sight(&self) -> Sight {
        let mut sight = Sight::default();
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for user in self.all(Family::Subject) {
            let is_off = user.fields.get("active") == Some(&Value::Bool(false));
            sight.person(user.key.as_str(), !is_off);
            names.insert(user.id.as_str(), user.key.as_str());
        }
        let is_whole = |object: &&Object| {
            let scopes = object.fields.get("scope").and_then(Value::as_array);
            scopes.is_none_or(|scopes| scopes.iter().any(|scope| scope == "workspace"))
        };
        let held = self.all(Family::Grant).filter(|one| text(one, "role") == ROLE);
        let held: Vec<&str> = held.filter(is_whole).map(|one| text(one, "principal")).collect();
        for group in self.all(Family::Group) {
            let way = match group.key.as_str() {
                ADMINS => NAMED,
                OPERATORS if held.contains(&"group/operators") => BY_GROUP,
                _ => continue,
            };
            for member in group.members.iter().flatten() {
                let Member::Unknown(id) = member else { continue };
                sight.add(names.get(&**id).copied().unwrap_or_default(), way);
            }
        }
        held.iter()
            .filter_map(|who| who.strip_prefix("user/"))
            .for_each(|who| sight.add(who, DIRECT));
        sight
    }

    fn strike(&mut self, route: Route, who: &str) {
        if route.is_of_one() { self.take_one(route, who) } else { self.take_all(route) }
    }

    fn refuse(&mut self, (method, path): Place<'_>) {
        self.refused = Some((method.to_owned(), path.to_owned()));
    }

    fn lose(&mut self) {
        self.is_lost = true;
    }
}

/// The provider, by whatever somebody else does to it.
pub(crate) trait Modelled: Target + Send {
    fn server(&mut self) -> &mut Server;
}

impl Modelled for Server {
    fn server(&mut self) -> &mut Server {
        self
    }
}

/// The way to the provider, with a witness beside it.
pub(crate) struct Way<T>(pub(crate) Mutex<(T, Witness)>);

impl<T: Modelled> Way<T> {
    /// Looks at the object that a step writes.
    fn observe(&self, op: &Op, ids: &BTreeMap<Address, RemoteId>) -> Option<Object> {
        let (target, witness) = &mut *self.0.lock().unwrap();
        witness.before(target, None);
        target.server().seen(op, ids).cloned()
    }

    /// Sends a step; `Err`: it is not known to be made.
    fn send(&self, op: &Op, ids: &BTreeMap<Address, RemoteId>) -> Result<Option<RemoteId>, ()> {
        let (target, witness) = &mut *self.0.lock().unwrap();
        let path = op.address().to_string();
        witness.before(target, Some((op.verb(), &path)));
        let server = target.server();
        let is_refused = server.refused == Some((op.verb().to_owned(), path));
        let made = if is_refused { None } else { Some(server.send(op, ids)) };
        let is_lost = std::mem::take(&mut server.is_lost);
        witness.after(target);
        made.filter(|_| !is_lost).ok_or(())
    }
}

impl<T: Modelled> Writer for Way<T> {
    async fn look(&self, address: &Address, id: &RemoteId) -> Result<Option<Object>, String> {
        let (target, witness) = &mut *self.0.lock().unwrap();
        witness.before(target, None);
        Ok(target.server().at(address.family(), id).cloned())
    }

    async fn write(
        &self,
        step: &Step,
        ids: &BTreeMap<Address, RemoteId>,
        proof: &dyn Proof,
    ) -> Report {
        let op = &step.op;
        let seen = self.observe(op, ids);
        if let Some(receipt) = settled(op, seen.as_ref(), ids) {
            return receipt.into();
        }
        let members: Option<MemberNames> = seen.as_ref().and_then(|seen| {
            let name = |member: &Member| match member {
                Member::Unknown(name) => Some(name.clone()),
                Member::Known(_) => None,
            };
            Some(seen.members.as_ref()?.iter().filter_map(name).collect())
        });
        match proof.prove(members.as_ref()).await {
            Err(Unproved::Moved(cause)) => return Receipt::Stale { cause }.into(),
            Err(Unproved::Unread(cause)) => return Receipt::Failed { cause }.into(),
            Ok(()) => {}
        }
        match self.send(op, ids) {
            Ok(id) => Receipt::Done { id }.into(),
            Err(()) => Receipt::Failed { cause: "nobody knows".to_owned() }.into(),
        }
    }
}

/// The receipt of a step of which nothing is sent, by what was seen.
fn settled(op: &Op, seen: Option<&Object>, ids: &BTreeMap<Address, RemoteId>) -> Option<Receipt> {
    let has = |user: &Address| {
        let members = seen.and_then(|seen| seen.members.as_ref()).into_iter().flatten();
        members.into_iter().any(|member| is_of(member, &ids[user]))
    };
    let stale = || Some(Receipt::Stale { cause: "it is not what the plan saw".to_owned() });
    let so = || Some(Receipt::AlreadySo { id: None });
    match (op, seen) {
        (Op::Create { .. }, _) => None,
        (Op::Delete { .. }, None) => so(),
        (Op::RemoveMembers { users, .. }, _) if !users.iter().any(has) => so(),
        (Op::AddMembers { users, .. }, Some(_)) if users.iter().all(has) => so(),
        (Op::VerifyMembers { present, absent, .. }, Some(_)) => {
            let is_so = present.iter().all(has) && !absent.iter().any(has);
            let cause = || "it does not show".to_owned();
            Some(if is_so {
                Receipt::Done { id: None }
            } else {
                Receipt::Failed { cause: cause() }
            })
        }
        (Op::Update { expect, .. } | Op::Delete { expect, .. }, Some(seen)) => {
            if seen.fingerprint() == *expect { None } else { stale() }
        }
        (_, None) => stale(),
        (Op::AddMembers { .. } | Op::RemoveMembers { .. }, Some(_)) => None,
    }
}
