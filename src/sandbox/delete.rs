//! DELETE (RFC 7644 section 3.6).

use std::sync::Arc;

use super::call::Call;
use super::error::Refusal;
use super::record::{Kind, Record};
use super::{Effect, Response, Sandbox, read};

/// `DELETE /Users/ID`, `DELETE /Groups/ID`.
pub(super) fn answer(
    sandbox: &mut Sandbox,
    call: &Call<'_>,
    kind: Kind,
    id: &str,
) -> Result<Response, Refusal> {
    let old = read::find_to_write(sandbox, call, kind, id)?;
    let rules = sandbox.personality.delete;
    let response = match rules.status {
        200 if sandbox.personality.echo.hidden => read::without_members(sandbox, &old, 200),
        200 => read::shown(sandbox, call, &old, 200)?,
        status => Response::new(status),
    };
    if rules.deactivates && kind == Kind::User {
        let mut inactive =
            Record { version: old.version + 1, modified: Arc::clone(&call.now), ..(*old).clone() };
        inactive.attributes.insert("active".into(), false.into());
        sandbox.commit(Effect::Put(Arc::new(inactive)));
    } else {
        sandbox.commit(Effect::Delete {
            kind,
            id: Arc::clone(&old.id),
            detach: (!rules.dangling).then(|| Arc::clone(&call.now)),
        });
    }
    Ok(response)
}
