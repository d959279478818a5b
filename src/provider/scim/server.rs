//! A server of the sandbox for the tests of the writer, with habits that no personality has.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::patch;
use crate::provider::scripted::Scripted;
use crate::provider::{Method, Request, Response, TransportError};
use crate::sandbox::personality::Unknown;
use crate::sandbox::{self, Faults, Personality, Sandbox, State, Versions};

type Answer = Result<Response, TransportError>;

/// How a server behaves.
#[derive(Clone, Debug)]
pub(super) struct Habits {
    /// What a personality can say: RFC 7644, but members and attributes are taken unseen.
    pub(super) manners: Personality,
    /// Injected faults, as the sandbox reads them.
    pub(super) faults: &'static str,
    /// What neither can say.
    pub(super) twist: Option<Twist>,
}

impl Default for Habits {
    fn default() -> Self {
        let mut manners = Personality::default();
        manners.storage.unknown_core = Unknown::Kept;
        manners.storage.unknown_member = Unknown::Kept;
        manners.group_patch.unknown_member = Unknown::Kept;
        Self { manners, faults: "", twist: None }
    }
}

impl Habits {
    /// Other manners.
    pub(super) fn of(change: impl FnOnce(&mut Personality)) -> Self {
        let mut habits = Self::default();
        change(&mut habits.manners);
        habits
    }

    /// Attributes of users that are dropped without a word.
    pub(super) fn dropping(names: &'static [&'static str]) -> Self {
        Self::of(|manners| manners.storage.user_dropped = names)
    }

    /// Faults.
    pub(super) fn failing(faults: &'static str) -> Self {
        Self { faults, ..Self::default() }
    }

    /// A twist.
    pub(super) fn twisted(twist: Twist) -> Self {
        Self { twist: Some(twist), ..Self::default() }
    }
}

/// Something that a server does beside what it was asked to, or instead of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Twist {
    /// Writing an object without `If-Match` is 428.
    DemandsTags,
    /// Somebody else writes an object after every request, so that its version moves on.
    Busy,
    /// Adding members replaces the list.
    AddReplaces,
    /// Removing one member empties the group.
    RemoveEmpties,
    /// The id of somebody who joins a group with every write of it, unasked.
    Joins(&'static str),
    /// The id of somebody who is the only member of a new group, unasked.
    StartsWith(&'static str),
    /// An object that is patched is deleted.
    Deletes,
    /// A new account is inactive, whatever is sent and whatever the answer says.
    StartsInactive,
    /// An attribute that every patch takes away.
    Erases(&'static str),
    /// The name of a new user, whatever is sent.
    Renames(&'static str),
}

impl Twist {
    /// The request as the server carries it out.
    fn changed(self, request: &Request) -> Request {
        let mut request = request.clone();
        let Some(body) = &mut request.body else { return request };
        let push = |list: &mut Value, one| list.as_array_mut().unwrap().push(one);
        match (self, request.method) {
            (Self::StartsWith(id), Method::Post) => body["members"] = json!([{"value": id}]),
            (Self::Renames(name), Method::Post) => body["userName"] = json!(name),
            (Self::Joins(id), Method::Post) => push(&mut body["members"], json!({"value": id})),
            (Self::Joins(id), Method::Patch) => {
                let join = json!({"op": "add", "path": "members", "value": [{"value": id}]});
                push(&mut body["Operations"], join);
            }
            (Self::Erases(name), Method::Patch) => {
                push(&mut body["Operations"], json!({"op": "remove", "path": name}));
            }
            (Self::AddReplaces, _) => body["Operations"][0]["op"] = json!("replace"),
            (Self::RemoveEmpties, _) => body["Operations"][0]["path"] = json!("members"),
            _ => {}
        }
        request
    }

    /// The request of somebody else that follows a request.
    fn following(self, request: &Request, answer: &Response) -> Option<Request> {
        let shown: Value = serde_json::from_slice(&answer.body).ok()?;
        let path = [request.path.first()?, shown["id"].as_str()?];
        let patch = |operation: Value| {
            Some(Request::new(Method::Patch, &path).with_body(patch::body(&[operation])))
        };
        match (self, request.method) {
            (Self::Deletes, Method::Patch) => Some(Request::new(Method::Delete, &path)),
            (Self::StartsInactive, Method::Post) => {
                patch(json!({"op": "replace", "path": "active", "value": false}))
            }
            (Self::Busy, _) => patch(json!({"op": "remove", "path": "nickName"})),
            _ => None,
        }
    }
}

/// The server with these objects, and the sandbox to look at. It has entity tags if one of the
/// objects has a version.
pub(super) fn server(habits: Habits, objects: &[Value]) -> (Scripted, Arc<Mutex<Sandbox>>) {
    let Habits { mut manners, faults, twist } = habits;
    let (users, groups): (Vec<&Value>, Vec<&Value>) =
        objects.iter().partition(|object| object.get("userName").is_some());
    let seed = json!({"users": users, "groups": groups});
    let kept = Habits::default().manners;
    let state = State::seed_for(&seed, Timestamp::UNIX_EPOCH, &kept).unwrap();
    if objects.iter().all(|object| object.pointer("/meta/version").is_none()) {
        manners.meta.versions = Versions::None;
    }
    let mut sandbox = Sandbox::new(state, manners);
    sandbox.faults = Faults::parse(faults).unwrap();
    let sandbox = Arc::new(Mutex::new(sandbox));
    let shared = Arc::clone(&sandbox);
    let fake = Scripted::answering(move |request| {
        let mut sandbox = shared.lock().unwrap();
        let Some(twist) = twist else { return send(&mut sandbox, request) };
        let is_write_of_one = request.method.is_write() && request.path.len() == 2;
        if matches!(twist, Twist::DemandsTags) && is_write_of_one && request.if_match.is_none() {
            return Scripted::status(428, "");
        }
        let answer = send(&mut sandbox, &twist.changed(request))?;
        if let Some(following) = twist.following(request, &answer) {
            let done = send(&mut sandbox, &following)?;
            assert!(done.status < 300, "{following:?}: {done:?}");
        }
        Ok(answer)
    });
    (fake, sandbox)
}

/// Sends a request, whose ids are plain text, to the sandbox.
pub(super) fn send(sandbox: &mut Sandbox, request: &Request) -> Answer {
    let path = format!("/{}", request.path.join("/"));
    let mut asked = sandbox::Request::new(request.method.as_str(), &path);
    for (name, value) in &request.query {
        asked = asked.with(name, value);
    }
    if let Some(tag) = &request.if_match {
        asked = asked.header("if-match", tag);
    }
    if let Some(body) = &request.body {
        asked = asked.json(body);
    }
    let answer = sandbox.handle(&asked, Timestamp::UNIX_EPOCH);
    if answer.lost {
        return Err(TransportError::Lost("cut".to_owned()));
    }
    let header = |name: &str| answer.header(name).map(str::to_owned);
    Ok(Response {
        status: answer.status,
        content_type: header("content-type").unwrap_or_default(),
        location: header("location"),
        etag: header("etag"),
        retry_after: None,
        body: answer.body,
        quoted: None,
    })
}
