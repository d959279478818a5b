//! What a server makes of a filter: most servers take only some of the grammar.

use super::super::personality::{Answer, Filters};
use super::super::record::Kind;
use super::super::schema;
use super::{AttributePath, Filter, Operator};

/// The answer that the form of the filter gets; `Right` only if every part of it is taken.
pub(in super::super) fn classify(filter: &Filter, kind: Kind, rules: &Filters) -> Answer {
    match filter {
        Filter::Not(inner) => first_wrong([rules.not, classify(inner, kind, rules)]),
        Filter::And(terms) => {
            first_wrong(std::iter::once(rules.and).chain(all(terms, kind, rules)))
        }
        Filter::Or(terms) => first_wrong(std::iter::once(rules.or).chain(all(terms, kind, rules))),
        Filter::Present(path) | Filter::Within(path, _) => attribute(path, kind, rules),
        Filter::Compare(path, operator, _) => {
            let form = match operator {
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
