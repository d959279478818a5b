//! Does a resource match a filter?

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::super::record::{Kind, Record, fold};
use super::super::schema::{self, Attribute};
use super::{AttributePath, Filter, Operator};

/// How some servers compare: names case-sensitively, `externalId` caselessly.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Habits {
    pub(in super::super) exact_name: bool,
    pub(in super::super) caseless_external_id: bool,
}

/// Whether the record matches.
pub(in super::super) fn matches(filter: &Filter, record: &Record, habits: Habits) -> bool {
    match filter {
        Filter::And(terms) => terms.iter().all(|term| matches(term, record, habits)),
        Filter::Or(terms) => terms.iter().any(|term| matches(term, record, habits)),
        Filter::Not(inner) => !matches(inner, record, habits),
        Filter::Present(path) => values(record, path).iter().any(|value| present(value)),
        Filter::Compare(path, operator, wanted) => {
            let exact = is_exact(record.kind, path, habits);
            // `ne` is "no value equals it", so that an absent attribute matches.
            if *operator == Operator::NotEqual {
                return !values(record, path)
                    .iter()
                    .any(|value| compare(value, Operator::Equal, wanted, exact));
            }
            values(record, path).iter().any(|value| compare(value, *operator, wanted, exact))
        }
        Filter::Within(path, inner) => {
            let attribute = schema::core(record.kind, &path.name);
            elements(record, path).iter().any(|value| element_matches(inner, value, attribute))
        }
    }
}

/// Whether one element of a multi-valued attribute matches the filter in its brackets.
pub(in super::super) fn element_matches(
    filter: &Filter,
    element: &Value,
    attribute: Option<&'static Attribute>,
) -> bool {
    let of = |path: &AttributePath| -> Option<Value> {
        match element {
            Value::Object(map) => get(map, &path.name).cloned(),
            other => path.name.eq_ignore_ascii_case("value").then(|| other.clone()),
        }
    };
    match filter {
        Filter::And(terms) => terms.iter().all(|term| element_matches(term, element, attribute)),
        Filter::Or(terms) => terms.iter().any(|term| element_matches(term, element, attribute)),
        Filter::Not(inner) => !element_matches(inner, element, attribute),
        Filter::Present(path) => of(path).is_some_and(|value| present(&value)),
        Filter::Compare(path, operator, wanted) => {
            let exact =
                attribute.and_then(|found| found.sub(&path.name)).is_some_and(|sub| sub.exact);
            match (operator, of(path)) {
                (Operator::NotEqual, None) => true,
                (Operator::NotEqual, Some(value)) => {
                    !compare(&value, Operator::Equal, wanted, exact)
                }
                (_, None) => false,
                (_, Some(value)) => compare(&value, *operator, wanted, exact),
            }
        }
        Filter::Within(..) => false,
    }
}

/// The values a path has in a record: those of every element of a multi-valued attribute.
pub(in super::super) fn values<'a>(
    record: &'a Record,
    path: &AttributePath,
) -> Vec<Cow<'a, Value>> {
    let part = |element: &Value| -> Option<Value> {
        match (&path.sub, element) {
            (Some(sub), Value::Object(map)) => get(map, sub).cloned(),
            (Some(_), _) => None,
            // `emails eq "x"` means `emails.value eq "x"`.
            (None, Value::Object(map)) => Some(map.get("value").unwrap_or(element).clone()),
            (None, other) => Some(other.clone()),
        }
    };
    let plain = |element: &Value| path.sub.is_none() && !element.is_object();
    elements(record, path)
        .into_iter()
        .filter_map(
            |element| {
                if plain(&element) { Some(element) } else { part(&element).map(Cow::Owned) }
            },
        )
        .collect()
}

/// The value of an attribute, or all elements of a multi-valued one; sub-attributes aside.
fn elements<'a>(record: &'a Record, path: &AttributePath) -> Vec<Cow<'a, Value>> {
    let found = match &path.urn {
        Some(urn) => {
            let whole = get(&record.attributes, urn);
            if path.name.is_empty() {
                whole
            } else {
                whole.and_then(Value::as_object).and_then(|map| get(map, &path.name))
            }
        }
        None => match path.name.to_ascii_lowercase().as_str() {
            "id" => return vec![Cow::Owned(Value::from(&*record.id))],
            "meta" => {
                return vec![Cow::Owned(json!({
                    "resourceType": record.kind.name(),
                    "created": record.created,
                    "lastModified": record.modified,
                    "version": record.etag(),
                }))];
            }
            "members" if record.kind == Kind::Group => {
                let member = |id| Cow::Owned(json!({ "value": id }));
                return record.members.keys().map(member).collect();
            }
            _ => get(&record.attributes, &path.name),
        },
    };
    match found {
        None => Vec::new(),
        Some(Value::Array(elements)) => elements.iter().map(Cow::Borrowed).collect(),
        Some(other) => vec![Cow::Borrowed(other)],
    }
}

/// Looks a key up whatever its case.
pub(in super::super) fn get<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    map.get(key).or_else(|| {
        map.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    })
}

/// Whether values at that path compare case-sensitively (RFC 7643 `caseExact`).
pub(in super::super) fn is_exact(kind: Kind, path: &AttributePath, habits: Habits) -> bool {
    if path.urn.is_some() {
        return false;
    }
    let name = path.name.as_str();
    if name.eq_ignore_ascii_case(kind.key()) && habits.exact_name {
        return true;
    }
    if name.eq_ignore_ascii_case("externalId") && habits.caseless_external_id {
        return false;
    }
    match (schema::core(kind, name), &path.sub) {
        (Some(attribute), Some(sub)) => attribute.sub(sub).is_some_and(|sub| sub.exact),
        (Some(attribute), None) => attribute.exact,
        (None, _) => false,
    }
}

fn present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compare(value: &Value, operator: Operator, wanted: &Value, exact: bool) -> bool {
    let (Value::String(value), Value::String(wanted)) = (value, wanted) else {
        let order = match (value.as_f64(), wanted.as_f64()) {
            (Some(value), Some(wanted)) => value.partial_cmp(&wanted),
            _ => (value == wanted).then_some(Ordering::Equal),
        };
        return order.is_some_and(|order| in_order(order, operator));
    };
    let (value, wanted) = if exact {
        (Cow::Borrowed(value.as_str()), Cow::Borrowed(wanted.as_str()))
    } else {
        (Cow::Owned(fold(value)), Cow::Owned(fold(wanted)))
    };
    match operator {
        Operator::Contains => value.contains(&*wanted),
        Operator::StartsWith => value.starts_with(&*wanted),
        Operator::EndsWith => value.ends_with(&*wanted),
        // Instants sort as text here: one server writes them all in one form, in UTC.
        _ => in_order(value.cmp(&wanted), operator),
    }
}

fn in_order(order: Ordering, operator: Operator) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
    }
}
