//! The choice of what is imported, and its documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::forms::{
    binding, is_own_address, is_settled, merge, name, path, put, said, written_key,
};
use super::undeclarable::Undeclarable;
use crate::config::{MembersDefault, Project};
use crate::kind::{Address, Family, FieldName, Key, KindName, Level};
use crate::live::{Hold, Live, Member, Object, Usability};
use crate::plan::{Jurisdiction, Reach, is_unassigned};

/// Turns what is live into documents.
pub(super) struct Importer<'a> {
    project: &'a Project,
    live: &'a Live,
    undeclarable: &'a Undeclarable,
    reach: Jurisdiction,
    /// The places of the users and groups that are written.
    pub(super) kept: BTreeSet<usize>,
    pub(super) written: BTreeMap<KindName, u64>,
    pub(super) left_out: BTreeMap<(KindName, String), u64>,
}

impl<'a> Importer<'a> {
    pub(super) fn new(
        project: &'a Project,
        live: &'a Live,
        undeclarable: &'a Undeclarable,
    ) -> Self {
        let reach = Jurisdiction::of(project);
        let (written, left_out) = (BTreeMap::new(), BTreeMap::new());
        Self { project, live, undeclarable, reach, kept: BTreeSet::new(), written, left_out }
    }

    /// The documents, by path.
    pub(super) fn documents(&mut self) -> BTreeMap<String, Value> {
        self.choose();
        // One section a kind, and one file a group.
        let mut sections: BTreeMap<KindName, Map<String, Value>> = BTreeMap::new();
        let mut groups: BTreeMap<&str, (KindName, Value)> = BTreeMap::new();
        for &place in &self.kept {
            let Some(object) = self.live.objects().get(place) else { continue };
            match object.kind.family() {
                Family::Group => {
                    groups.insert(name(object), (object.kind, self.group(place, object)));
                }
                Family::Subject | Family::Scope | Family::Plain => {
                    let section = sections.entry(object.kind).or_default();
                    section.insert(written_key(object), self.fields(place, object));
                }
                Family::Membership | Family::Grant => {}
            }
        }
        let mut bindings = self.bindings();
        let mut documents = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for (group, (kind, body)) in groups {
            let mut document = json!({ kind.plural(): { group: body } });
            if let Some(held) = bindings.remove(&Address::new(kind, Key::new(group))) {
                document["bindings"] = Value::Array(held);
            }
            documents.insert(path(group, &mut taken), document);
        }
        for (kind, section) in sections {
            let path = format!("{}.yaml", kind.plural());
            documents.insert(path, json!({ kind.plural(): section }));
        }
        let direct: Vec<Value> = bindings.into_values().flatten().collect();
        if !direct.is_empty() {
            documents.insert("bindings.yaml".to_owned(), json!({ "bindings": direct }));
        }
        documents
    }

    /// Decides what is written: all that is managed. A name that two have is nobody's.
    pub(super) fn choose(&mut self) {
        let mut names: BTreeMap<(KindName, &Key), u32> = BTreeMap::new();
        for object in self.live.objects() {
            *names.entry((object.kind, &object.key)).or_default() += 1;
        }
        for (place, object) in self.live.objects().iter().enumerate() {
            let address = Address::new(object.kind, object.key.clone());
            let twice = names.get(&(object.kind, &object.key)).is_some_and(|count| *count > 1);
            let role = object.kind.family() == Family::Grant;
            let unsettled = !is_settled(object);
            let why = match (self.reach.reach(&address), &object.hold) {
                (Reach::Protected, _) => "protected".to_owned(),
                (Reach::Outside, _) => "outside `manage`".to_owned(),
                (Reach::Managed, Some(Hold::Elsewhere(who))) if role => format!("managed by {who}"),
                (Reach::Managed, None) if unsettled => "about to be verified".to_owned(),
                (Reach::Managed, _) if twice => "two have this name".to_owned(),
                (Reach::Managed, _) if self.undeclarable.has(place) => {
                    "cannot be declared".to_owned()
                }
                (Reach::Managed, _) => {
                    *self.written.entry(object.kind).or_default() += 1;
                    self.kept.insert(place);
                    continue;
                }
            };
            *self.left_out.entry((object.kind, why)).or_default() += 1;
        }
    }

    /// What an object says that can be declared; of what somebody else manages, only that it is
    /// there.
    pub(super) fn fields(&self, place: usize, object: &Object) -> Value {
        let mut body = Map::new();
        for field in object.fields.keys() {
            if let Value::Object(one) = self.field(place, object, field) {
                for (name, value) in one {
                    merge(&mut body, name, value);
                }
            }
        }
        Value::Object(body)
    }

    /// What one field of an object says, under the name it has in YAML.
    pub(super) fn field(&self, place: usize, object: &Object, field: &FieldName) -> Value {
        let mut body = Map::new();
        let held = matches!(object.hold, Some(Hold::Elsewhere(_)));
        let value = object.fields.get(field).filter(|_| !held);
        let value = value.filter(|_| !self.undeclarable.has_field(place, field)).and_then(said);
        if let Some(value) = value.filter(|value| self.is_declared(object, field, value)) {
            put(&mut body, field, value);
        }
        Value::Object(body)
    }

    fn is_declared(&self, object: &Object, field: &FieldName, value: &Value) -> bool {
        let capabilities = &self.live.capabilities;
        let entry = (object.kind, field.as_str().to_owned());
        let spec = object.kind.spec().fields.iter().find(|spec| spec.name == field.as_str());
        let level = spec.map_or(Level::Core, |spec| spec.level);
        let is_key = object.kind.spec().name == Some(field.as_str());
        let kept = match level {
            Level::Core => !capabilities.unheld.contains(&entry),
            Level::Optional => capabilities.held_optional.contains(&entry),
            Level::Context | Level::Identity | Level::State => false,
        };
        // An account that can be used is the rule, and its primary address is its name.
        let goes_without_saying = match field.as_str() {
            "emails" => self.project.target.speaks_greenlake() && is_own_address(object, value),
            _ => Usability::is_default(field, value),
        };
        kept && !is_key && !goes_without_saying && !is_unassigned(value)
    }

    /// A group, with those of its members who are declared.
    fn group(&self, place: usize, object: &Object) -> Value {
        let mut body = self.fields(place, object);
        let held = matches!(object.hold, Some(Hold::Elsewhere(_)));
        let (Some(members), false) = (&object.members, held) else { return body };
        let mut names = BTreeSet::new();
        let mut others = false;
        for member in members {
            let user = match member {
                Member::Known(place) if self.kept.contains(&(*place as usize)) => {
                    self.live.objects().get(*place as usize)
                }
                Member::Known(place) => {
                    let user = self.live.objects().get(*place as usize);
                    let protected =
                        user.is_some_and(|user| self.reach.is_protected_user(&user.key));
                    others |= !protected;
                    None
                }
                Member::Unknown(_) => {
                    others = true;
                    None
                }
            };
            names.extend(user.map(name));
        }
        if let Value::Object(map) = &mut body {
            let names: Vec<Value> = names.into_iter().map(Value::from).collect();
            let default = self.project.manage.members;
            let mode = if others { MembersDefault::Additive } else { MembersDefault::Exact };
            if mode != default {
                let word = if others { "additive" } else { "exact" };
                map.insert("memberMode".to_owned(), Value::from(word));
            }
            map.insert("members".to_owned(), Value::Array(names));
        }
        body
    }

    /// The bindings that can be declared, by who holds them.
    fn bindings(&mut self) -> BTreeMap<Address, Vec<Value>> {
        let declared: BTreeMap<Address, &Object> = self
            .kept
            .iter()
            .filter_map(|place| self.live.objects().get(*place))
            .map(|object| (Address::new(object.kind, object.key.clone()), object))
            .collect();
        let mut found: BTreeMap<Address, Vec<(Key, Value)>> = BTreeMap::new();
        for place in self.kept.clone() {
            let Some(object) = self.live.objects().get(place) else { continue };
            let address = Address::new(object.kind, object.key.clone());
            let Some(holder) = address.principal() else { continue };
            let Some(principal) = declared.get(&holder) else { continue };
            let body = binding(object, principal);
            found.entry(holder).or_default().push((object.key.clone(), body));
        }
        let sorted = found.into_iter().map(|(holder, mut held)| {
            held.sort_by(|one, other| one.0.cmp(&other.0));
            (holder, held.into_iter().map(|(_, body)| body).collect())
        });
        sorted.collect()
    }
}
