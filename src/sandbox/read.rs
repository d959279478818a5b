//! One resource, and what every answer that shows one resource needs.

use std::sync::Arc;

use super::call::{Call, tags};
use super::error::Refusal;
use super::personality::{Act, Versions};
use super::projection::Projection;
use super::record::{Kind, Record};
use super::render::View;
use super::{Fault, Response, Sandbox};

/// `GET /Users/ID`.
pub(super) fn answer(
    sandbox: &Sandbox,
    call: &Call<'_>,
    kind: Kind,
    id: &str,
) -> Result<Response, Refusal> {
    let record = find(sandbox, kind, id)?;
    let versions = sandbox.personality.meta.versions;
    if versions == Versions::Full
        && let Some(sent) = call.request.named("if-none-match")
    {
        let own = record.etag();
        if tags(sent).any(|tag| tag == own || tag == "*") {
            let mut response = Response::new(304);
            response.set("etag", &own);
            return Ok(response);
        }
    }
    shown(sandbox, call, &record, 200)
}

/// The resource of that id, or 404.
pub(super) fn find(sandbox: &Sandbox, kind: Kind, id: &str) -> Result<Arc<Record>, Refusal> {
    sandbox.state.table(kind).find(id).cloned().ok_or_else(|| Refusal::missing(id))
}

/// The resource of that id if `If-Match` lets it be written.
pub(super) fn find_to_write(
    sandbox: &Sandbox,
    call: &Call<'_>,
    kind: Kind,
    id: &str,
) -> Result<Arc<Record>, Refusal> {
    let record = find(sandbox, kind, id)?;
    if record.broken {
        return Err(Refusal::crash());
    }
    if sandbox.personality.meta.versions == Versions::Full
        && let Some(sent) = call.request.named("if-match")
    {
        let own = record.etag();
        if !tags(sent).any(|tag| tag == own || tag == "*") {
            let detail = format!("the version is {own}, not {sent}");
            let stale_type = sandbox.personality.errors.stale_type;
            return Err(Refusal { scim_type: stale_type, ..Refusal::plain(412, detail) });
        }
    }
    Ok(record)
}

/// An answer that shows a resource.
pub(super) fn shown(
    sandbox: &Sandbox,
    call: &Call<'_>,
    record: &Record,
    status: u16,
) -> Result<Response, Refusal> {
    let of = |name: &str| {
        let mut pairs = call.request.query.iter();
        pairs.find(|(each, _)| each.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    };
    let rules = &sandbox.personality.paging;
    let projection = Projection::new(of("attributes"), of("excludedAttributes"), rules)?;
    let prefix = matches!(call.fault, Some(Fault::HostileIds)).then_some("../");
    let view = view(sandbox, &projection, prefix.unwrap_or_default());
    Ok(with_view(sandbox, &view, record, status))
}

/// The same without members.
pub(super) fn without_members(sandbox: &Sandbox, record: &Record, status: u16) -> Response {
    let projection = Projection::default();
    let view = View { hide_members: true, ..view(sandbox, &projection, "") };
    with_view(sandbox, &view, record, status)
}

fn with_view(sandbox: &Sandbox, view: &View<'_>, record: &Record, status: u16) -> Response {
    let mut body = Vec::new();
    view.write(record, &mut body);
    let rules = &sandbox.personality.meta;
    let mut response = Response::document(status, body, &sandbox.personality);
    if rules.versions == Versions::Full {
        response.set("etag", &record.etag());
    }
    if status == 201 && rules.header {
        response.set("location", &view.location(record));
    }
    response
}

pub(super) fn view<'a>(
    sandbox: &'a Sandbox,
    projection: &'a Projection,
    id_prefix: &'a str,
) -> View<'a> {
    View {
        state: &sandbox.state,
        personality: &sandbox.personality,
        base: &sandbox.base,
        projection,
        id_prefix,
        hide_members: false,
    }
}

/// An act that is not right, as a refusal; `Ignored`, `Merged` and `Whole` pass.
pub(super) fn permit(act: Act, what: &str) -> Result<Act, Refusal> {
    match act {
        Act::Refused(scim_type) => {
            Err(Refusal::new(400, scim_type, format!("this server does not take {what}")))
        }
        Act::Unsupported => Err(Refusal::plain(501, format!("{what} is not implemented"))),
        Act::Crash => Err(Refusal::crash()),
        other => Ok(other),
    }
}
