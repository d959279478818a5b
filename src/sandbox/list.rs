//! Listings: `GET /Users`, `POST /.search` (RFC 7644 sections 3.4.2 and 3.4.3).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::call::{Call, object};
use super::error::Refusal;
use super::personality::{Act, Edge, PageCount, Paging};
use super::projection::Projection;
use super::record::{Kind, Record};
use super::render::json;
use super::selection::{Selection, Wanted, select};
use super::{Fault, Response, Sandbox, read};

/// The parameters of a listing.
#[derive(Clone, Debug, Default)]
struct Query {
    start: Option<i64>,
    count: Option<i64>,
    filter: Option<String>,
    sort_by: Option<String>,
    descending: bool,
    attributes: Option<String>,
    excluded: Option<String>,
}

/// `GET /Users`, `GET /Groups`.
pub(super) fn answer(sandbox: &Sandbox, call: &Call<'_>, kind: Kind) -> Result<Response, Refusal> {
    let query = Query::from_pairs(&call.request.query)?;
    listing(sandbox, call, &[kind], query)
}

/// `POST …/.search`.
pub(super) fn search(
    sandbox: &Sandbox,
    call: &Call<'_>,
    kinds: &[Kind],
) -> Result<Response, Refusal> {
    let status = sandbox.personality.paging.search;
    if status != 200 {
        return Err(Refusal::plain(status, "searches by POST are not supported"));
    }
    let query = Query::from_body(&object(&call.request.body)?)?;
    listing(sandbox, call, kinds, query)
}

impl Query {
    fn from_pairs(pairs: &[(String, String)]) -> Result<Query, Refusal> {
        let mut query = Query::default();
        for (name, value) in pairs {
            query.set(name, value)?;
        }
        Ok(query)
    }

    fn from_body(body: &Map<String, Value>) -> Result<Query, Refusal> {
        let mut query = Query::default();
        for (name, value) in body {
            match value {
                Value::String(text) => query.set(name, text)?,
                Value::Number(number) => query.set(name, &number.to_string())?,
                Value::Array(names) if name != "schemas" => {
                    let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
                    query.set(name, &names.join(","))?;
                }
                _ => {}
            }
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let number = || {
            let wrong = || Refusal::value(format!("`{name}` is not a whole number: `{value}`"));
            value.trim().parse::<i64>().map(Some).map_err(|_| wrong())
        };
        let text = || Some(value.to_string());
        match name.to_ascii_lowercase().as_str() {
            "startindex" => self.start = number()?,
            "count" => self.count = number()?,
            "filter" => self.filter = text(),
            "sortby" => self.sort_by = text(),
            "sortorder" => self.descending = value.eq_ignore_ascii_case("descending"),
            "attributes" => self.attributes = text(),
            "excludedattributes" => self.excluded = text(),
            _ => {}
        }
        Ok(())
    }
}

/// A page to be cut out of a selection: `start` counts from 1.
#[derive(Clone, Copy, Debug)]
struct Window {
    start: usize,
    rows: usize,
    /// What the answer says.
    shown_start: i64,
}

fn listing(
    sandbox: &Sandbox,
    call: &Call<'_>,
    kinds: &[Kind],
    query: Query,
) -> Result<Response, Refusal> {
    let personality = &sandbox.personality;
    let rules = &personality.paging;
    if query.sort_by.is_some() && query.count.is_some() && rules.sort == Act::Crash {
        return Err(Refusal::crash());
    }
    let projection =
        Projection::new(query.attributes.as_deref(), query.excluded.as_deref(), rules)?;
    let ignored = matches!(call.fault, Some(Fault::FilterIgnored));
    let wanted = Wanted {
        filter: query.filter.as_deref().filter(|_| !ignored),
        sort_by: query.sort_by.as_deref(),
        descending: query.descending,
    };
    let mut selection = Selection { total: 0, rows: Box::new(std::iter::empty()) };
    for kind in kinds {
        let next = select(&sandbox.state, *kind, wanted, (&personality.filters, rules))?;
        selection.total += next.total;
        selection.rows = Box::new(selection.rows.chain(next.rows));
    }
    if let Some(Fault::Hide(hidden)) = call.fault {
        selection.total = selection.total.saturating_sub(hidden);
        selection.rows = Box::new(selection.rows.skip(hidden));
    }
    let window = window(rules, &query, selection.total)?;
    let (total, rows) = page(selection, window, call);
    let total = rules.total_cap.map_or(total, |cap| total.min(cap as i64));
    let mut out = Vec::with_capacity(512 * rows.len() + 256);
    out.extend_from_slice(
        br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":"#,
    );
    json(&mut out, &total);
    let per_page = match rules.per_page {
        PageCount::Rows => Some(rows.len() as i64),
        PageCount::Echo => Some(query.count.unwrap_or(rows.len() as i64)),
        PageCount::Fixed(number) => Some(number as i64),
        PageCount::Absent => None,
    };
    if let Some(number) = per_page {
        out.extend_from_slice(br#","itemsPerPage":"#);
        json(&mut out, &number);
    }
    out.extend_from_slice(br#","startIndex":"#);
    json(&mut out, &window.shown_start);
    out.extend_from_slice(br#","Resources":["#);
    let prefix = matches!(call.fault, Some(Fault::HostileIds)).then_some("../");
    let view = read::view(sandbox, &projection, prefix.unwrap_or_default());
    for (at, record) in rows.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        view.write(record, &mut out);
    }
    out.extend_from_slice(b"]}");
    Ok(Response::document(200, out, personality))
}

/// Where the page begins and how long it is at most.
fn window(rules: &Paging, query: &Query, total: usize) -> Result<Window, Refusal> {
    let refused = || Refusal::value("`startIndex` or `count` is out of range");
    let most = rules.cap.unwrap_or(usize::MAX);
    let default = rules.default_rows.unwrap_or(usize::MAX).min(most);
    let first = Window { start: 1, rows: default, shown_start: 1 };
    if rules.stuck {
        return Ok(first);
    }
    let mut rows = match query.count {
        None => default,
        Some(_) if rules.any_count == Edge::Crash => return Err(Refusal::crash()),
        Some(count) if count <= 0 => match rules.count_zero {
            Edge::FirstPage => default,
            Edge::Crash => return Err(Refusal::crash()),
            Edge::Refused => return Err(refused()),
            _ => 0,
        },
        Some(count) => {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            if count > most && rules.over_cap == Edge::Refused {
                return Err(refused());
            }
            count.min(most)
        }
    };
    let asked = query.start.unwrap_or(1);
    let mut start = usize::try_from(asked).unwrap_or(0).max(1);
    let mut shown_start = start as i64;
    if asked < 1 {
        match rules.start_zero {
            Edge::Refused => return Err(refused()),
            Edge::Crash => return Err(Refusal::crash()),
            Edge::Skewed => rows = rows.saturating_sub(1),
            Edge::Echoed => shown_start = asked,
            _ => {}
        }
    }
    if start > total.max(1) {
        match rules.past_end {
            Edge::LastRows => start = total.saturating_sub(rows) + 1,
            Edge::FirstPage => return Ok(first),
            Edge::Crash => return Err(Refusal::crash()),
            Edge::Refused => return Err(refused()),
            _ => {}
        }
    }
    Ok(Window { start, rows, shown_start })
}

/// The rows of the page and the total, as the fault of the day leaves them.
fn page<'a>(
    selection: Selection<'a>,
    window: Window,
    call: &Call<'_>,
) -> (i64, Vec<&'a Arc<Record>>) {
    let mut total = i64::try_from(selection.total).unwrap_or(i64::MAX);
    let mut skip = window.start - 1;
    if let Some(Fault::Overlap(rows)) = call.fault {
        skip = skip.saturating_sub(rows);
    }
    let mut rows: Vec<&Arc<Record>> = selection.rows.skip(skip).take(window.rows).collect();
    match call.fault {
        Some(Fault::Total(by)) => total = (total + by).max(0),
        Some(Fault::Drift(step)) => total = (total + step * call.nth).max(0),
        Some(Fault::Duplicate(count)) => {
            let count = count.min(rows.len() / 2);
            let at = rows.len() - count;
            for offset in 0..count {
                rows[at + offset] = rows[offset];
            }
        }
        Some(Fault::Short(count)) => rows.truncate(rows.len().saturating_sub(count)),
        Some(Fault::Drop(count)) => drop(rows.drain(..count.min(rows.len()))),
        _ => {}
    }
    (total, rows)
}
