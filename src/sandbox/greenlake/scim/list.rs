//! Listings: `startIndex`, `count`, at most 200 rows.

use std::sync::Arc;

use serde_json::{Value, json};

use super::document::{LIST, document};
use crate::sandbox::greenlake::call::Call;
use crate::sandbox::greenlake::error::Refusal;
use crate::sandbox::greenlake::page::{self, Size};
use crate::sandbox::http::Response;

const SIZE: Size = Size { default: Some(200), most: 200, least: 1 };

/// A page of the rows.
pub(super) fn listing<T>(
    call: &Call<'_>,
    rows: Vec<Arc<T>>,
    render: fn(&T) -> Value,
) -> Result<Response, Refusal> {
    let start = call.whole_number("startIndex")?.unwrap_or(1);
    let skip = usize::try_from(start).ok().and_then(|start| start.checked_sub(1));
    let skip = skip.ok_or_else(|| {
        Refusal::parameter("startIndex", format!("`startIndex` is {start}; it counts from 1"))
    })?;
    let count = match call.whole_number("count")? {
        None => SIZE.most,
        Some(count) => page::within("count", count, SIZE)?,
    };
    let page = page::cut(rows, skip, count, call);
    let resources: Vec<Value> = page.rows.iter().map(|row| render(row)).collect();
    let body = json!({
        "schemas": [LIST],
        "totalResults": page.total,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    Ok(document(200, &body))
}
