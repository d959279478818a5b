//! Creates and updates: the group first, then the resources in it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::apply::{Op, Receipt, Report};
use crate::kind::{Address, FieldName, Fields};
use crate::live::{Fingerprint, RemoteId};
use crate::provider::converge::{
    Answer, CREATES, Ended, Observed, Operation, Past, Rules, SENDS, Stop, Why, converge,
};
use crate::provider::scim::ReadError;
use crate::provider::{Method, Request, Response, Transport};

use super::super::binding::text;
use super::super::context::Context;
use super::super::look;
use super::super::platform::{Workspace, compared};
use super::super::unread::of_workspace;
use super::contents::Contents;
use super::group::{Group, PATH, Whole, all, decode, one, whole, workspace_in};
use super::remove::remove;

/// Makes one step about a scope group true.
pub(in crate::provider::greenlake) async fn write<T: Transport + Sync>(
    context: &Context<'_, T>,
    op: &Op,
) -> Report {
    let done = match op {
        Op::Create { address, fields, members: _ } => create(context, address, fields).await,
        Op::Update { address, remote, expect, after, changed, .. } => {
            let update = Update { address, remote, expect, after, changed };
            update.make(context).await
        }
        Op::Delete { address, remote, expect, .. } => {
            remove(context, (address, remote), expect).await
        }
        Op::AddMembers { .. } | Op::RemoveMembers { .. } | Op::VerifyMembers { .. } => {
            Err(Stop::Failed("a scope group has no members".to_owned()))
        }
    };
    done.map_or_else(Stop::report, Report::from)
}

/// The declared resources, by the form in which GRNs are compared.
fn wanted(fields: &Fields) -> BTreeMap<String, String> {
    let scopes = fields.get("scopes").and_then(Value::as_array).into_iter().flatten();
    scopes.filter_map(Value::as_str).map(|grn| (compared(grn), grn.to_owned())).collect()
}

async fn create<T: Transport + Sync>(
    context: &Context<'_, T>,
    address: &Address,
    fields: &Fields,
) -> Result<Receipt, Stop> {
    let workspace = look::workspace(context, &workspace_in(address))?;
    let mut make = Make { workspace, fields, found: None };
    let ended = converge(workspace.transport, &mut make).await?;
    let Some(group) = make.found else {
        return Err(Stop::Failed(format!("the server does not show `{address}`")));
    };
    if let Some(grn) = &group.grn {
        context.remember_scope(address, grn);
    }
    let added = add(workspace, (address, &group.id), wanted(fields), BTreeSet::new()).await?;
    let id = Some(RemoteId::new(&group.id));
    Ok(match (ended, added) {
        (Ended::Unchanged, Ended::Unchanged) => Receipt::AlreadySo { id },
        _ => Receipt::Done { id },
    })
}

/// Adds what is not there yet to the resources of a group that otherwise has those of `rest`.
async fn add<T: Transport + Sync>(
    workspace: &Workspace<'_, T>,
    (address, id): (&Address, &str),
    change: BTreeMap<String, String>,
    rest: BTreeSet<String>,
) -> Result<Ended, Stop> {
    let name = address.to_string();
    let transport = workspace.transport;
    let (seen, said) = (Vec::new(), None);
    let mut add = Contents { transport, name: &name, id, adds: true, change, rest, seen, said };
    converge(transport, &mut add).await
}

/// Makes a group without resources.
struct Make<'w, 'a, T> {
    workspace: &'w Workspace<'a, T>,
    fields: &'w Fields,
    found: Option<Group>,
}

impl<T> Make<'_, '_, T> {
    fn says(&self, group: &Group) -> bool {
        let description = group.description.as_deref().unwrap_or_default();
        group.name == text(self.fields, "name") && description == text(self.fields, "description")
    }
}

impl<T: Transport + Sync> Operation for Make<'_, '_, T> {
    fn rules(&self) -> Rules {
        Rules {
            sends: CREATES,
            is_lagging: true,
            is_new: self.found.is_some(),
            retries_refusals: false,
            looks_after_refusal: false,
        }
    }

    /// Before anything was sent, the plan's proved listing is the observation, as for every
    /// create.
    async fn observe(&mut self, past: &Past) -> Result<Observed, Stop> {
        let is_taken = matches!(past.answer, Some(Answer::Taken(_)));
        if !past.may_have_written && !is_taken {
            return Ok(Observed::Expected);
        }
        let groups = all().list::<Group, _>(self.workspace.transport).await;
        let groups = groups
            .map_err(|refused| of_workspace(&self.workspace.name, ReadError::from(refused)))?;
        let name = text(self.fields, "name");
        let found = groups.into_iter().find(|group| group.name == name);
        let Some(found) = found else {
            let is_said_done = matches!(past.answer, Some(Answer::Done | Answer::Accepted));
            return Ok(if is_said_done { Observed::Absent } else { Observed::Expected });
        };
        let seen = if self.says(&found) {
            Observed::Wanted
        } else {
            Observed::Changed("`description`".to_owned())
        };
        self.found = Some(found);
        Ok(seen)
    }

    fn request(&mut self) -> Result<Request, Stop> {
        let mut body = Map::new();
        for field in ["name", "description"] {
            let value = text(self.fields, field);
            if !value.is_empty() {
                body.insert(field.to_owned(), Value::from(value));
            }
        }
        Ok(Request::new(Method::Post, PATH).with_body(Value::Object(body)))
    }

    fn shown(&mut self, _request: &Request, response: &Response) -> Option<Observed> {
        let group = decode(&response.body).filter(|group| self.says(group))?;
        self.found = Some(group);
        Some(Observed::Wanted)
    }

    fn words(&self, why: &Why) -> String {
        let name = text(self.fields, "name");
        match why {
            Why::Refused(words) => words.clone(),
            Why::Lost(words) => format!("sent twice, and not there: {words}"),
            Why::NotKept(_) | Why::NotYet | Why::NotThere | Why::Gone => {
                format!("the server took the scope group `{name}` and does not show it as sent")
            }
            Why::Taken(words, None) => format!("{words}; nothing of that name is shown"),
            Why::Taken(words, Some(how)) | Why::Changed(how, Some(words)) => {
                format!("{words}; the scope group of that name differs in {how}")
            }
            Why::Changed(how, None) => format!("the scope group of that name differs in {how}"),
        }
    }
}

/// One group and what it is to say.
struct Update<'a> {
    address: &'a Address,
    remote: &'a RemoteId,
    expect: &'a Fingerprint,
    after: &'a Fields,
    changed: &'a [FieldName],
}

impl Update<'_> {
    async fn make<T: Transport + Sync>(self, context: &Context<'_, T>) -> Result<Receipt, Stop> {
        let Self { address, remote, expect, after, .. } = self;
        let workspace = look::workspace(context, &workspace_in(address))?;
        let transport = workspace.transport;
        let gone = || Stop::Stale(format!("`{address}` is not there any more"));
        let now = whole(transport, remote.as_str()).await?.ok_or_else(gone)?;
        if let Some(grn) = &now.group.grn {
            context.remember_scope(address, grn);
        }
        let wanted = wanted(after);
        let had = now.set();
        let is_wanted = self.differing(&now).is_empty()
            && (!self.changes("scopes") || wanted.keys().cloned().collect::<BTreeSet<_>>() == had);
        let id = Some(remote.clone());
        if is_wanted {
            return Ok(Receipt::AlreadySo { id });
        }
        if *expect != fingerprint(workspace, remote, &now, after) {
            return Err(Stop::Stale(format!("`{address}` is not what the plan saw")));
        }
        if !self.differing(&now).is_empty() {
            let mut replace = Replace { update: &self, workspace, now: None };
            converge(transport, &mut replace).await?;
        }
        if self.changes("scopes") {
            let added: BTreeMap<String, String> = wanted
                .iter()
                .filter(|(grn, _)| !had.contains(*grn))
                .map(|(grn, written)| (grn.clone(), written.clone()))
                .collect();
            let removed: BTreeMap<String, String> = had
                .iter()
                .filter(|grn| !wanted.contains_key(*grn))
                .map(|grn| (grn.clone(), grn.clone()))
                .collect();
            if !added.is_empty() {
                add(workspace, (address, remote.as_str()), added, had).await?;
            }
            if !removed.is_empty() {
                let name = address.to_string();
                let rest = wanted.into_keys().collect();
                let (seen, said) = (Vec::new(), None);
                let id = remote.as_str();
                let mut remove = Contents {
                    transport,
                    name: &name,
                    id,
                    adds: false,
                    change: removed,
                    rest,
                    seen,
                    said,
                };
                converge(transport, &mut remove).await?;
            }
        }
        Ok(Receipt::Done { id })
    }

    fn changes(&self, field: &str) -> bool {
        self.changed.iter().any(|name| name.as_str() == field)
    }

    /// The attributes that are to change and do not say what they are to.
    fn differing(&self, now: &Whole) -> Vec<&'static str> {
        let found = |field| match field {
            "name" => now.group.name.as_str(),
            _ => now.group.description.as_deref().unwrap_or_default(),
        };
        let fields = ["name", "description"].into_iter();
        fields
            .filter(|field| self.changes(field) && found(field) != text(self.after, field))
            .collect()
    }
}

/// The fingerprint of a group as the plan takes it, with its resources in the words of `after`.
fn fingerprint<T>(
    workspace: &Workspace<'_, T>,
    remote: &RemoteId,
    now: &Whole,
    after: &Fields,
) -> Fingerprint {
    Fingerprint::of(&remote.compared(), &now.fields(&workspace.name, &wanted(after)))
}

/// Replaces name and description; `PUT` takes the whole group, without its resources.
struct Replace<'u, 'w, 'a, T> {
    update: &'u Update<'u>,
    workspace: &'w Workspace<'a, T>,
    now: Option<Whole>,
}

impl<T: Transport + Sync> Operation for Replace<'_, '_, '_, T> {
    fn rules(&self) -> Rules {
        Rules {
            sends: SENDS,
            is_lagging: true,
            is_new: false,
            retries_refusals: false,
            looks_after_refusal: true,
        }
    }

    async fn observe(&mut self, past: &Past) -> Result<Observed, Stop> {
        let Update { remote, expect, after, .. } = self.update;
        let Some(now) = whole(self.workspace.transport, remote.as_str()).await? else {
            return Ok(Observed::Absent);
        };
        let before = self.now.as_ref().map(Whole::set);
        let lost = before.is_some_and(|before| !before.is_subset(&now.set()));
        let is_as_seen = **expect == fingerprint(self.workspace, remote, &now, after);
        let seen = if lost && past.may_have_written {
            Observed::Damaged(format!("resources of `{}` are gone", self.update.address))
        } else if self.update.differing(&now).is_empty() {
            Observed::Wanted
        } else if is_as_seen {
            Observed::Expected
        } else {
            Observed::Changed(self.update.differing(&now).join(", "))
        };
        if self.now.is_none() || !past.may_have_written {
            self.now = Some(now);
        }
        Ok(seen)
    }

    fn request(&mut self) -> Result<Request, Stop> {
        let Some(now) = &self.now else {
            return Err(Stop::Failed(format!("`{}` was not looked at", self.update.address)));
        };
        let of = |field: &'static str, now: &str| {
            let value =
                if self.update.changes(field) { text(self.update.after, field) } else { now };
            value.to_owned()
        };
        let description = now.group.description.as_deref().unwrap_or_default();
        let mut body = json!({
            "id": now.group.id,
            "name": of("name", &now.group.name),
            "description": of("description", description),
        });
        if let Some(metadata) = &now.group.metadata {
            body["serviceMetadata"] = metadata.clone();
        }
        Ok(one(Method::Put, self.update.remote.as_str()).with_body(body))
    }

    fn words(&self, why: &Why) -> String {
        let address = self.update.address;
        match why {
            Why::Refused(words) | Why::Lost(words) | Why::Taken(words, _) => words.clone(),
            Why::NotKept(_) | Why::NotYet => format!(
                "the server took a new name or description for `{address}` and still shows the old \
                 one; the next plan shows what became of it"
            ),
            Why::NotThere | Why::Gone => format!("`{address}` is not there any more"),
            Why::Changed(how, None) => format!("`{address}` is not what the plan saw: {how}"),
            Why::Changed(how, Some(words)) => {
                format!("`{address}` changed while it was written: {how}; {words}")
            }
        }
    }
}
