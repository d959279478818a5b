//! Updates: checked just before, written in one form, looked at just after, and written in
//! another form once when the first did not hold.

use crate::apply::Receipt;
use crate::kind::{Address, FieldName, Fields, KindName};
use crate::live::{Fingerprint, RemoteId};
use crate::provider::{Method, Request, Response, Transport};

use super::call::{self, Trouble, backoff};
use super::decode::collection;
use super::dialect::{Put, Reads, UpdateForm};
use super::fetch::{self, Fetched};
use super::patch::{self, Wanted};
use super::put;
use super::same::differing;
use super::write::{ScimWriter, Stop};

/// How often one form is sent when its answer is lost.
const TRIES: u32 = 3;
/// How often the object is looked at afterwards, where a read may lag behind a write or the write
/// was only accepted (202, RFC 9110 section 15.3.3).
const LOOKS: u32 = 8;

/// One object and what it is to say.
pub(super) struct Update<'a> {
    pub(super) address: &'a Address,
    pub(super) remote: &'a RemoteId,
    pub(super) expect: &'a Fingerprint,
    pub(super) after: &'a Fields,
    pub(super) changed: &'a [FieldName],
}

/// Why one form did not do it, so that another may be tried.
enum Tried {
    /// The server does not take the form.
    Refused(String),
    /// The server took it and the attributes are as they were.
    NotKept(Vec<String>),
}

/// Makes the object say what it is to say.
pub(super) async fn update<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    update: &Update<'_>,
) -> Result<Receipt, Stop> {
    let kind = update.address.kind();
    let fresh = fetch_now(writer, update).await?;
    fresh.ours()?;
    if fresh.object.fingerprint() != *update.expect {
        return if unlike(writer, update, &fresh).is_empty() {
            Ok(Receipt::AlreadySo { id: Some(update.remote.clone()) })
        } else {
            Err(Stop::Stale(format!("`{}` is not what the plan saw", update.address)))
        };
    }
    let first = writer.dialect.update_form(kind);
    let mut last = match with_form(writer, update, first, fresh).await? {
        Ok(receipt) => return Ok(receipt),
        Err(tried) => tried,
    };
    let second = if first == UpdateForm::Put { UpdateForm::Patch } else { UpdateForm::Put };
    // Never a PUT of a group unasked: it carries the members, and would undo what somebody else
    // did to them in between.
    let has_second = second == UpdateForm::Patch || writer.dialect.habits.put == Put::Tried;
    if has_second && (second == UpdateForm::Patch || kind == KindName::User) {
        let fresh = fetch_now(writer, update).await?;
        last = match with_form(writer, update, second, fresh).await? {
            Ok(receipt) => return Ok(receipt),
            // That the first form was taken and not kept says more than that this is refused.
            Err(Tried::Refused(_)) => last,
            Err(tried) => tried,
        };
    }
    Err(Stop::Failed(match last {
        Tried::Refused(words) => words,
        Tried::NotKept(names) => not_kept(kind, &names),
    }))
}

/// What to say of attributes that a server takes and forgets.
pub(super) fn not_kept(kind: KindName, names: &[String]) -> String {
    let shown: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let lines: Vec<_> = names.iter().map(|name| format!("{kind}.{name}")).collect();
    format!(
        "this server did not keep {} as sent; take it out of the desired state, say `{}` in \
         `target.dialect.unheld`, or ask `muster doctor` which profile fits",
        shown.join(", "),
        lines.join(", ")
    )
}

async fn fetch_now<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    update: &Update<'_>,
) -> Result<Fetched, Stop> {
    let (kind, id) = (update.address.kind(), update.remote.as_str());
    fetch::fetch(writer.transport, &writer.dialect, kind, id)
        .await?
        .ok_or_else(|| Stop::Stale(format!("`{}` is not there any more", update.address)))
}

/// The changed fields that the object does not say yet.
fn unlike<T>(writer: &ScimWriter<'_, T>, update: &Update<'_>, found: &Fetched) -> Vec<String> {
    let null = serde_json::Value::Null;
    let asked: Fields = update
        .changed
        .iter()
        .map(|name| (name.clone(), update.after.get(name).unwrap_or(&null).clone()))
        .collect();
    differing(update.address.kind(), &writer.dialect, &asked, &found.object.fields)
}

/// Writes in one form, and looks.
async fn with_form<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    update: &Update<'_>,
    form: UpdateForm,
    mut fresh: Fetched,
) -> Result<Result<Receipt, Tried>, Stop> {
    let done = || Receipt::Done { id: Some(update.remote.clone()) };
    let mut tries = 0;
    loop {
        let request = request(writer, update, form, &fresh);
        let trouble = match call::write(writer.transport, &request).await {
            Ok(response) => {
                let names = after_success(writer, update, &request, &response).await?;
                return Ok(if names.is_empty() { Ok(done()) } else { Err(Tried::NotKept(names)) });
            }
            Err(trouble) => trouble,
        };
        match trouble.status() {
            // The entity tag also moves with what is not compared, such as a group's members:
            // only an object that says something else is stale.
            Some(412) if tries + 1 < TRIES => {
                tries += 1;
                fresh = fetch_now(writer, update).await?;
                if fresh.object.fingerprint() == *update.expect {
                    continue;
                }
                return Err(Stop::Stale(trouble.words().to_owned()));
            }
            Some(412 | 428) => return Err(Stop::Stale(trouble.words().to_owned())),
            Some(404 | 410) => {
                return Err(Stop::Stale(format!("`{}` is not there any more", update.address)));
            }
            Some(400 | 405 | 415 | 422) => {
                return Ok(Err(Tried::Refused(trouble.words().to_owned())));
            }
            _ if !trouble.is_unknown_outcome() => return Err(trouble.into()),
            _ => {}
        }
        // It may have been done all the same.
        writer.transport.pause(backoff(tries)).await;
        fresh = fetch_now(writer, update).await?;
        if unlike(writer, update, &fresh).is_empty() {
            return Ok(Ok(done()));
        }
        tries += 1;
        if matches!(trouble.status(), Some(500 | 501)) {
            return Ok(Err(Tried::Refused(trouble.words().to_owned())));
        }
        if tries == TRIES {
            return Err(trouble.into());
        }
        if fresh.object.fingerprint() != *update.expect {
            return Err(Stop::Stale(format!(
                "`{}` changed while it was written: {}",
                update.address,
                trouble.words()
            )));
        }
    }
}

fn request<T>(
    writer: &ScimWriter<'_, T>,
    update: &Update<'_>,
    form: UpdateForm,
    fresh: &Fetched,
) -> Request {
    let kind = update.address.kind();
    let wanted = Wanted {
        kind,
        dialect: &writer.dialect,
        after: update.after,
        changed: update.changed,
        now: &fresh.object.fields,
    };
    let (method, body) = match form {
        UpdateForm::Put => (Method::Put, put::body(&wanted, &fresh.raw)),
        UpdateForm::Patch | UpdateForm::PatchWithoutPath => {
            (Method::Patch, patch::body(&wanted.operations(form)))
        }
    };
    let mut request =
        Request::new(method, &[collection(kind), update.remote.as_str()]).with_body(body);
    request.if_match = fresh.object.version.as_ref().map(|version| version.0.to_string());
    request
}

/// The changed fields that did not hold: read off the answer, or off a look.
async fn after_success<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    update: &Update<'_>,
    request: &Request,
    response: &Response,
) -> Result<Vec<String>, Stop> {
    let (kind, id) = (update.address.kind(), update.remote.as_str());
    let echo = fetch::decode(&writer.dialect, kind, request, response, Some(id));
    if let Ok(echo) = echo
        && unlike(writer, update, &echo).is_empty()
    {
        return Ok(Vec::new());
    }
    let is_lagging = writer.dialect.habits.reads == Reads::Lagging || response.status == 202;
    let mut names = look_after(writer, update).await?;
    for tries in 1..LOOKS {
        if names.is_empty() || !is_lagging {
            break;
        }
        writer.transport.pause(backoff(tries)).await;
        names = look_after(writer, update).await?;
    }
    if response.status == 202 && !names.is_empty() {
        return Err(Stop::Failed(format!(
            "`{}` was accepted and is not so yet: `{}` is as it was; the next plan shows what \
             became of it",
            update.address,
            names.join("`, `")
        )));
    }
    Ok(names)
}

/// The changed fields that a look after the write does not show.
async fn look_after<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    update: &Update<'_>,
) -> Result<Vec<String>, Stop> {
    let (kind, id) = (update.address.kind(), update.remote.as_str());
    let now = match fetch::fetch(writer.transport, &writer.dialect, kind, id).await {
        Ok(Some(now)) => now,
        Ok(None) => {
            let words = format!(
                "`{}` was written and is not there under its id any more; the next plan shows \
                 what there is",
                update.address
            );
            return Err(Stop::Failed(words));
        }
        Err(trouble @ Trouble::Status { status: 401 | 403, .. }) => return Err(trouble.into()),
        Err(trouble) => {
            return Err(Stop::Failed(format!("written, but not seen since: {}", trouble.words())));
        }
    };
    Ok(unlike(writer, update, &now))
}
