//! What the platform's collections share: a page of rows, a row by its id, and a row that is made,
//! changed or taken away, with what that leaves in the log.

use std::sync::Arc;

use serde_json::{Value, json};

use super::call::Call;
use super::error::Refusal;
use super::id;
use super::page::{self, Size};
use super::state::{Object, Stored};
use super::twin::GreenLake;
use crate::sandbox::http::Response;

/// A kind of row that has a collection of its own.
pub(super) trait Resource: Stored + Clone + Into<Object> {
    /// How a refusal calls one: `the scope group`.
    const WHAT: &'static str;
    /// Where the collection is.
    const PATH: &'static str;
    /// The category of its writes in the log.
    const CATEGORY: &'static str;

    /// The workspace whose token opens it; none is the organization's.
    fn workspace(&self) -> Option<&str> {
        None
    }

    /// Where it is.
    fn location(&self) -> String {
        format!("{}/{}", Self::PATH, id::dashed(&self.id()))
    }
}

/// A JSON answer of the platform.
pub(super) fn answer(status: u16, body: &Value) -> Response {
    Response::json(status, "application/json", body)
}

/// A page of rows, by `offset` and `limit`.
pub(super) fn listing<T: Clone>(
    call: &Call<'_>,
    rows: Vec<T>,
    size: Size,
    render: impl Fn(&T) -> Value,
) -> Result<Response, Refusal> {
    let (offset, limit) = page::offset_and_limit(call, size)?;
    Ok(cut(call, rows, Cut { offset, skip: offset, limit }, render))
}

/// Where a page is: `offset` is what it says of itself, `skip` how many rows come before it.
pub(super) struct Cut {
    pub(super) offset: usize,
    pub(super) skip: usize,
    pub(super) limit: usize,
}

/// A page of rows.
pub(super) fn cut<T: Clone>(
    call: &Call<'_>,
    rows: Vec<T>,
    Cut { offset, skip, limit }: Cut,
    render: impl Fn(&T) -> Value,
) -> Response {
    let page = page::cut(rows, skip, limit, call);
    let items: Vec<Value> = page.rows.iter().map(render).collect();
    let (count, total) = (items.len(), page.total);
    answer(200, &json!({ "count": count, "offset": offset, "total": total, "items": items }))
}

/// The rows that the token's workspace opens, the oldest first.
pub(super) fn open<'a, T: Resource + 'a>(
    twin: &'a GreenLake,
    call: &Call<'_>,
) -> Result<impl Iterator<Item = &'a Arc<T>>, Refusal> {
    let own = call.workspace()?.to_string();
    let opens = move |row: &&Arc<T>| row.workspace().is_none_or(|of| of == own);
    Ok(T::table(&twin.state).iter().filter(opens))
}

/// The row of that id, if the token's workspace opens it.
pub(super) fn found<T: Resource>(
    twin: &GreenLake,
    call: &Call<'_>,
    id: &str,
) -> Result<Arc<T>, Refusal> {
    let own = call.workspace()?;
    let row = T::table(&twin.state).find(id);
    let row = row.filter(|row| row.workspace().is_none_or(|of| of == own));
    row.cloned().ok_or_else(|| Refusal::missing(T::WHAT, id))
}

/// The answer that shows the row of that id.
pub(super) fn get<T: Resource>(
    twin: &GreenLake,
    call: &Call<'_>,
    id: &str,
    render: impl Fn(&T) -> Value,
) -> Result<Response, Refusal> {
    Ok(answer(200, &render(found::<T>(twin, call, id)?.as_ref())))
}

/// The number and the id that the next row of a collection gets.
pub(super) fn next(twin: &GreenLake, collection: &str) -> (u64, String) {
    let serial = twin.state.next();
    (serial, id::derive(&format!("{collection}/#{serial}")))
}

/// Refuses one more where there are as many as there may be.
pub(super) fn room(there: usize, most: usize, whose: &str, what: &str) -> Result<(), Refusal> {
    if there < most {
        return Ok(());
    }
    Err(Refusal::new(400, format!("the {whose} has {most} {what}, which is the most")))
}

/// Puts a new row in; the answer shows `body` and says where the row is.
pub(super) fn created<T: Resource>(
    twin: &mut GreenLake,
    call: &Call<'_>,
    row: T,
    body: &Value,
    logged: String,
) -> Response {
    let mut response = answer(201, body);
    response.set("location", &row.location());
    put(twin, call, row, logged);
    response
}

/// Puts a row in, instead of the one of its number if there is one.
pub(super) fn put<T: Resource>(twin: &mut GreenLake, call: &Call<'_>, row: T, logged: String) {
    twin.put(row);
    twin.log(call, T::CATEGORY, logged);
}

/// Takes a row away.
pub(super) fn deleted<T: Resource>(
    twin: &mut GreenLake,
    call: &Call<'_>,
    row: &T,
    logged: String,
) -> Response {
    twin.delete(T::KIND, row.serial());
    twin.log(call, T::CATEGORY, logged);
    Response::new(204)
}
