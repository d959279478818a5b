//! Updates: the changed attributes, in the one form that the dialect names.
//!
//! No other form is tried: a `PUT` carries every attribute, and loses those that the server does
//! not show (RFC 7643 section 7, `returned`).

use std::collections::BTreeSet;

use crate::apply::{Proof, Receipt, Report};
use crate::kind::{Address, Family, FieldName, Fields, Key, KindName};
use crate::live::{Fingerprint, Made, RemoteId, Unkept};
use crate::plan::is_unassigned;
use crate::provider::converge::{
    Answer, Ended, Observed, Operation, Past, Rules, SENDS, Stop, Why, answer, converge,
};
use crate::provider::{Method, Request, Transport};

use super::context::Context;
use super::decode::{collection, key_field};
use super::dialect::{Dialect, UpdateForm};
use super::fetch::{self, Fetched};
use super::patch::{self, Wanted};
use super::put;
use super::roster::{Roster, joined, some};
use super::same::{self, differing};
use super::trouble::Trouble;
use super::whole::{Changes, compare};

/// One object and what it is to say.
pub(super) struct Update<'a> {
    pub(super) address: &'a Address,
    pub(super) remote: &'a RemoteId,
    pub(super) expect: &'a Fingerprint,
    pub(super) after: &'a Fields,
    pub(super) changed: &'a [FieldName],
    /// Whether it is a group whose members are administrators.
    pub(super) makes_administrators: bool,
    pub(super) proof: &'a dyn Proof,
}

/// Makes the object say what it is to say.
pub(super) async fn update<T: Transport + Sync>(
    context: &Context<'_, T>,
    update: &Update<'_>,
) -> Report {
    let mut writing = Writing {
        context,
        update,
        before: None,
        now: None,
        roster: None,
        named: None,
        added: Vec::new(),
        joined: Vec::new(),
        unlike: Vec::new(),
        refusal: None,
    };
    let ended = converge(context.transport, &mut writing).await;
    let made = writing.made(ended.is_ok());
    let report = ended.map_or_else(Stop::report, |ended| writing.report(ended));
    Report { made, ..report }
}

struct Writing<'w, 't, 'a, T> {
    context: &'w Context<'t, T>,
    update: &'w Update<'a>,
    /// The object just before it was first written.
    before: Option<Fetched>,
    /// The object as it was last seen.
    now: Option<Fetched>,
    /// Who was in the group just before it was first written.
    roster: Option<Roster>,
    /// What it was called then.
    named: Option<String>,
    /// What is there since that no step asks for.
    added: Vec<String>,
    /// Who is in the group since, whom no step names.
    joined: Vec<Box<str>>,
    /// The changed fields that the object did not say when it was last seen.
    unlike: Vec<String>,
    /// The status of the last refusal.
    refusal: Option<u16>,
}

impl<T: Transport + Sync> Writing<'_, '_, '_, T> {
    fn kind(&self) -> KindName {
        self.update.address.kind()
    }

    fn report(&self, ended: Ended) -> Report {
        let id = Some(self.update.remote.clone());
        if ended == Ended::Unchanged {
            return Receipt::AlreadySo { id }.into();
        }
        let address = self.update.address;
        let (came, halt) = joined(address, &self.joined, self.update.makes_administrators);
        if halt.is_some() {
            return Report { halt, ..Receipt::Failed { cause: came }.into() };
        }
        let says = (!self.added.is_empty()).then(|| {
            let names = quoted(&self.added);
            format!("`{address}` says something in {names} that no step asks for")
        });
        let came = (!self.joined.is_empty()).then_some(came);
        let cause = says.into_iter().chain(came).collect::<Vec<_>>().join("; ");
        if cause.is_empty() {
            return Receipt::Done { id }.into();
        }
        Receipt::Differs { id, cause, unkept: Vec::new(), named: None }.into()
    }

    /// Who left the group since it was first written, and takes note of who joined it.
    fn left(&mut self, now: Option<&Roster>) -> Vec<Box<str>> {
        let (Some(before), Some(now)) = (&self.roster, now) else { return Vec::new() };
        let nobody = BTreeSet::new();
        self.joined = now.without(before, &nobody);
        before.without(now, &nobody)
    }

    /// What the journal keeps of an object that has another name than it is declared with: of a
    /// name that it got by this write, because the next run would find it under neither; and after
    /// a success of any, because an earlier run may not have seen it.
    fn made(&self, is_so: bool) -> Option<Made> {
        let name = self.named.as_ref()?;
        let key = Key::new(name);
        let is_moved = self.before.as_ref().is_some_and(|before| before.object.key != key);
        if key == *self.update.address.key() || !(is_so || is_moved) {
            return None;
        }
        let field = key_field(self.kind());
        let asked = self.asked();
        let unkept = asked.get(field).map(|sent| Unkept::new(field, sent)).into_iter().collect();
        Some(Made { id: self.update.remote.clone(), named: Some(name.clone()), unkept })
    }

    /// The changed fields as they are to be: `null` where one is to go.
    fn asked(&self) -> Fields {
        let Update { changed, after, .. } = self.update;
        let null = serde_json::Value::Null;
        let one = |name: &FieldName| (name.clone(), after.get(name).unwrap_or(&null).clone());
        changed.iter().map(one).collect()
    }

    /// What changed since the object was first written, beside what was asked for.
    fn changes(&self, now: &Fetched) -> Changes {
        let Some(before) = &self.before else { return Changes::default() };
        compare(self.kind(), &self.context.dialect, (&before.raw, &now.raw), &self.asked())
    }

    /// Whether the object already says what the dialect does not expect it to keep. Once that was
    /// sent, nothing can be seen of it.
    fn says_unheld(&self, now: &Fetched) -> bool {
        let (kind, dialect) = (self.kind(), &self.context.dialect);
        let asked = self.asked();
        let mut unheld = asked.iter().filter(|(name, _)| dialect.is_unheld(kind, name.as_str()));
        unheld.all(|(name, value)| {
            let found = now.object.fields.get(name);
            found == Some(value) || (found.is_none() && is_unassigned(value))
        })
    }

    fn wanted(&self, now: &Fetched) -> Vec<String> {
        let dialect = &self.context.dialect;
        differing(self.kind(), dialect, &self.asked(), &now.object.fields)
    }
}

impl<T: Transport + Sync> Operation for Writing<'_, '_, '_, T> {
    fn rules(&self) -> Rules {
        Rules {
            sends: SENDS,
            is_lagging: self.context.is_lagging(),
            is_new: self.context.is_new(self.update.remote),
            retries_refusals: false,
            looks_after_refusal: true,
        }
    }

    async fn observe(&mut self, past: &Past) -> Result<Observed, Stop> {
        let (context, id) = (self.context, self.update.remote.as_str());
        let now = fetch::fetch(context.transport, &context.dialect, self.kind(), id).await?;
        let Some(now) = now else { return Ok(Observed::Absent) };
        let name = now.object.fields.get(key_field(self.kind()));
        self.named = name.and_then(serde_json::Value::as_str).map(str::to_owned);
        let has_sent = past.sends > 0;
        let roster = context.members_of(&now).await?;
        if has_sent {
            let left = self.left(roster.as_ref());
            if !left.is_empty() {
                let names = some(left.iter().map(|name| &**name));
                let what = format!("{} members of `{}` ({names})", left.len(), self.update.address);
                return Ok(Observed::Damaged(what));
            }
            let Changes { vanished, mut added } = self.changes(&now);
            // Those have been compared as members.
            added.retain(|path| !path.starts_with("members"));
            if !vanished.is_empty() {
                let what = format!("{} of `{}`", quoted(&vanished), self.update.address);
                return Ok(Observed::Damaged(what));
            }
            self.added = added;
        } else {
            now.ours()?;
            self.roster = roster;
        }
        self.unlike = self.wanted(&now);
        let is_expected = now.object.fingerprint() == *self.update.expect;
        let is_so = self.unlike.is_empty() && (past.may_have_written || self.says_unheld(&now));
        let seen = if is_so {
            Observed::Wanted
        } else if is_expected {
            Observed::Expected
        } else {
            Observed::Changed(quoted(&self.unlike))
        };
        self.now = Some(now);
        Ok(seen)
    }

    fn request(&mut self) -> Result<Request, Stop> {
        let Some(fresh) = self.now.take() else {
            return Err(Stop::Failed(format!("`{}` was not looked at", self.update.address)));
        };
        let kind = self.kind();
        let wanted = Wanted {
            kind,
            dialect: &self.context.dialect,
            after: self.update.after,
            changed: self.update.changed,
            now: &fresh.object.fields,
            is_guarded: fresh.object.version.is_some(),
        };
        let (method, body) = match self.context.dialect.update_form(kind) {
            UpdateForm::Put => (Method::Put, put::body(&wanted, &fresh.raw)),
            form @ (UpdateForm::Patch
            | UpdateForm::PatchWholeValues
            | UpdateForm::PatchWithoutPath) => {
                (Method::Patch, patch::body(&wanted.operations(form)))
            }
        };
        let path = [collection(kind), self.update.remote.as_str()];
        let mut request = Request::new(method, &path).with_body(body);
        request.if_match = fresh.object.version.as_ref().map(|version| version.0.to_string());
        self.before.get_or_insert(fresh);
        Ok(request)
    }

    async fn prove(&self) -> Result<(), Stop> {
        Ok(self.update.proof.prove(None).await?)
    }

    fn answer(&mut self, trouble: &Trouble) -> Answer {
        self.refusal = trouble.status();
        answer(trouble)
    }

    /// An object that was there before it was written is a loss.
    fn failed(&self, why: &Why) -> Stop {
        match why {
            Why::NotThere if !self.context.is_new(self.update.remote) => {
                Stop::Damaged(self.words(why))
            }
            _ => Stop::Failed(self.words(why)),
        }
    }

    fn words(&self, why: &Why) -> String {
        let address = self.update.address;
        match why {
            Why::Refused(words) | Why::Lost(words) => format!("{words}{}", self.hint()),
            Why::NotKept(_) => {
                let found = self.now.as_ref().map(|now| &now.object.fields);
                let dialect = &self.context.dialect;
                let names = same::narrowed(self.kind(), dialect, &self.asked(), found);
                format!("{}{}", not_kept(self.kind(), dialect, &names), self.whole_values(&names))
            }
            Why::NotYet => format!(
                "`{address}` was accepted and is not so yet: {} is as it was; the next plan shows \
                 what became of it",
                quoted(&self.unlike)
            ),
            Why::NotThere => format!(
                "`{address}` was written and is not there under its id any more; the next plan \
                 shows what there is"
            ),
            Why::Gone => format!("`{address}` is not there any more"),
            Why::Changed(_, None) => format!("`{address}` is not what the plan saw"),
            Why::Changed(_, Some(words)) => {
                format!("`{address}` changed while it was written: {words}")
            }
            Why::Taken(words, _) => words.clone(),
        }
    }
}

impl<T> Writing<'_, '_, '_, T> {
    /// What to write where the server does not take the form.
    fn hint(&self) -> String {
        let kind = self.update.address.kind();
        let is_patch = self.context.dialect.update_form(kind) != UpdateForm::Put;
        match self.refusal {
            Some(405 | 415 | 500 | 501) if is_patch => format!(
                "; if this server changes a {kind} only by `PUT`, say \
                 `target.dialect.{kind}Update: put` (it replaces the whole object: what the \
                 server does not show is lost)"
            ),
            Some(400) => self.whole_values(&self.unlike),
            _ => String::new(),
        }
    }

    /// What to write where the server may take no path to a sub-attribute, if there was one.
    fn whole_values(&self, names: &[String]) -> String {
        let kind = self.update.address.kind();
        let is_by_part = self.context.dialect.update_form(kind) == UpdateForm::Patch;
        let is_of_name = |path: &String| path == "name" || path.starts_with("name.");
        if kind.family() != Family::Subject || !is_by_part || !names.iter().any(is_of_name) {
            return String::new();
        }
        format!(
            "; if this server takes no path such as `name.familyName`, say \
             `target.dialect.{kind}Update: patchWholeValues`"
        )
    }
}

/// Names in backticks.
fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What to say of attributes that a server takes and forgets. `names` may be parts of attributes,
/// such as `emails.type`. The line to write is whole: it takes the place of the profile's own.
pub(super) fn not_kept(kind: KindName, dialect: &Dialect, names: &[String]) -> String {
    let key = key_field(kind);
    let new: Vec<String> =
        names.iter().filter(|name| *name != key).map(|name| format!("{kind}.{name}")).collect();
    let kept = format!("this server did not keep {} as sent", quoted(names));
    if new.is_empty() {
        return format!(
            "{kept}; declare the {kind} under the name that the server gives it, or mend the \
             server"
        );
    }
    let held = dialect.unheld.iter().map(|(kind, name)| format!("{kind}.{name}"));
    let all: Vec<String> =
        held.filter(|one| !new.contains(one)).chain(new.iter().cloned()).collect();
    format!(
        "{kept}; take it out of the desired state, write `unheld: [{}]` in `target.dialect`, or ask \
         `muster doctor` which profile fits",
        all.join(", ")
    )
}
