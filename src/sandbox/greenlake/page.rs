//! Pages of a listing, as the fault of the day leaves them.

use super::call::Call;
use super::error::Refusal;
use crate::sandbox::fault::Fault;

/// A page.
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    /// How many rows there are in all.
    pub(super) total: i64,
}

/// What a listing's size may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Rows where nothing is asked for; `None` is all.
    pub(super) default: Option<usize>,
    /// The most that may be asked for.
    pub(super) most: usize,
    /// The fewest.
    pub(super) least: usize,
}

/// Cuts a page out of all rows: `skip` of them come before it.
pub(super) fn cut<T: Clone>(mut all: Vec<T>, skip: usize, size: usize, call: &Call<'_>) -> Page<T> {
    if let Some(Fault::Hide(hidden)) = call.fault {
        all.drain(..hidden.min(all.len()));
    }
    let mut total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let early = match call.fault {
        Some(Fault::Overlap(rows)) => rows,
        _ => 0,
    };
    let mut rows: Vec<T> = all.into_iter().skip(skip.saturating_sub(early)).take(size).collect();
    match call.fault {
        Some(Fault::Total(by)) => total = (total + by).max(0),
        Some(Fault::Drift(step)) => total = (total + step * call.nth).max(0),
        Some(Fault::Duplicate(count)) => {
            let count = count.min(rows.len() / 2);
            let keep = rows.len() - count;
            rows.truncate(keep);
            rows.extend(rows.iter().take(count).cloned().collect::<Vec<_>>());
        }
        Some(Fault::Short(count)) => rows.truncate(rows.len().saturating_sub(count)),
        Some(Fault::Drop(count)) => drop(rows.drain(..count.min(rows.len()))),
        _ => {}
    }
    Page { rows, total }
}

/// Reads `offset` and `limit`.
pub(super) fn offset_and_limit(call: &Call<'_>, size: Size) -> Result<(usize, usize), Refusal> {
    let offset = match call.whole_number("offset")? {
        None => 0,
        Some(offset) => usize::try_from(offset)
            .map_err(|_| Refusal::parameter("offset", format!("the offset {offset} is below 0")))?,
    };
    let limit = match call.whole_number("limit")? {
        None => size.default.unwrap_or(usize::MAX),
        Some(0) if size.default.is_none() => usize::MAX,
        Some(limit) => within("limit", limit, size)?,
    };
    Ok((offset, limit))
}

/// A number of rows that is within the bounds.
pub(super) fn within(name: &str, asked: i64, size: Size) -> Result<usize, Refusal> {
    let (least, most) = (size.least, size.most);
    usize::try_from(asked).ok().filter(|rows| (least..=most).contains(rows)).ok_or_else(|| {
        let message = format!("`{name}` is {asked}; it must be from {least} to {most}");
        Refusal::parameter(name, message)
    })
}
