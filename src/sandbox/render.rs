//! Resources straight to bytes: a page of 1,000 groups is written without a tree of values.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::personality::{Personality, Versions};
use super::projection::{Projection, Shown};
use super::record::{Kind, Record};
use super::state::State;

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// All that a resource's bytes depend on beside itself.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) state: &'a State,
    pub(super) personality: &'a Personality,
    /// The base URL, without a slash at its end.
    pub(super) base: &'a str,
    pub(super) projection: &'a Projection,
    /// Written before every id (a fault).
    pub(super) id_prefix: &'a str,
    /// Members are left out.
    pub(super) hide_members: bool,
}

impl View<'_> {
    /// The URL of a resource.
    pub(super) fn location(&self, record: &Record) -> String {
        let rules = &self.personality.meta;
        let base = if rules.relative { "" } else { self.base };
        let last = if rules.location_by_name { record.name() } else { &record.id };
        let last = utf8_percent_encode(last, SEGMENT);
        format!("{base}/{}/{last}", record.kind.endpoint())
    }

    /// Appends the resource as JSON.
    pub(super) fn write(&self, record: &Record, out: &mut Vec<u8>) {
        let mut object = Object { out, first: true };
        object.key("id");
        if self.id_prefix.is_empty() {
            json(object.out, &*record.id);
        } else {
            json(object.out, &format!("{}{}", self.id_prefix, record.id));
        }
        for (name, value) in &record.attributes {
            match self.projection.shown(name) {
                Shown::No => {}
                Shown::All => {
                    object.key(name);
                    json(object.out, value);
                }
                some => {
                    object.key(name);
                    json(object.out, &some.of(value));
                }
            }
        }
        if record.kind == Kind::Group {
            self.members(record, &mut object);
        }
        let shown = self.projection.shown("meta");
        if self.personality.meta.shown && shown != Shown::No {
            object.key("meta");
            self.meta(record, &shown, object.out);
        }
        out.push(b'}');
    }

    fn meta(&self, record: &Record, shown: &Shown<'_>, out: &mut Vec<u8>) {
        let rules = &self.personality.meta;
        let mut meta = Object { out, first: true };
        let mut part = |name: &str, value: &str| {
            if shown.sub(&name.to_ascii_lowercase()) {
                meta.key(name);
                text(meta.out, value);
            }
        };
        part("resourceType", record.kind.name());
        if rules.group_dates || record.kind == Kind::User {
            part("created", &record.created);
            part("lastModified", &record.modified);
        }
        part("location", &self.location(record));
        if rules.versions == Versions::Full {
            part("version", &record.etag());
        }
        if rules.null_version {
            meta.key("version");
            meta.out.extend_from_slice(b"null");
        }
        meta.end();
    }

    fn members(&self, record: &Record, object: &mut Object<'_>) {
        let echo = &self.personality.echo;
        let shown = self.projection.shown("members");
        if shown == Shown::No {
            return;
        }
        let hidden = echo.hidden || self.hide_members;
        if hidden || record.members.is_empty() {
            if echo.empty && !self.hide_members || echo.hidden {
                object.key("members");
                object.out.extend_from_slice(b"[]");
            }
            return;
        }
        object.key("members");
        object.out.push(b'[');
        let mut first = true;
        let part = Parts {
            value: shown.sub("value"),
            reference: echo.reference && shown.sub("$ref"),
            kind: echo.kind && shown.sub("type"),
            display: echo.display && shown.sub("display"),
        };
        for (id, held) in &record.members {
            let member = self.state.member_at(id, held.place).map(AsRef::as_ref);
            for _ in 0..held.times {
                if !first {
                    object.out.push(b',');
                }
                first = false;
                self.member(id, member, part, object.out);
            }
        }
        object.out.push(b']');
    }

    fn member(&self, id: &str, member: Option<&Record>, part: Parts, out: &mut Vec<u8>) {
        let mut each = Object { out, first: true };
        if part.value {
            each.key("value");
            let by_name = member.filter(|_| self.personality.echo.value_is_name);
            text(each.out, by_name.map_or(id, Record::name));
        }
        // A member that is gone has no type to build a reference from.
        if let Some(member) = member {
            if part.reference {
                each.key("$ref");
                self.reference(member, each.out);
            }
            if part.kind {
                each.key("type");
                text(each.out, member.kind.name());
            }
            if part.display {
                each.key("display");
                let shown = member.text("displayName");
                text(each.out, if shown.is_empty() { member.name() } else { shown });
            }
        }
        each.end();
    }

    fn reference(&self, member: &Record, out: &mut Vec<u8>) {
        text(out, self.base);
        out.pop(); // the quote; what follows needs no escapes
        out.push(b'/');
        out.extend_from_slice(member.kind.endpoint().as_bytes());
        out.push(b'/');
        for piece in utf8_percent_encode(&member.id, SEGMENT) {
            out.extend_from_slice(piece.as_bytes());
        }
        out.push(b'"');
    }
}

/// Which parts of a member are shown.
#[derive(Clone, Copy)]
struct Parts {
    value: bool,
    reference: bool,
    kind: bool,
    display: bool,
}

/// An object in the making.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl Object<'_> {
    fn key(&mut self, name: &str) {
        self.out.push(if self.first { b'{' } else { b',' });
        self.first = false;
        text(self.out, name);
        self.out.push(b':');
    }

    fn end(self) {
        if self.first {
            self.out.push(b'{');
        }
        self.out.push(b'}');
    }
}

/// Appends text as JSON; most of it needs no escapes.
fn text(out: &mut Vec<u8>, text: &str) {
    let special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    if text.as_bytes().iter().any(special) {
        json(out, text);
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Appends a value as JSON.
pub(super) fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // Neither a `Vec` nor a value with text keys can fail.
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.extend_from_slice(b"null");
    }
}
