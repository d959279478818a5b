//! Listings: every page of a collection, proved complete, or none of it.

use super::decode::{Row, are_distinct, page};
use super::error::{ApiError, ApiErrorKind};
use crate::provider::scim::call;
use crate::provider::{Method, Request, Transport};

/// Rows asked for at once.
const LIMIT: u64 = 100;
/// Rows one collection may have: quotas are 20 domains and 100 claims.
const MOST_ROWS: usize = 10_000;

/// The request for the page of `path` that begins at `offset`.
pub(super) fn request(path: &[&str], offset: u64) -> Request {
    let mut request = Request::new(Method::Get, path);
    request.query = vec![("limit", LIMIT.to_string()), ("offset", offset.to_string())];
    request
}

/// Reads a collection. One that does not add up is read once more.
///
/// # Errors
///
/// [`ApiError`] on the first answer that is not what it should be; there is no partial result.
pub(super) async fn list<R: Row, T: Transport>(
    transport: &T,
    path: &[&str],
) -> Result<Vec<R>, ApiError> {
    match once(transport, path).await {
        Err(error) if error.kind == ApiErrorKind::Inconsistent => once(transport, path).await,
        other => other,
    }
}

/// Complete means: as many distinct rows as the total, the same total on every page; or, where
/// no total is said, every row once and an empty page at the end.
async fn once<R: Row, T: Transport>(transport: &T, path: &[&str]) -> Result<Vec<R>, ApiError> {
    let doubt = |why: String| {
        let what = format!("the list of `/{}` does not add up, read twice: {why}", path.join("/"));
        ApiError::new(ApiErrorKind::Inconsistent, what)
    };
    let mut rows: Vec<R> = Vec::new();
    let mut first_total = None;
    loop {
        let offset = rows.len() as u64;
        let request = request(path, offset);
        let response = call::read(transport, &request)
            .await
            .map_err(|trouble| ApiError::from_trouble(&request, &trouble))?;
        if response.status != 200 {
            let why = "a list is answered with 200";
            return Err(ApiError::malformed(&request, &response, why));
        }
        let page = page::<R>(&request, &response, offset)?;
        if offset == 0 {
            first_total = page.total;
        } else if page.total != first_total {
            return Err(doubt("its total changed from page to page".to_owned()));
        }
        let is_last = page.rows.is_empty();
        rows.extend(page.rows);
        if rows.len() > MOST_ROWS {
            return Err(doubt(format!("it has more than {MOST_ROWS} rows")));
        }
        if !are_distinct(&rows) {
            return Err(doubt("a row came twice".to_owned()));
        }
        let read = rows.len() as u64;
        match first_total {
            Some(total) if read == total => return Ok(rows),
            Some(total) if read > total || is_last => {
                return Err(doubt(format!("{total} rows were announced and {read} came")));
            }
            None if is_last => return Ok(rows),
            _ => {}
        }
    }
}
