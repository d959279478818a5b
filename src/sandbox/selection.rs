//! Which rows a listing has, and in what order.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value;

use super::error::Refusal;
use super::filter::answer::{classify, first_term};
use super::filter::eval::{Habits, is_exact, matches, values};
use super::filter::{Filter, Operator, parse};
use super::personality::{Act, Answer, Filters, Order, Paging};
use super::record::{Kind, Record, fold};
use super::state::State;

/// The rows of a listing in their order, and how many there are.
pub(super) struct Selection<'a> {
    pub(super) total: usize,
    pub(super) rows: Box<dyn Iterator<Item = &'a Arc<Record>> + 'a>,
}

/// What a client asked of a listing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted<'a> {
    pub(super) filter: Option<&'a str>,
    pub(super) sort_by: Option<&'a str>,
    pub(super) descending: bool,
}

/// Chooses and orders rows.
pub(super) fn select<'a>(
    state: &'a State,
    kind: Kind,
    wanted: Wanted<'_>,
    rules: (&Filters, &Paging),
) -> Result<Selection<'a>, Refusal> {
    let chosen = match wanted.filter {
        None => Chosen::All,
        Some(text) => filtered(state, kind, text, rules.0)?,
    };
    let sort_by = wanted.sort_by.filter(|_| rules.1.sort != Act::Ignored);
    if let Some(path) = sort_by {
        return sorted(state, kind, chosen, path, wanted.descending);
    }
    let table = state.table(kind);
    let by_id = || table.by_id.values().filter_map(|serial| table.rows.get(serial));
    Ok(match chosen {
        Chosen::All => Selection {
            total: table.rows.len(),
            rows: match rules.1.order {
                Order::Insertion => Box::new(table.rows.values()),
                Order::Newest => Box::new(table.rows.values().rev()),
                Order::Id => Box::new(by_id()),
            },
        },
        Chosen::These(mut rows) => {
            match rules.1.order {
                Order::Insertion => {}
                Order::Newest => rows.reverse(),
                Order::Id => rows.sort_by(|one, other| one.id.cmp(&other.id)),
            }
            Selection { total: rows.len(), rows: Box::new(rows.into_iter()) }
        }
    })
}

enum Chosen<'a> {
    All,
    /// Oldest first.
    These(Vec<&'a Arc<Record>>),
}

fn filtered<'a>(
    state: &'a State,
    kind: Kind,
    text: &str,
    rules: &Filters,
) -> Result<Chosen<'a>, Refusal> {
    let refused = |detail: String| Refusal::new(400, "invalidFilter", detail);
    let (answer, parsed) = match parse::parse(text) {
        Ok(filter) => (classify(&filter, kind, rules), Ok(filter)),
        Err(cause) => (rules.syntax, Err(cause)),
    };
    let parsed = match (answer, parsed) {
        (Answer::Nothing, _) => return Ok(Chosen::These(Vec::new())),
        (Answer::Everything, _) => return Ok(Chosen::All),
        (Answer::Crash, _) => return Err(Refusal::crash()),
        (Answer::Bare, _) => return Err(Refusal::plain(400, "the filter is not understood")),
        (Answer::Refused, Ok(_)) => {
            return Err(refused(format!("the filter `{text}` is not supported")));
        }
        (_, Err(cause)) => return Err(refused(cause)),
        (Answer::Right | Answer::FirstTerm, Ok(filter)) => filter,
    };
    let filter = if answer == Answer::FirstTerm { first_term(&parsed) } else { &parsed };
    if classify(filter, kind, rules) == Answer::Everything {
        return Ok(Chosen::All);
    }
    let habits = Habits {
        exact_name: match kind {
            Kind::User => rules.exact_names.0,
            Kind::Group => rules.exact_names.1,
        },
        caseless_external_id: rules.caseless_external_id,
    };
    let rows: Vec<&Arc<Record>> = match indexed(state, kind, filter) {
        Some(rows) => rows.into_iter().filter(|row| matches(filter, row, habits)).collect(),
        None => {
            state.table(kind).rows.values().filter(|row| matches(filter, row, habits)).collect()
        }
    };
    Ok(Chosen::These(rows))
}

/// A superset of the matching rows, oldest first, where an index has it.
fn indexed<'a>(state: &'a State, kind: Kind, filter: &Filter) -> Option<Vec<&'a Arc<Record>>> {
    let Filter::Compare(path, Operator::Equal, Value::String(wanted)) = filter else {
        return match filter {
            Filter::And(terms) => terms.iter().find_map(|term| indexed(state, kind, term)),
            _ => None,
        };
    };
    if path.urn.is_some() {
        return None;
    }
    let table = state.table(kind);
    let folded = path.folded();
    if folded == kind.key().to_ascii_lowercase() {
        return Some(table.named(wanted).collect());
    }
    match (folded.as_str(), kind) {
        ("id", _) => Some(table.find(wanted).into_iter().collect()),
        ("members.value" | "members", Kind::Group) => Some(state.holding(wanted)),
        _ => None,
    }
}

fn sorted<'a>(
    state: &'a State,
    kind: Kind,
    chosen: Chosen<'a>,
    path: &str,
    descending: bool,
) -> Result<Selection<'a>, Refusal> {
    let (attribute, inner, _) = parse::path(path).map_err(Refusal::path)?;
    if inner.is_some() {
        return Err(Refusal::path("`sortBy` takes no value filter"));
    }
    let table = state.table(kind);
    if matches!(chosen, Chosen::All) && path.eq_ignore_ascii_case(kind.key()) {
        let row = |(_, serial): &(String, u64)| table.rows.get(serial);
        let total = table.rows.len();
        return Ok(Selection {
            total,
            rows: if descending {
                Box::new(table.by_name.iter().rev().filter_map(row))
            } else {
                Box::new(table.by_name.iter().filter_map(row))
            },
        });
    }
    let rows: Vec<&Arc<Record>> = match chosen {
        Chosen::All => table.rows.values().collect(),
        Chosen::These(rows) => rows,
    };
    let exact = is_exact(kind, &attribute, Habits::default());
    let mut keyed: Vec<(Option<Key>, &Arc<Record>)> = rows
        .into_iter()
        .map(|row| (values(row, &attribute).first().map(|value| Key::new(value, exact)), row))
        .collect();
    keyed.sort_by(|(one, _), (other, _)| {
        // RFC 7644 section 3.4.2.3: rows without a value come last, first if descending.
        let order = match (one, other) {
            (Some(one), Some(other)) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        if descending { order.reverse() } else { order }
    });
    Ok(Selection { total: keyed.len(), rows: Box::new(keyed.into_iter().map(|(_, row)| row)) })
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Flag(bool),
    /// Numbers do not occur in the core schemas; as text they still sort the same every time.
    Text(String),
}

impl Key {
    fn new(value: &Value, exact: bool) -> Key {
        match value {
            Value::Bool(flag) => Key::Flag(*flag),
            Value::String(text) if exact => Key::Text(text.clone()),
            Value::String(text) => Key::Text(fold(text)),
            other => Key::Text(other.to_string()),
        }
    }
}
