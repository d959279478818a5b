//! Creates: sent once, and looked up before they are ever sent again
//! (incidents, families E and K).

use crate::apply::Receipt;
use crate::kind::{Address, Fields, Key, KindName};
use crate::live::{Object, RemoteId};
use crate::provider::{Method, Request, Response, Transport};

use super::call::{self, NOT_YET, Trouble, backoff};
use super::decode::{collection, key_field};
use super::dialect::{Dialect, Reads, UserName};
use super::encode;
use super::fetch;
use super::lookup;
use super::same::differing;
use super::write::{ScimWriter, Stop};

/// Makes the object exist.
pub(super) async fn create<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    address: &Address,
    fields: &Fields,
) -> Result<Receipt, Stop> {
    let kind = address.kind();
    let name = fields.get(key_field(kind)).and_then(serde_json::Value::as_str);
    let Some(name) = name else {
        return Err(Stop::Failed(format!("`{address}` says no `{}`", key_field(kind))));
    };
    named_as_it_will_be(&writer.dialect, kind, name, fields)?;
    let create = Create { writer, kind, name, fields };
    // The second time only after a look that proved there is none.
    match create.post().await? {
        Posted::Settled(receipt) => Ok(receipt),
        Posted::Absent(_) => match create.post().await? {
            Posted::Settled(receipt) => Ok(receipt),
            Posted::Absent(words) => {
                Err(Stop::Failed(format!("sent twice, and not there: {words}")))
            }
        },
    }
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

struct Create<'w, 't, T> {
    writer: &'w ScimWriter<'t, T>,
    kind: KindName,
    name: &'w str,
    fields: &'w Fields,
}

/// What became of one `POST`.
enum Posted {
    /// It is known what there is.
    Settled(Receipt),
    /// Nobody knows what became of it, and a look proved that there is none.
    Absent(String),
}

impl<T: Transport + Sync> Create<'_, '_, T> {
    async fn post(&self) -> Result<Posted, Stop> {
        let body = encode::resource(self.kind, &self.writer.dialect, self.fields);
        let request = Request::new(Method::Post, &[collection(self.kind)]).with_body(body);
        match call::write(self.writer.transport, &request).await {
            Ok(response) => self.created(&request, &response).await.map(Posted::Settled),
            Err(trouble) if trouble.status() == Some(409) => self.taken(&trouble).await,
            Err(trouble) if trouble.is_unknown_outcome() => self.unknown(&trouble).await,
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// The server says it is done: the answer, or a look, must hold what was asked.
    async fn created(&self, request: &Request, response: &Response) -> Result<Receipt, Stop> {
        let dialect = &self.writer.dialect;
        let echo = fetch::decode(dialect, self.kind, request, response, None).ok();
        let Some(echo) = echo else {
            return self.accepted(response).await;
        };
        let id = echo.object.id.clone();
        self.writer.remember(&id);
        if response.status != 202 && self.holds(&echo.object).is_ok() {
            return Ok(Receipt::Done { id: Some(id) });
        }
        for tries in 0..NOT_YET {
            let now = fetch::fetch(self.writer.transport, dialect, self.kind, id.as_str()).await?;
            if let Some(now) = now {
                return self.holds(&now.object).map(|id| Receipt::Done { id: Some(id) });
            }
            self.writer.transport.pause(backoff(tries)).await;
        }
        Err(Stop::Failed(format!("the server created `{}` and does not show it", self.name)))
    }

    /// The server says it is done, or will be, and shows nothing: a look by name must find it.
    async fn accepted(&self, response: &Response) -> Result<Receipt, Stop> {
        let is_lagging =
            self.writer.dialect.habits.reads == Reads::Lagging || response.status == 202;
        let looks = if is_lagging { NOT_YET } else { 1 };
        let mut found = Vec::new();
        for tries in 0..looks {
            if tries > 0 {
                self.writer.transport.pause(backoff(tries)).await;
            }
            found = self.look().await?;
            if let [one] = found.as_slice() {
                let id = self.holds(one)?;
                self.writer.remember(&id);
                return Ok(Receipt::Done { id: Some(id) });
            }
        }
        Err(Stop::Failed(format!(
            "the server said it created `{}` and shows {} of that name",
            self.name,
            found.len()
        )))
    }

    /// The name is taken: by the very thing that was asked for, or by something else.
    async fn taken(&self, trouble: &Trouble) -> Result<Posted, Stop> {
        let found = self.look().await?;
        match found.as_slice() {
            [] => Err(Stop::Failed(format!(
                "{}; but nothing of that name is shown: it may be deleted or hidden",
                trouble.words()
            ))),
            [one] => match self.holds(one) {
                Ok(id) => Ok(Posted::Settled(Receipt::AlreadySo { id: Some(id) })),
                Err(_) => Err(self.something_else(trouble, one)),
            },
            several => Err(self.several(several)),
        }
    }

    /// Nobody knows whether it was done.
    async fn unknown(&self, trouble: &Trouble) -> Result<Posted, Stop> {
        // The server may still be at it.
        self.writer.transport.pause(backoff(1)).await;
        let found = self.look().await?;
        match found.as_slice() {
            [] => Ok(Posted::Absent(trouble.words().to_owned())),
            [one] => match self.holds(one) {
                Ok(id) => {
                    self.writer.remember(&id);
                    Ok(Posted::Settled(Receipt::Done { id: Some(id) }))
                }
                Err(_) => Err(self.something_else(trouble, one)),
            },
            several => Err(self.several(several)),
        }
    }

    async fn look(&self) -> Result<Vec<Object>, Stop> {
        let writer = self.writer;
        let found = lookup::named(writer.transport, &writer.dialect, self.kind, self.name).await?;
        if found.objects.is_empty() && !found.is_all {
            return Err(Stop::Failed(format!(
                "nobody knows whether `{}` was created: the server's listing cannot be proved \
                 complete, and it does not show it",
                self.name
            )));
        }
        Ok(found.objects)
    }

    fn something_else(&self, trouble: &Trouble, one: &Object) -> Stop {
        let fields = &one.fields;
        let unlike = differing(self.kind, &self.writer.dialect, self.fields, fields).join("`, `");
        let is_inactive = fields.get("active") == Some(&serde_json::Value::Bool(false));
        let state = if is_inactive { " (it is deactivated)" } else { "" };
        Stop::Failed(format!(
            "{}; what has the name says something else in `{unlike}`{state}, and the next plan \
             shows the difference",
            trouble.words()
        ))
    }

    fn several(&self, found: &[Object]) -> Stop {
        let ids: Vec<_> = found.iter().map(|object| object.id.as_str()).collect();
        Stop::Failed(format!(
            "{} objects are named `{}` (ids {}): remove the ones that are not meant",
            found.len(),
            self.name,
            ids.join(", ")
        ))
    }

    /// Its id, where it holds what was asked.
    fn holds(&self, object: &Object) -> Result<RemoteId, Stop> {
        let unlike = differing(self.kind, &self.writer.dialect, self.fields, &object.fields);
        if unlike.is_empty() {
            return Ok(object.id.clone());
        }
        Err(Stop::Failed(super::update::not_kept(self.kind, &unlike)))
    }
}
