//! Creates: sent once, and looked up before they are ever sent again
//! (incidents, families E and K).
//!
//! An object that the server makes with less than was sent, or under another name, *is* made: the
//! receipt says how it differs. `active` is the exception, because it is access.
//!
//! A group is created with its first members where the server takes them there. The step that adds
//! them looks whom the server kept; a server that refuses them is asked again without.

use crate::apply::{Receipt, Report};
use crate::kind::{Address, Fields, Key, KindName};
use crate::live::{Made, Object, RemoteId, Unkept};
use crate::provider::converge::{
    Answer, CREATES, Ended, Observed, Operation, Past, Rules, Stop, Why, answer, converge,
};
use crate::provider::{Method, Request, Response, Transport};

use super::context::Context;
use super::decode::{collection, key_field};
use super::dialect::{Dialect, UserName};
use super::encode;
use super::fetch;
use super::location::id_created;
use super::lookup;
use super::patch;
use super::roster::User;
use super::same::{differing, narrowed};
use super::trouble::Trouble;
use super::update::not_kept;

/// An object to be created.
pub(super) struct New<'a> {
    pub(super) address: &'a Address,
    pub(super) fields: &'a Fields,
    /// The first members of a group.
    pub(super) members: Vec<User<'a>>,
}

/// Makes the object exist.
pub(super) async fn create<T: Transport + Sync>(context: &Context<'_, T>, new: New<'_>) -> Report {
    match begin(context, new) {
        Ok(mut create) => {
            let ended = converge(context.transport, &mut create).await;
            let made = create.made(ended.is_ok());
            let report = ended.map_or_else(Stop::report, |ended| create.receipt(ended).into());
            Report { made, ..report }
        }
        Err(stop) => stop.report(),
    }
}

fn begin<'w, 't, T>(context: &'w Context<'t, T>, new: New<'w>) -> Result<Create<'w, 't, T>, Stop> {
    let New { address, fields, members } = new;
    let kind = address.kind();
    let name = fields.get(key_field(kind)).and_then(serde_json::Value::as_str);
    let Some(name) = name else {
        return Err(Stop::Failed(format!("`{address}` says no `{}`", key_field(kind))));
    };
    named_as_it_will_be(&context.dialect, kind, name, fields)?;
    Ok(Create {
        context,
        kind,
        name,
        fields,
        members,
        is_refused: false,
        id: None,
        is_pointed_to: false,
        found: None,
    })
}

/// A server that names users by their e-mail would make another user than the one asked for.
fn named_as_it_will_be(
    dialect: &Dialect,
    kind: KindName,
    name: &str,
    fields: &Fields,
) -> Result<(), Stop> {
    if kind != KindName::User || dialect.user_name != UserName::FromEmail {
        return Ok(());
    }
    match encode::email_of(fields) {
        Some(email) if Key::new(email) == Key::new(name) => Ok(()),
        Some(email) => Err(Stop::Failed(format!(
            "this server names users by their e-mail: `{name}` would become `{email}`; write the \
             same in both"
        ))),
        None => Err(Stop::Failed(format!(
            "this server names users by their e-mail, and `{name}` has none; write `emails`"
        ))),
    }
}

/// Whether `name` is the field, or a part of it. The name of an extension has dots of its own.
fn is_part_of(name: &str, field: &str) -> bool {
    name.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

struct Create<'w, 't, T> {
    context: &'w Context<'t, T>,
    kind: KindName,
    name: &'w str,
    fields: &'w Fields,
    /// The members it is created with.
    members: Vec<User<'w>>,
    /// Whether the server has just refused it with members.
    is_refused: bool,
    /// The id that the server answered with.
    id: Option<RemoteId>,
    /// Whether that id was only in a location, and no object of it was seen yet.
    is_pointed_to: bool,
    /// The object as it was last seen.
    found: Option<Object>,
}

impl<T: Transport + Sync> Create<'_, '_, T> {
    fn receipt(self, ended: Ended) -> Receipt {
        let names = self.narrowed();
        let key = key_field(self.kind);
        let named = self.found.as_ref().filter(|_| names.iter().any(|name| name == key));
        let named = named.and_then(|found| found.fields.get(key)?.as_str()).map(str::to_owned);
        let id = self.found.as_ref().map(|found| found.id.clone());
        if let Some(id) = &id
            && ended == Ended::Done
        {
            self.context.remember(id, !self.members.is_empty());
            if self.fields.get("active") == Some(&serde_json::Value::Bool(false)) {
                self.context.remember_inactive(id);
            }
        }
        if ended == Ended::Unchanged {
            return Receipt::AlreadySo { id };
        }
        if names.is_empty() {
            return Receipt::Done { id };
        }
        let sent = |name: &String| {
            let field = self.fields.iter().find(|(field, _)| is_part_of(name, field.as_str()));
            field.map(|(_, value)| Unkept::new(name, value))
        };
        let unkept = names.iter().filter_map(sent).collect();
        Receipt::Differs {
            id,
            cause: not_kept(self.kind, &self.context.dialect, &names),
            unkept,
            named,
        }
    }

    /// What the journal keeps of an object that the receipt says nothing about: without it, the
    /// next run would create another, because nothing is found under the name that was sent.
    fn made(&self, is_so: bool) -> Option<Made> {
        let found = self.found.as_ref();
        let seen = found.filter(|found| self.id.as_ref() == Some(&found.id));
        let is_other = seen.is_some_and(|seen| seen.key != Key::new(self.name));
        let is_told =
            is_so && (!is_other || self.narrowed().iter().any(|name| name == key_field(self.kind)));
        let id = self.id.clone().filter(|_| !is_told)?;
        let key = key_field(self.kind);
        let named = seen.and_then(|seen| seen.fields.get(key)?.as_str()).map(str::to_owned);
        let unkept = is_other.then(|| Unkept::new(key, &self.name.into()));
        Some(Made { id, named, unkept: unkept.into_iter().collect() })
    }

    /// What the object does not say as it was sent, as narrow as it can be said.
    fn narrowed(&self) -> Vec<String> {
        let found = self.found.as_ref().map(|found| &found.fields);
        narrowed(self.kind, &self.context.dialect, self.fields, found)
    }

    fn unlike(&self, object: &Object) -> Vec<String> {
        differing(self.kind, &self.context.dialect, self.fields, &object.fields)
    }

    /// The object that the server said it made, by its id.
    async fn by_id(&mut self, id: &RemoteId) -> Result<Observed, Stop> {
        let Context { transport, dialect, .. } = self.context;
        let now = fetch::fetch(*transport, dialect, self.kind, id.as_str()).await?;
        let Some(now) = now else { return Ok(Observed::Absent) };
        Ok(self.seen(now.object))
    }

    /// What the object that the server made is like. A part that it did not keep is told later.
    fn seen(&mut self, object: Object) -> Observed {
        let unlike = self.unlike(&object);
        self.found = Some(object);
        if unlike.iter().any(|field| field == "active") {
            return Observed::Changed("active".to_owned());
        }
        Observed::Wanted
    }

    /// The object that a location points to; where there is none, whatever has the name.
    async fn pointed_to(&mut self, id: &RemoteId, past: &Past) -> Result<Observed, Stop> {
        let seen = self.by_id(id).await;
        match seen {
            Ok(Observed::Absent) => self.by_name(past).await,
            Ok(seen) => {
                self.is_pointed_to = false;
                Ok(seen)
            }
            Err(Stop::Failed(words)) => match self.by_name(past).await {
                Ok(Observed::Absent) | Err(_) => Err(Stop::Failed(words)),
                found => found,
            },
            Err(stop) => Err(stop),
        }
    }

    /// Whatever has the name.
    async fn by_name(&mut self, past: &Past) -> Result<Observed, Stop> {
        let Context { transport, dialect, .. } = self.context;
        // Before anything was sent nobody had the external id: whoever has it now is what was sent.
        let external_id = self.fields.get("externalId").and_then(serde_json::Value::as_str);
        let external_id = external_id.filter(|id| past.may_have_written && !id.is_empty());
        let found = lookup::named(*transport, dialect, self.kind, self.name, external_id).await;
        let mut found = found?;
        if found.objects.is_empty() && !found.is_all {
            return Err(Stop::Failed(format!(
                "it is not known whether `{}` was created: the server's listing cannot be proved \
                 complete, and it does not show it",
                self.name
            )));
        }
        if found.objects.len() > 1 {
            return Err(self.several(&found.objects));
        }
        let Some(one) = found.objects.pop() else {
            let is_said_done = matches!(past.answer, Some(Answer::Done | Answer::Accepted));
            return Ok(if is_said_done { Observed::Absent } else { Observed::Expected });
        };
        if one.key != Key::new(self.name) {
            self.id = Some(one.id.clone());
            return Ok(self.seen(one));
        }
        if self.is_pointed_to {
            // The location was wrong.
            self.id = Some(one.id.clone());
            self.is_pointed_to = false;
        }
        let unlike = self.unlike(&one).join("`, `");
        let is_inactive = one.fields.get("active") == Some(&serde_json::Value::Bool(false));
        self.found = Some(one);
        if unlike.is_empty() {
            return Ok(Observed::Wanted);
        }
        let state = if is_inactive { " (it is deactivated)" } else { "" };
        Ok(Observed::Changed(format!("`{unlike}`{state}")))
    }

    fn several(&self, found: &[Object]) -> Stop {
        let ids: Vec<_> = found.iter().map(|object| object.id.as_str()).collect();
        Stop::Failed(format!(
            "{} objects are named `{}`, or have its externalId (ids {}): remove the ones that are not meant",
            found.len(),
            self.name,
            ids.join(", ")
        ))
    }
}

impl<T: Transport + Sync> Operation for Create<'_, '_, T> {
    fn rules(&self) -> Rules {
        Rules {
            sends: CREATES,
            is_lagging: self.context.is_lagging(),
            is_new: self.id.is_some() && !self.is_pointed_to,
            retries_refusals: self.is_refused,
            // A look by name may cost a whole listing.
            looks_after_refusal: false,
        }
    }

    /// Before anything was sent, the plan's proved listing is the observation: a look by name
    /// costs as much as that listing did, and a server with unique names refuses a second object.
    async fn observe(&mut self, past: &Past) -> Result<Observed, Stop> {
        let is_taken = matches!(past.answer, Some(Answer::Taken(_)));
        if !past.may_have_written && !is_taken {
            return Ok(Observed::Expected);
        }
        match self.id.clone() {
            Some(id) if self.is_pointed_to => self.pointed_to(&id, past).await,
            Some(id) => self.by_id(&id).await,
            None => self.by_name(past).await,
        }
    }

    fn request(&mut self) -> Result<Request, Stop> {
        let dialect = &self.context.dialect;
        let mut body = encode::resource(self.kind, dialect, self.fields);
        if !self.members.is_empty() {
            body["members"] = patch::members(dialect, &self.members);
        }
        Ok(Request::new(Method::Post, &[collection(self.kind)]).with_body(body))
    }

    /// The answer to a create may count: the object is new, so there is nothing that the answer
    /// could hide the loss of, and whose id it is, is checked against the live state by the run.
    fn shown(&mut self, request: &Request, response: &Response) -> Option<Observed> {
        let dialect = &self.context.dialect;
        let Ok(echo) = fetch::decode(dialect, self.kind, request, response, None) else {
            self.id = id_created(self.kind, response);
            self.is_pointed_to = self.id.is_some();
            return None;
        };
        self.is_pointed_to = false;
        self.id = Some(echo.object.id.clone());
        let is_whole = self.unlike(&echo.object).is_empty();
        self.found = Some(echo.object);
        is_whole.then_some(Observed::Wanted)
    }

    fn answer(&mut self, trouble: &Trouble) -> Answer {
        let answer = answer(trouble);
        self.is_refused = matches!(answer, Answer::Refused(_)) && !self.members.is_empty();
        if self.is_refused {
            self.members.clear();
        }
        answer
    }

    fn words(&self, why: &Why) -> String {
        let name = self.name;
        match why {
            Why::Refused(words) => words.clone(),
            Why::Lost(words) => format!("sent twice, and not there: {words}"),
            Why::NotKept(_) => not_kept(self.kind, &self.context.dialect, &self.narrowed()),
            Why::NotYet => format!("the server accepted `{name}` and does not show it yet"),
            Why::NotThere | Why::Gone if self.id.is_some() => {
                format!("the server created `{name}` and does not show it")
            }
            Why::NotThere | Why::Gone => {
                format!("the server said it created `{name}` and shows 0 of that name")
            }
            Why::Taken(words, None) => {
                format!("{words}; but nothing of that name is shown: it may be deleted or hidden")
            }
            Why::Taken(words, Some(how)) | Why::Changed(how, Some(words)) => format!(
                "{words}; what has the name says something else in {how}, and the next plan shows \
                 the difference"
            ),
            Why::Changed(how, None) => format!("what has the name says something else in {how}"),
        }
    }
}
