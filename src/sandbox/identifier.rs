//! New ids: a counter mixed into the form of the personality, so that the same requests give the
//! same ids.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::personality::IdForm;
use super::record::Kind;

/// The id of the resource with that serial.
pub(super) fn issue(
    form: IdForm,
    kind: Kind,
    serial: u64,
    attributes: &Map<String, Value>,
) -> Arc<str> {
    let named = |name: &str| attributes.get(name).and_then(Value::as_str);
    let id = match form {
        IdForm::Integer => serial.to_string(),
        IdForm::Name => match kind {
            Kind::User => named("userName"),
            Kind::Group => named("externalId").or_else(|| named("displayName")),
        }
        .unwrap_or_default()
        .to_string(),
        IdForm::Hex => hexadecimal(kind, serial),
        IdForm::Uuid => {
            let digits = hexadecimal(kind, serial);
            let mut id = String::with_capacity(36);
            for (at, digit) in digits.chars().enumerate() {
                if matches!(at, 8 | 12 | 16 | 20) {
                    id.push('-');
                }
                // Version 8 (RFC 9562 section 5.8), variant 8.
                id.push(if matches!(at, 12 | 16) { '8' } else { digit });
            }
            id
        }
    };
    Arc::from(id)
}

fn hexadecimal(kind: Kind, serial: u64) -> String {
    let digest = Sha256::digest(format!("{}/{serial}", kind.endpoint()));
    let mut digits = String::with_capacity(32);
    for byte in digest.iter().take(16) {
        // Writing to a `String` cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// The hash that some servers put into `ETag`.
pub(super) fn body_tag(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let mut tag = format!("W/\"{:x}-", body.len());
    for byte in digest.iter().take(8) {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}
