//! PATCH (RFC 7644 section 3.5.2).

mod attribute;
mod group;
mod operation;
mod user;

use self::operation::{Operation, operations};
use super::call::Call;
use super::error::Refusal;
use super::normalise;
use super::personality::Success;
use super::record::{Kind, Record};
use super::{Response, Sandbox, create, members, read};

/// `PATCH /Users/ID`, `PATCH /Groups/ID`.
pub(super) fn answer(
    sandbox: &mut Sandbox,
    call: &Call<'_>,
    kind: Kind,
    id: &str,
) -> Result<Response, Refusal> {
    let old = read::find_to_write(sandbox, call, kind, id)?;
    let operations = operations(sandbox, &call.request.body)?;
    if kind == Kind::Group {
        members::within_request(sandbox, operations.iter().map(group::sent).sum())?;
    }
    let mut new = (*old).clone();
    for operation in &operations {
        let mut next = new.clone();
        let result = one(sandbox, &mut next, operation);
        match result {
            Ok(()) => new = next,
            // What went before stays, and the client hears of success; a lone failure is told.
            Err(_) if !sandbox.personality.patch.atomic && operations.len() > 1 => break,
            Err(refusal) => return Err(refusal),
        }
    }
    match kind {
        Kind::User => normalise::name_user(&mut new.attributes, &sandbox.personality.storage),
        Kind::Group => members::within_group(sandbox, &new.members)?,
    }
    if new.name().is_empty() {
        return Err(Refusal::value(format!("`{}` is required", kind.key())));
    }
    let (record, changed) = create::store(sandbox, call, &old, new)?;
    match sandbox.personality.patch.success {
        Success::NoContent => Ok(bare(sandbox, &record)),
        Success::FullOrNothing if !changed => Ok(bare(sandbox, &record)),
        Success::WithoutMembers if kind == Kind::Group => {
            Ok(read::without_members(sandbox, &record, 200))
        }
        _ => read::shown(sandbox, call, &record, 200),
    }
}

fn bare(sandbox: &Sandbox, record: &Record) -> Response {
    let mut response = Response::new(204);
    if sandbox.personality.meta.versions == super::personality::Versions::Full {
        response.set("etag", &record.etag());
    }
    response
}

fn one(sandbox: &Sandbox, record: &mut Record, operation: &Operation) -> Result<(), Refusal> {
    match record.kind {
        Kind::User => user::apply(sandbox, record, operation),
        Kind::Group => group::apply(sandbox, record, operation),
    }
}
