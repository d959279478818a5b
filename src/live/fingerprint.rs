//! Fingerprints: what an object looked like when the plan was made.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::kind::{Fields, hex};

/// The SHA-256 of an object's id and fields in canonical form (sorted keys, no white space),
/// as 64 hexadecimal digits. `meta` is left out: servers touch it without a change and change
/// without touching it (`lastModified`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of an object.
    #[must_use]
    pub fn of(id: &str, fields: &Fields) -> Self {
        let mut hash = Sha256::new();
        hash.update(id.as_bytes());
        for (name, value) in fields {
            hash.update([0]);
            hash.update(name.as_str().as_bytes());
            hash.update([0]);
            hash.update(value.to_string().as_bytes());
        }
        Self(hex(&hash.finalize()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
