//! The operations that HPE publishes.

use serde_json::Value;

use crate::front::Exchange;
use crate::prism::{SPECS, document};

/// One operation: file, method, path with its parameters in braces.
pub(crate) type Operation = (String, String, String);

/// Every operation of every file.
pub(crate) fn all() -> Vec<Operation> {
    let mut all = Vec::new();
    for spec in SPECS {
        let text = std::fs::read_to_string(document(spec)).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in ["get", "post", "put", "patch", "delete"] {
                if item.get(method).is_some() {
                    all.push((spec.to_owned(), method.to_uppercase(), path.clone()));
                }
            }
        }
    }
    all
}

/// The operation of an exchange; a path without a parameter is nearer than one with.
pub(crate) fn of(all: &[Operation], exchange: &Exchange) -> Option<Operation> {
    let fits = |template: &str| {
        let (mut wanted, mut given) = (template.split('/'), exchange.path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let mut fitting: Vec<&Operation> = (all.iter())
        .filter(|(spec, method, path)| {
            Some(spec.as_str()) == exchange.spec && *method == exchange.method && fits(path)
        })
        .collect();
    fitting.sort_by_key(|(_, _, path)| path.matches('{').count());
    fitting.first().map(|operation| (*operation).clone())
}
