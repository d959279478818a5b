//! A server's first state, from a document that a person can write.
//!
//! `{"users": [{SCIM user, "id" optional}], "groups": [{"displayName": …, "members": ["userName" or
//! {"value": id}]}]}`. Members name users of the same document, or groups by their id.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::call::instant;
use super::personality::{Personality, Storage};
use super::record::{Held, Kind, Members, Record};
use super::state::{Effect, State};
use super::{identifier, normalise};

impl State {
    /// The state that a document describes, with ids of the default personality.
    ///
    /// # Errors
    /// What is wrong, with its place in the document (`users[3].userName`).
    pub fn seed(document: &Value, now: jiff::Timestamp) -> Result<State, String> {
        State::seed_for(document, now, &Personality::default())
    }

    /// The same with ids and names as that server would have made them.
    ///
    /// # Errors
    /// What is wrong, with its place in the document.
    pub fn seed_for(
        document: &Value,
        now: jiff::Timestamp,
        personality: &Personality,
    ) -> Result<State, String> {
        let Value::Object(document) = document else {
            return Err("the seed is not a JSON object".into());
        };
        if let Some(other) = document.keys().find(|key| *key != "users" && *key != "groups") {
            return Err(format!("`{other}`: the seed has `users` and `groups`, nothing else"));
        }
        let mut seed = Seed { state: State::default(), now: instant(now), personality };
        for (place, user) in objects(document, "users")? {
            seed.add(Kind::User, &place, user)?;
        }
        for (place, group) in objects(document, "groups")? {
            seed.add(Kind::Group, &place, group)?;
        }
        Ok(seed.state)
    }
}

/// An object and its place in the document.
type Placed<'a> = (String, &'a Map<String, Value>);

fn objects<'a>(document: &'a Map<String, Value>, name: &str) -> Result<Vec<Placed<'a>>, String> {
    let elements = match document.get(name) {
        None => return Ok(Vec::new()),
        Some(Value::Array(elements)) => elements,
        Some(_) => return Err(format!("`{name}` is not an array")),
    };
    let object = |(at, element): (usize, &'a Value)| {
        let place = format!("{name}[{at}]");
        match element {
            Value::Object(map) => Ok((place, map)),
            _ => Err(format!("`{place}` is not an object")),
        }
    };
    elements.iter().enumerate().map(object).collect()
}

struct Seed<'a> {
    state: State,
    now: Arc<str>,
    personality: &'a Personality,
}

impl Seed<'_> {
    fn add(&mut self, kind: Kind, place: &str, body: &Map<String, Value>) -> Result<(), String> {
        let rules = Storage { schemas_required: false, ..self.personality.storage };
        let input = normalise::body(kind, body, &rules)
            .map_err(|refusal| format!("`{place}`: {}", refusal.detail))?;
        let mut attributes = input.attributes;
        if kind == Kind::User {
            normalise::name_new_user(&mut attributes, &rules);
        }
        let name = attributes.get(kind.key()).and_then(Value::as_str).unwrap_or_default();
        if name.is_empty() {
            return Err(format!("`{place}.{}` is missing", kind.key()));
        }
        let taken = self.state.table(kind).named(name).any(|_| kind == Kind::User);
        if taken && rules.caseless {
            return Err(format!("`{place}.{}`: `{name}` is there already", kind.key()));
        }
        let serial = self.state.next_serial(kind);
        let id = match body.get("id") {
            None => identifier::issue(rules.id, kind, serial, &attributes),
            Some(Value::String(id)) if !id.is_empty() => Arc::from(id.as_str()),
            Some(_) => return Err(format!("`{place}.id` is not a string")),
        };
        if self.state.table(kind).find(&id).is_some() {
            return Err(format!("`{place}.id`: `{id}` is there already"));
        }
        let members = match &input.members {
            None | Some(Value::Null) => Members::new(),
            Some(value) => self.members(place, value)?,
        };
        self.state.apply(&Effect::Put(Arc::new(Record {
            kind,
            serial,
            id,
            attributes,
            members,
            created: Arc::clone(&self.now),
            modified: Arc::clone(&self.now),
            version: 1,
            broken: false,
        })));
        Ok(())
    }

    fn members(&self, place: &str, value: &Value) -> Result<Members, String> {
        let Value::Array(elements) = value else {
            return Err(format!("`{place}.members` is not an array"));
        };
        let mut members = Members::new();
        for (at, element) in elements.iter().enumerate() {
            let spot = format!("{place}.members[{at}]");
            let (id, place) = match element {
                Value::String(name) => {
                    let user = self.state.table(Kind::User).named(name).next();
                    let user = user.ok_or_else(|| format!("`{spot}`: no user `{name}`"))?;
                    (Arc::clone(&user.id), Some(user.place()))
                }
                other => match other.get("value").and_then(Value::as_str) {
                    Some(id) => self.state.found(id),
                    None => return Err(format!("`{spot}` is neither a userName nor a `value`")),
                },
            };
            members.entry(id).or_insert(Held { times: 0, place }).times += 1;
        }
        Ok(members)
    }
}
