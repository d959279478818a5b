//! Objects: what the target has.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;

use super::{AccountStatus, Fingerprint};
use crate::kind::{Fields, Key, KindName};

/// The id the target gave an object: opaque, and never a part of a path before it is encoded.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct RemoteId(Box<str>);

impl RemoteId {
    /// The id as the target wrote it.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which ids are compared: a UUID without hyphens and in lower case, every other
    /// id as it is. HPE GreenLake writes one id in both ways, even between two answers.
    #[must_use]
    pub fn compared(&self) -> Cow<'_, str> {
        Self::compare(&self.0)
    }

    /// [`Self::compared`], of an id that is only text yet.
    #[must_use]
    pub fn compare(id: &str) -> Cow<'_, str> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_dashed = id.len() == 36
            && id.split('-').map(str::len).eq([8, 4, 4, 4, 12])
            && id.split('-').all(digits);
        let is_bare = id.len() == 32 && digits(id);
        if is_dashed || (is_bare && id.bytes().any(|byte| byte.is_ascii_uppercase())) {
            return Cow::Owned(id.replace('-', "").to_ascii_lowercase());
        }
        Cow::Borrowed(id)
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// `meta.version`, the entity tag to send in `If-Match` (RFC 7644 section 3.14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub Box<str>);

/// One object the target has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its kind.
    pub kind: KindName,
    /// Its id.
    pub id: RemoteId,
    /// Its name, folded.
    pub key: Key,
    /// What it says: the fields of its kind that were there, and no others.
    pub fields: Fields,
    /// Its entity tag, where the target has such.
    pub version: Option<Version>,
    /// Its members, where it is a group and they can be read.
    pub members: Option<Vec<Member>>,
    /// Why it is not to be written now, if it is not.
    pub hold: Option<Hold>,
    /// What the target says of it beside its fields.
    pub seen: Seen,
}

/// What a target says of an object beside its fields: never compared, never written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// When it was made (`meta.created`, RFC 7643 section 3.1).
    pub created: Option<Timestamp>,
    /// When somebody last signed in with it (HPE GreenLake's `meta.lastLogin`).
    pub last_login: Option<Timestamp>,
    /// When the target last saw the record of a domain claim.
    pub verified: Option<Timestamp>,
    /// The state of an account in the target's own words (HPE GreenLake's `status`).
    pub status: Option<AccountStatus>,
}

/// Why an object is not to be written now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It belongs to somebody else: context, read and shown, never written. In words, after
    /// "managed by".
    Elsewhere(String),
    /// It waits for something outside, such as a record in DNS. What for, and what to do.
    Waiting(String),
}

impl Object {
    /// What the object looks like now.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.id.compared(), &self.fields)
    }
}

/// One member of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Member {
    /// An object of this read, by its place in [`Live::objects`].
    Known(u32),
    /// Something else: a nested group, a deleted user, an id in another form. Never touched.
    Unknown(Box<str>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_uuid_is_one_id_however_it_is_written() {
        let compared = |id: &str| RemoteId::new(id).compared().into_owned();
        let bare = "448ebfdb7bc9402f9eb0f9a86c06ca5a";
        for written in
            [bare, "448ebfdb-7bc9-402f-9eb0-f9a86c06ca5a", "448EBFDB7BC9402F9EB0F9A86C06CA5A"]
        {
            assert_eq!(compared(written), bare);
        }
        for other in ["00gs3w909WxZ4CIjl356", "A", "448ebfdb-7bc9402f-9eb0-f9a8-6c06ca5a0000", ""] {
            assert_eq!(compared(other), other);
        }
    }
}
