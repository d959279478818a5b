//! What a server makes of a filter: most servers take only some of the grammar.

use serde_json::Value;

use super::super::personality::{Answer, Filters};
use super::super::record::Kind;
use super::super::schema::{self, Attribute, Type};
use super::{AttributePath, Filter, Operator};

/// The answer that the form of the filter gets; `Right` only if every part of it is taken.
pub(in super::super) fn classify(filter: &Filter, kind: Kind, rules: &Filters) -> Answer {
    // A server that orders nothing, or answers anything, does so here too.
    let orders = rules.order == Answer::Right;
    match filter {
        Filter::Not(inner) => first_wrong([rules.not, classify(inner, kind, rules)]),
        Filter::And(terms) => {
            first_wrong(std::iter::once(rules.and).chain(all(terms, kind, rules)))
        }
        Filter::Or(terms) => first_wrong(std::iter::once(rules.or).chain(all(terms, kind, rules))),
        Filter::Present(path) => attribute(path, kind, rules),
        Filter::Within(path, inner) => {
            let outer = schema::core(kind, &path.name);
            let inside = if orders { unordered(inner, outer) } else { Answer::Right };
            first_wrong([attribute(path, kind, rules), inside])
        }
        Filter::Compare(path, operator, wanted) => {
            let found = schema::core(kind, &path.name).filter(|_| path.urn.is_none());
            let is_unordered =
                orders && is_unordered(*operator, wanted, found, path.sub.as_deref());
            let form = match operator {
                _ if is_unordered => Answer::Refused,
                Operator::Equal | Operator::NotEqual => Answer::Right,
                Operator::Contains | Operator::StartsWith | Operator::EndsWith => rules.substring,
                Operator::Greater
                | Operator::GreaterOrEqual
                | Operator::Less
                | Operator::LessOrEqual => rules.order,
            };
            first_wrong([form, attribute(path, kind, rules)])
        }
    }
}

/// Whether a comparison asks for the order of what has none: a boolean, or binary data (RFC 7644
/// section 3.4.2.2). `part` is the part of `attribute` that is compared.
fn is_unordered(
    operator: Operator,
    wanted: &Value,
    attribute: Option<&'static Attribute>,
    part: Option<&str>,
) -> bool {
    let is_order = matches!(
        operator,
        Operator::Greater | Operator::GreaterOrEqual | Operator::Less | Operator::LessOrEqual
    );
    let is_binary = attribute.is_some_and(|one| one.name == "x509Certificates")
        && part.is_none_or(|part| part.eq_ignore_ascii_case("value"));
    let compared = match part {
        Some(part) => attribute.and_then(|attribute| attribute.sub(part)),
        None => attribute,
    };
    let is_flag = compared.is_some_and(|one| one.kind == Type::Flag);
    is_order && (wanted.is_boolean() || is_flag || is_binary)
}

/// The answer to the same inside the brackets of `outer`.
fn unordered(filter: &Filter, outer: Option<&'static Attribute>) -> Answer {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => {
            first_wrong(terms.iter().map(|term| unordered(term, outer)))
        }
        Filter::Not(inner) => unordered(inner, outer),
        Filter::Compare(path, operator, wanted)
            if is_unordered(*operator, wanted, outer, Some(&path.name)) =>
        {
            Answer::Refused
        }
        Filter::Compare(..) | Filter::Present(_) | Filter::Within(..) => Answer::Right,
    }
}

/// The first comparison, for servers that read no further.
pub(in super::super) fn first_term(filter: &Filter) -> &Filter {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.first().map_or(filter, first_term),
        Filter::Not(inner) => first_term(inner),
        Filter::Present(_) | Filter::Compare(..) | Filter::Within(..) => filter,
    }
}

fn all(terms: &[Filter], kind: Kind, rules: &Filters) -> impl Iterator<Item = Answer> {
    terms.iter().map(move |term| classify(term, kind, rules))
}

fn first_wrong(answers: impl IntoIterator<Item = Answer>) -> Answer {
    answers.into_iter().find(|answer| *answer != Answer::Right).unwrap_or(Answer::Right)
}

fn attribute(path: &AttributePath, kind: Kind, rules: &Filters) -> Answer {
    let folded = path.folded();
    let listed = match kind {
        Kind::User => rules.user,
        Kind::Group => rules.group,
    };
    if let Some((_, answer)) = listed.iter().find(|(name, _)| *name == folded) {
        return *answer;
    }
    if is_known(path, kind) { rules.other } else { rules.unknown }
}

fn is_known(path: &AttributePath, kind: Kind) -> bool {
    let found = match &path.urn {
        // Every resource has it (RFC 7643 section 3).
        None if path.name.eq_ignore_ascii_case("schemas") => return path.sub.is_none(),
        None => schema::core(kind, &path.name),
        Some(urn) if urn.eq_ignore_ascii_case(schema::ENTERPRISE_URN) => {
            schema::enterprise(&path.name)
        }
        // Extensions that are stored as they come can be asked for as they come.
        Some(_) => return true,
    };
    match (found, &path.sub) {
        (Some(attribute), Some(sub)) => attribute.sub(sub).is_some(),
        (Some(_), None) => true,
        (None, _) => false,
    }
}
