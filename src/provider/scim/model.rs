//! A small SCIM server in memory, with the habits of the servers in the field, for the tests of
//! the writer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::provider::scripted::Scripted;
use crate::provider::{Method, Request, Response, TransportError};

type Answer = Result<Response, TransportError>;

/// What a server does that the RFCs do not say, or leave open.
#[derive(Clone, Debug, Default)]
pub(super) struct Habits {
    /// Members one request may name; beyond it, 400.
    pub(super) most_members: Option<usize>,
    /// Removal by filter is 501; by value it works.
    pub(super) removes_by_value: bool,
    /// Adding a member who is there adds a second.
    pub(super) doubles_members: bool,
    /// A user attribute that `PATCH` is refused for, with this status; `PUT` works.
    pub(super) patch_refused: Option<u16>,
    /// An attribute that is dropped without a word.
    pub(super) forgets: Option<&'static str>,
    /// Deleting a user deactivates it.
    pub(super) deactivates: bool,
    /// `If-Match` is demanded, with `meta.version`.
    pub(super) versions: bool,
    /// Somebody else writes after every read, so that the version moves on.
    pub(super) busy: bool,
    /// The numbers of the writes whose answers are lost after they were done.
    pub(super) loses: Vec<usize>,
    /// How many reads of a new object answer 404 first.
    pub(super) lags: usize,
    /// Adding members replaces the list.
    pub(super) add_replaces: bool,
    /// Removing one member empties the group.
    pub(super) remove_empties: bool,
    /// Whoever joins a group with every write of its members, unasked.
    pub(super) joins: Option<&'static str>,
    /// Whoever joins a group with every write of the group, unasked.
    pub(super) joins_always: Option<&'static str>,
    /// Whoever is in a new group from the start, unasked.
    pub(super) starts_with: Option<&'static str>,
    /// An object that is patched is deleted.
    pub(super) deletes: bool,
    /// A new account is inactive, whatever is sent and whatever the answer says.
    pub(super) starts_inactive: bool,
    /// A user attribute that every write of the user takes away.
    pub(super) erases: Option<&'static str>,
    /// The members that a new group is created with are left out.
    pub(super) drops_first_members: bool,
    /// A new group with members is refused.
    pub(super) refuses_first_members: bool,
    /// What a new user is called, whatever is sent.
    pub(super) renames: Option<&'static str>,
}

#[derive(Default)]
pub(super) struct World {
    pub(super) objects: BTreeMap<String, Value>,
    created: usize,
    writes: usize,
    lag: usize,
}

/// The server, and its world to look at.
pub(super) fn server(habits: Habits, objects: &[Value]) -> (Scripted, Arc<Mutex<World>>) {
    let mut world = World::default();
    for object in objects {
        world.objects.insert(object["id"].as_str().unwrap_or_default().to_owned(), object.clone());
    }
    let world = Arc::new(Mutex::new(world));
    let shared = Arc::clone(&world);
    let fake = Scripted::answering(move |request| {
        let mut world = shared.lock().map_err(|_| TransportError::Lost(String::new()))?;
        let answer = world.answer(&habits, request);
        if request.method.is_write() {
            world.writes += 1;
            if habits.loses.contains(&world.writes) {
                return Err(TransportError::Lost("cut".to_owned()));
            }
        }
        answer
    });
    (fake, world)
}

impl World {
    pub(super) fn members(&self, group: &str) -> Vec<&str> {
        let members = self.objects[group]["members"].as_array();
        members.into_iter().flatten().filter_map(|member| member["value"].as_str()).collect()
    }

    fn answer(&mut self, habits: &Habits, request: &Request) -> Answer {
        let body = request.body.as_ref().unwrap_or(&Value::Null);
        let Some(id) = request.path.get(1) else {
            return match request.method {
                Method::Post => self.create(habits, body),
                _ => self.list(request),
            };
        };
        if self.lag > 0 {
            self.lag -= 1;
            return Scripted::status(404, "");
        }
        let Some(object) = self.objects.get_mut(id) else { return Scripted::status(404, "") };
        if habits.versions && request.method.is_write() {
            if request.if_match.is_none() {
                return Scripted::status(428, "");
            }
            let is_met = request.if_match.as_deref() == object["meta"]["version"].as_str();
            if !is_met {
                return Scripted::status(412, "");
            }
        }
        match request.method {
            Method::Delete if habits.deactivates => object["active"] = json!(false),
            Method::Delete => {
                self.objects.remove(id);
                return Scripted::status(204, "");
            }
            Method::Put => *object = body.clone(),
            Method::Patch => match patch(habits, object, body) {
                200 => {}
                status => return Scripted::status(status, "{\"detail\":\"no\"}"),
            },
            _ => {}
        }
        if let (true, Some(id)) = (request.method == Method::Patch, habits.joins_always) {
            let mut members = object["members"].as_array().cloned().unwrap_or_default();
            members.push(json!({"value": id}));
            object["members"] = Value::Array(members);
        }
        if request.method == Method::Patch && habits.deletes {
            let answer = Scripted::json(object);
            self.objects.remove(id);
            return answer;
        }
        if let (true, Some(name)) = (request.method.is_write(), habits.erases) {
            object.as_object_mut().map(|map| map.remove(name));
        }
        if let Some(name) = habits.forgets
            && let Some(map) = object.as_object_mut()
        {
            map.remove(name);
        }
        let answer = Scripted::json(object);
        if habits.busy {
            let version = object["meta"]["version"].as_str().unwrap_or_default();
            object["meta"]["version"] = json!(format!("{version}+"));
        }
        answer
    }

    fn create(&mut self, habits: &Habits, body: &Value) -> Answer {
        let name = |value: &Value| {
            let name = value.get("userName").or_else(|| value.get("displayName"));
            name.and_then(Value::as_str).map(str::to_lowercase)
        };
        if self.objects.values().any(|other| name(other) == name(body)) {
            return Scripted::status(409, "{\"scimType\":\"uniqueness\",\"detail\":\"taken\"}");
        }
        if habits.refuses_first_members && body.get("members").is_some() {
            return Scripted::status(400, "{\"detail\":\"no members here\"}");
        }
        self.created += 1;
        self.lag = habits.lags;
        let mut object = body.clone();
        if habits.drops_first_members {
            object.as_object_mut().map(|map| map.remove("members"));
        }
        if let (Some(members), Some(id)) = (object["members"].as_array_mut(), habits.joins) {
            members.push(json!({"value": id}));
        }
        if let Some(id) = habits.starts_with {
            object["members"] = json!([{"value": id}]);
        }
        object["id"] = json!(format!("new{}", self.created));
        if let Some(name) = habits.renames {
            object["userName"] = json!(name);
        }
        if let (Some(name), Some(map)) = (habits.forgets, object.as_object_mut()) {
            map.remove(name);
        }
        let answer = object.to_string();
        if habits.starts_inactive {
            object["active"] = json!(false);
        }
        self.objects.insert(format!("new{}", self.created), object);
        Scripted::status(201, &answer)
    }

    fn list(&self, request: &Request) -> Answer {
        let key = if request.path[0] == "Users" { "userName" } else { "displayName" };
        let is_kind = |object: &&Value| (key == "userName") == object.get("userName").is_some();
        let rows: Vec<_> = self.objects.values().filter(is_kind).cloned().collect();
        Scripted::page(request, &rows, 100)
    }
}

/// Carries out a patch: the status.
fn patch(habits: &Habits, object: &mut Value, body: &Value) -> u16 {
    let operations = body["Operations"].as_array().cloned().unwrap_or_default();
    let named = |operation: &Value| operation["value"].as_array().map_or(1, Vec::len);
    if habits.most_members.is_some_and(|most| operations.iter().map(named).sum::<usize>() > most) {
        return 400;
    }
    for operation in &operations {
        let path = operation["path"].as_str().unwrap_or_default();
        let value = &operation["value"];
        let is_remove = operation["op"] == "remove";
        if let Some(member) = path.strip_prefix("members[value eq ") {
            if habits.removes_by_value {
                return 501;
            }
            if habits.remove_empties {
                object["members"] = json!([]);
            }
            let id: Value = serde_json::from_str(member.trim_end_matches(']')).unwrap_or_default();
            remove_members(object, &[json!({"value": id})]);
        } else if path == "members" && is_remove {
            if !habits.removes_by_value {
                // To the letter of RFC 7644 section 3.5.2.2: all of them.
                object["members"] = json!([]);
            }
            remove_members(object, value.as_array().map_or(&[], Vec::as_slice));
        } else if path == "members" {
            if !habits.doubles_members {
                remove_members(object, value.as_array().map_or(&[], Vec::as_slice));
            }
            let mut members = object["members"].as_array().cloned().unwrap_or_default();
            if habits.add_replaces {
                members.clear();
            }
            members.extend(habits.joins.map(|id| json!({"value": id})));
            members.extend(value.as_array().cloned().unwrap_or_default());
            object["members"] = Value::Array(members);
        } else if let Some(status) = habits.patch_refused {
            return status;
        } else if is_remove {
            object.as_object_mut().map(|map| map.remove(path));
        } else {
            object[path] = value.clone();
        }
    }
    200
}

fn remove_members(object: &mut Value, gone: &[Value]) {
    if let Some(members) = object["members"].as_array_mut() {
        members.retain(|member| !gone.iter().any(|gone| gone["value"] == member["value"]));
    }
}
