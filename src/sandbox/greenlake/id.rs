//! Ids in both their forms: HPE shows the same id with hyphens in one place and without in another.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The id of something by its name: the same name has the same id in every run. The digits have
/// the form of a UUID, version 8 (RFC 9562 section 5.8).
pub(super) fn derive(name: &str) -> String {
    let digest = Sha256::digest(name);
    let mut digits = String::with_capacity(32);
    for (at, byte) in digest.iter().take(16).enumerate() {
        let byte = match at {
            6 | 8 => (byte & 0x0f) | 0x80,
            _ => *byte,
        };
        // Writing to a `String` cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// Sixty-four hexadecimal digits from a name.
pub(super) fn long(name: &str) -> String {
    let digest = Sha256::digest(name);
    digest.iter().fold(String::with_capacity(64), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The form by which ids are compared: 32 lower-case digits; what is no UUID stays as it is.
pub(super) fn bare(id: &str) -> String {
    let digits: String = id.chars().filter(|c| *c != '-').collect();
    if is_hex(&digits) { digits.to_ascii_lowercase() } else { id.to_string() }
}

/// The form with hyphens; what is no UUID stays as it is.
pub(super) fn dashed(id: &str) -> String {
    let digits = bare(id);
    if !is_hex(&digits) {
        return digits;
    }
    let mut text = String::with_capacity(36);
    for (at, digit) in digits.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

fn is_hex(digits: &str) -> bool {
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Changes every id in the strings of a document to another form.
pub(super) fn reform(value: &mut Value, form: fn(&str) -> String) {
    match value {
        Value::String(text) => *text = each(text, form),
        Value::Array(elements) => elements.iter_mut().for_each(|element| reform(element, form)),
        Value::Object(map) => map.values_mut().for_each(|element| reform(element, form)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The other form of an id.
pub(super) fn flipped(id: &str) -> String {
    if id.contains('-') { bare(id) } else { dashed(id) }
}

/// A text with every id in it changed: an id stands between characters that no id has.
fn each(text: &str, form: fn(&str) -> String) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let (word, more) = rest.split_at(end);
        let is_id = (word.len() == 32 || word.len() == 36) && is_hex(&bare(word));
        out.push_str(&if is_id { form(word) } else { word.to_string() });
        let after = more.find(part).unwrap_or(more.len());
        out.push_str(more.get(..after).unwrap_or_default());
        rest = more.get(after..).unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_compare_in_either_form() {
        let id = derive("users/ada");
        assert_eq!(id.len(), 32);
        assert_eq!(bare(&dashed(&id)), id);
        assert_eq!(bare(&dashed(&id).to_ascii_uppercase()), id);
        assert_eq!(bare("00gs3w909WxZ4CIjl356"), "00gs3w909WxZ4CIjl356");
        assert_eq!(dashed("a-b"), "a-b");
    }

    #[test]
    fn every_id_of_a_document_changes_and_nothing_else() {
        let id = derive("x");
        let mut document = json!({
            "id": id,
            "principal": format!("user:{}", dashed(&id)),
            "grn": format!("grn:glp/workspaces/{id}/regions/default"),
            "txt": format!("hpe-greenlake-domain-verification={}", long("x")),
            "name": "é-ä and more-or-less",
        });
        reform(&mut document, flipped);
        assert_eq!(document["id"], dashed(&id));
        assert_eq!(document["principal"], format!("user:{id}"));
        assert_eq!(document["grn"], format!("grn:glp/workspaces/{}/regions/default", dashed(&id)));
        assert_eq!(document["txt"].as_str().unwrap().len(), 34 + 64);
        assert_eq!(document["name"], "é-ä and more-or-less");
    }
}
