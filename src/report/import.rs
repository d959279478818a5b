//! A live organization as YAML that a person can review: sorted, one file a group, only what
//! `manage` asks for, and such that the plan after it is empty.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::config::{MembersDefault, Project};
use crate::kind::{
    Address, EXTENSION_PREFIX, Family, FieldName, GREENLAKE_POSIX_URN, GREENLAKE_USER_URN, Key,
    KeyForm, KindName, Level, WHOLE_WORKSPACE,
};
use crate::live::{Hold, Live, Member, Object, Usability};
use crate::plan::{Jurisdiction, Reach, is_unassigned};

/// What a live organization says, as files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The text of each file, by its path inside the folder they go to.
    pub files: BTreeMap<String, String>,
    /// How many things of each kind were written.
    pub written: BTreeMap<KindName, u64>,
    /// How many were left out, by kind and reason.
    pub left_out: BTreeMap<(KindName, String), u64>,
}

/// Writes what is live and managed. `to_yaml` turns one document into YAML.
///
/// # Errors
///
/// What `to_yaml` says.
pub fn import<E>(
    project: &Project,
    live: &Live,
    to_yaml: impl Fn(&Value) -> Result<String, E>,
) -> Result<Imported, E> {
    let mut importer = Importer::new(project, live);
    let documents = importer.documents();
    let files = documents.iter().map(|(path, document)| Ok((path.clone(), to_yaml(document)?)));
    let files = files.collect::<Result<_, E>>()?;
    let Importer { written, left_out, .. } = importer;
    Ok(Imported { files, written, left_out })
}

struct Importer<'a> {
    project: &'a Project,
    live: &'a Live,
    reach: Jurisdiction,
    /// The places of the users and groups that are written.
    kept: BTreeSet<usize>,
    written: BTreeMap<KindName, u64>,
    left_out: BTreeMap<(KindName, String), u64>,
}

impl<'a> Importer<'a> {
    fn new(project: &'a Project, live: &'a Live) -> Self {
        let reach = Jurisdiction::of(project);
        let (written, left_out) = (BTreeMap::new(), BTreeMap::new());
        Self { project, live, reach, kept: BTreeSet::new(), written, left_out }
    }

    /// The documents, by path.
    fn documents(&mut self) -> BTreeMap<String, Value> {
        self.choose();
        // One section a kind, and one file a group.
        let mut sections: BTreeMap<KindName, Map<String, Value>> = BTreeMap::new();
        let mut groups: BTreeMap<&str, (KindName, Value)> = BTreeMap::new();
        for &place in &self.kept {
            let Some(object) = self.live.objects().get(place) else { continue };
            match object.kind.family() {
                Family::Group => {
                    groups.insert(name(object), (object.kind, self.group(object)));
                }
                Family::Subject | Family::Scope | Family::Plain => {
                    let section = sections.entry(object.kind).or_default();
                    section.insert(written_key(object), self.fields(object));
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
    fn choose(&mut self) {
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
    fn fields(&self, object: &Object) -> Value {
        let mut body = Map::new();
        let held = matches!(object.hold, Some(Hold::Elsewhere(_)));
        for (field, value) in object.fields.iter().filter(|_| !held) {
            let value = said(value).filter(|value| self.is_declared(object, field, value));
            if let Some(value) = value {
                put(&mut body, field, value);
            }
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
    fn group(&self, object: &Object) -> Value {
        let mut body = self.fields(object);
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

/// The object's own name, as the target writes it.
fn name(object: &Object) -> &str {
    let field = object.kind.spec().name.and_then(|field| object.fields.get(field));
    field.and_then(Value::as_str).unwrap_or(object.key.as_str())
}

/// The object's key in YAML: its name, behind its workspace where the name is unique only there.
fn written_key(object: &Object) -> String {
    match object.kind.spec().key {
        KeyForm::Name | KeyForm::Domain => name(object).to_owned(),
        KeyForm::InWorkspace => {
            let workspace = object.key.as_str().split('/').next().unwrap_or_default();
            format!("{workspace}/{}", name(object))
        }
    }
}

/// Whether an object has reached the state that every declared one is to have.
fn is_settled(object: &Object) -> bool {
    let mut wanted = object.kind.spec().always.iter();
    wanted.all(|(field, value)| object.fields.get(*field).is_none_or(|state| state == value))
}

/// The value without texts of blanks alone, which the files refuse to declare; `None`: nothing else
/// is in it.
fn said(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.trim().is_empty() => None,
        Value::Object(parts) => {
            let parts = parts.iter().filter_map(|(name, part)| Some((name.clone(), said(part)?)));
            let parts: Map<String, Value> = parts.collect();
            (!parts.is_empty()).then_some(Value::Object(parts))
        }
        other => Some(other.clone()),
    }
}

/// Whether the only address is the user's own name.
fn is_own_address(object: &Object, emails: &Value) -> bool {
    let own = name(object);
    let is_own = |one: &Value| {
        one.get("value")
            .and_then(Value::as_str)
            .is_some_and(|value| Key::new(value) == Key::new(own))
    };
    emails.as_array().is_some_and(|all| all.len() == 1 && all.iter().all(is_own))
}

/// Writes a field under the name it has in YAML.
fn put(body: &mut Map<String, Value>, field: &FieldName, value: Value) {
    match field.as_str() {
        GREENLAKE_USER_URN => {
            if let Some(country) = value.get("countryCode").filter(|code| !is_unassigned(code)) {
                body.insert("countryCode".to_owned(), country.clone());
            }
        }
        GREENLAKE_POSIX_URN => {
            body.insert("posix".to_owned(), value);
        }
        urn if urn.starts_with(EXTENSION_PREFIX) => {
            let extensions = body.entry("extensions").or_insert_with(|| json!({}));
            extensions[urn] = value;
        }
        plain => {
            body.insert(plain.to_owned(), value);
        }
    }
}

fn binding(object: &Object, principal: &Object) -> Value {
    let mut body = Map::new();
    for field in ["role", "workspace"] {
        if let Some(value) = object.fields.get(field) {
            body.insert(field.to_owned(), value.clone());
        }
    }
    body.insert(principal.kind.as_str().to_owned(), Value::from(name(principal)));
    let scope = object.fields.get("scope").filter(|scope| **scope != json!([WHOLE_WORKSPACE]));
    if let Some(scope) = scope {
        let only = scope.as_array().filter(|scopes| scopes.len() == 1).and_then(|one| one.first());
        body.insert("scope".to_owned(), only.unwrap_or(scope).clone());
    }
    Value::Object(body)
}

/// A file for a group: its name in letters that every file system takes, and a number where two
/// names become one.
fn path(group: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String = group
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' })
        .take(100)
        .collect();
    let plain = plain.trim_matches(['-', '.']);
    let plain = if plain.is_empty() { "group" } else { plain };
    let numbered = (1..).map(|number: u32| match number {
        1 => format!("groups/{plain}.yaml"),
        _ => format!("groups/{plain}-{number}.yaml"),
    });
    for path in numbered {
        if taken.insert(path.clone()) {
            return path;
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::config::{SourceText, parse};

    fn source(name: &str, text: &str) -> SourceText {
        SourceText { name: Arc::from(name), bytes: text.as_bytes().to_vec() }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn what_a_target_says_is_what_the_file_says(
            title in "[ -~\u{e4}\u{f6}\u{20ac}]{1,40}",
            number in "[-+.0-9eExXoO_:]{1,12}",
        ) {
            // A text of blanks is never imported: `blanks_are_not_imported`.
            prop_assume!(!title.trim().is_empty());
            let document = json!({"users": {"ada@x.org": {"title": title, "nickName": number}}});
            let text = serde_yaml::to_string(&document).unwrap();
            let project = source("muster.yaml", "organization: a\ntarget: { provider: sandbox }\n\
                manage: { users: { domains: ['*'] } }\n");
            let (desired, _) = parse(&project, &[source("users.yaml", &text)], 1).unwrap();
            let ada = desired.items.get(&Address::user("ada@x.org")).unwrap();
            prop_assert_eq!(ada.fields.get("title").unwrap(), &document["users"]["ada@x.org"]["title"]);
            prop_assert_eq!(ada.fields.get("nickName").unwrap(), &document["users"]["ada@x.org"]["nickName"]);
        }
    }

    #[test]
    fn blanks_are_not_imported() {
        assert_eq!(said(&json!(" ")), None);
        assert_eq!(said(&json!({"givenName": "\u{a0}"})), None);
        let name = json!({"givenName": " ", "familyName": " Lovelace"});
        assert_eq!(said(&name), Some(json!({"familyName": " Lovelace"})));
        assert_eq!(said(&json!([" "])), Some(json!([" "])));
    }

    #[test]
    fn every_group_has_a_file_of_its_own() {
        let mut taken = BTreeSet::new();
        let paths: Vec<String> = ["Ops", "ops", "a/b", "..", "\u{fc}", "con"]
            .iter()
            .map(|name| path(name, &mut taken))
            .collect();
        let wanted = ["ops", "ops-2", "a-b", "group", "group-2", "con"];
        assert_eq!(paths, wanted.map(|name| format!("groups/{name}.yaml")));
    }
}
