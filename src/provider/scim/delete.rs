//! Deletes: checked just before. Gone is done; so is deactivated, where that is all a server does.

use serde_json::Value;

use crate::apply::Receipt;
use crate::kind::{Address, KindName};
use crate::live::{Fingerprint, RemoteId};
use crate::provider::{Method, Request, Transport};

use super::call::{self, backoff};
use super::decode::collection;
use super::dialect::{DeleteEffect, Reads};
use super::fetch::{self, Fetched};
use super::write::{ScimWriter, Stop};

/// How often a delete is sent when its answer is lost.
const TRIES: u32 = 3;
/// How often the object is looked for afterwards, where a read may lag behind a write.
const LOOKS: u32 = 8;

/// Makes the object not exist.
pub(super) async fn delete<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    address: &Address,
    remote: &RemoteId,
    expect: &Fingerprint,
) -> Result<Receipt, Stop> {
    let kind = address.kind();
    let look = || fetch::fetch(writer.transport, &writer.dialect, kind, remote.as_str());
    let is_gone = |found: &Option<Fetched>| {
        found.as_ref().is_none_or(|found| {
            kind == KindName::User
                && writer.dialect.delete == DeleteEffect::Deactivates
                && found.object.fields.get("active") == Some(&Value::Bool(false))
        })
    };
    let mut tries = 0;
    loop {
        let found = look().await?;
        if is_gone(&found) {
            return Ok(if tries == 0 {
                Receipt::AlreadySo { id: None }
            } else {
                Receipt::Done { id: None }
            });
        }
        let Some(found) = found else { return Ok(Receipt::AlreadySo { id: None }) };
        found.ours()?;
        if found.object.fingerprint() != *expect {
            return Err(Stop::Stale(format!("`{address}` is not what the plan saw")));
        }
        let mut request = Request::new(Method::Delete, &[collection(kind), remote.as_str()]);
        request.if_match = found.object.version.map(|version| version.0.to_string());
        let trouble = match call::write(writer.transport, &request).await {
            Ok(_) => break,
            Err(trouble) => trouble,
        };
        match trouble.status() {
            Some(404 | 410) => return Ok(Receipt::Done { id: None }),
            // The entity tag also moves with what is not compared; the next look tells.
            Some(412) if tries + 1 < TRIES => {}
            Some(412 | 428) => return Err(Stop::Stale(trouble.words().to_owned())),
            _ if !trouble.is_unknown_outcome() => return Err(trouble.into()),
            _ => {}
        }
        tries += 1;
        if tries == TRIES {
            return if is_gone(&look().await?) {
                Ok(Receipt::Done { id: None })
            } else {
                Err(trouble.into())
            };
        }
        writer.transport.pause(backoff(tries)).await;
    }
    // A success is not believed until it is seen; a replica may lag a little.
    let looks = if writer.dialect.habits.reads == Reads::Lagging { LOOKS } else { TRIES };
    for tries in 0..looks {
        if is_gone(&look().await?) {
            return Ok(Receipt::Done { id: None });
        }
        writer.transport.pause(backoff(tries)).await;
    }
    Err(Stop::Failed(format!(
        "the server said it deleted `{address}` and still shows it; if it only deactivates users, \
         say so: `target.dialect.delete: deactivates`"
    )))
}
