//! The filters that HPE takes: `sw`, `eq`, `co` of a few attributes, joined by `or`.

use crate::sandbox::filter::parse;
use crate::sandbox::filter::{Filter, Operator};
use crate::sandbox::greenlake::error::Refusal;
use crate::sandbox::record::fold;
use serde_json::Value;

/// One comparison.
pub(super) struct Term {
    /// In lower case.
    pub(super) attribute: String,
    operator: Operator,
    /// Folded.
    value: String,
}

/// An attribute that can be filtered by, in lower case, and whether only `eq` is taken.
pub(super) type Attribute = (&'static str, bool);

/// Reads a filter: any of the comparisons may hold.
pub(super) fn read(text: &str, attributes: &[Attribute]) -> Result<Vec<Term>, Refusal> {
    let filter = parse::parse(text).map_err(Refusal::filter)?;
    let terms = match filter {
        Filter::Or(terms) => terms,
        other => vec![other],
    };
    terms.into_iter().map(|term| one(term, attributes).map_err(Refusal::filter)).collect()
}

fn one(filter: Filter, attributes: &[Attribute]) -> Result<Term, String> {
    let Filter::Compare(path, operator, value) = filter else {
        return Err("only comparisons joined by `or` are supported".into());
    };
    let attribute = path.folded();
    let Some((_, exact)) = attributes.iter().find(|(name, _)| *name == attribute) else {
        return Err(format!("`{attribute}` cannot be filtered by"));
    };
    match operator {
        Operator::Equal => {}
        Operator::StartsWith | Operator::Contains if !exact => {}
        _ => return Err(format!("this operator is not supported for `{attribute}`")),
    }
    let Value::String(value) = value else {
        return Err(format!("`{attribute}` is compared with a string"));
    };
    Ok(Term { attribute, operator, value: fold(&value) })
}

impl Term {
    /// Whether a value passes.
    pub(super) fn holds(&self, value: &str) -> bool {
        let value = fold(value);
        match self.operator {
            Operator::StartsWith => value.starts_with(&self.value),
            Operator::Contains => value.contains(&self.value),
            _ => value == self.value,
        }
    }
}
