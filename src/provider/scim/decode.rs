//! Resources: a user or a group off the wire (RFC 7643 sections 3 and 4).
//!
//! Kept are the id, the attributes of the kind's table, extensions whole under their URN,
//! `meta.version` and, of a group, its members. Everything else is skipped.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::kind::{EXTENSION_PREFIX, FieldName, FieldSpec, Fields, Key, KindName, Level, Shape};
use crate::live::{Member, Object, RemoteId, Seen, Version};

use super::dialect::{Dialect, IfMatch, MemberValue, MembersRead, OwnExtension};
use super::members::Members;
use super::own::{self, Own};
use super::typed::{Budget, Typed, twice};

/// The longest id muster takes.
const LONGEST_ID: usize = 1024;

/// Whether a text may be the id of an object.
pub(super) fn is_usable_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID && !id.chars().any(char::is_control)
}

/// What is to be read of a resource.
pub(super) struct Codec {
    /// Its kind.
    pub(super) kind: KindName,
    fields: Vec<&'static FieldSpec>,
    versions: bool,
    members: Option<MemberValue>,
    own: Option<OwnExtension>,
    /// Whether the id is all there is to read.
    ids_only: bool,
}

/// One resource as read: the object, and which of its members are known to be no users.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) object: Object,
    pub(super) nested: Vec<Box<str>>,
    /// What the provider says of it in its own extension.
    pub(super) own: Option<Own>,
    /// `meta.location`: where the server says that it is.
    pub(super) location: Option<String>,
}

impl Codec {
    /// What is to be read of a resource of `kind`.
    pub(super) fn new(kind: KindName, dialect: &Dialect) -> Self {
        // A context field is for people and policies, and has no attribute in any target.
        let fields = kind.spec().fields.iter().filter(|field| field.level == Level::Core).collect();
        let members = (kind == KindName::Group && dialect.members == MembersRead::Inline)
            .then_some(dialect.member_value);
        let versions = dialect.if_match == IfMatch::Advertised;
        Self { kind, fields, versions, members, own: dialect.habits.own, ids_only: false }
    }

    /// Users of whom only the id is read: the members of a group.
    pub(super) const fn ids() -> Self {
        Self {
            kind: KindName::User,
            fields: Vec::new(),
            versions: false,
            members: None,
            own: None,
            ids_only: true,
        }
    }

    /// The attribute that names a resource.
    pub(super) fn key_field(&self) -> &'static str {
        key_field(self.kind)
    }

    /// One resource that is the whole body.
    ///
    /// # Errors
    ///
    /// In words, when it is none.
    pub(super) fn decode(&self, body: &[u8]) -> Result<Row, String> {
        let budget = Budget::new();
        let mut json = serde_json::Deserializer::from_slice(body);
        let row = Resource { codec: self, budget: &budget }
            .deserialize(&mut json)
            .map_err(|error| error.to_string())?;
        json.end().map_err(|error| error.to_string())?;
        Ok(row)
    }
}

/// The attribute that names a resource of `kind`; empty for a kind whose items have no name.
pub(super) fn key_field(kind: KindName) -> &'static str {
    kind.spec().name.unwrap_or_default()
}

/// The collection of `kind` (RFC 7644 section 3.2). A kind that SCIM has no resource type for has
/// one that no server has: it is never read or written as something else.
pub(super) fn collection(kind: KindName) -> &'static str {
    kind.spec().scim.map_or("no-such-resource-type", |resource| resource.collection)
}

/// Reads one resource.
#[derive(Clone, Copy)]
pub(super) struct Resource<'a> {
    pub(super) codec: &'a Codec,
    pub(super) budget: &'a Budget,
}

impl<'de> DeserializeSeed<'de> for Resource<'_> {
    type Value = Row;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Resource<'_> {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {}", self.codec.kind)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut raw = Raw::default();
        self.budget.take(256)?;
        while let Some(name) = map.next_key_seed(Name(self.codec))? {
            self.attribute(name, &mut map, &mut raw)?;
        }
        self.finish(raw)
    }
}

/// A resource while it is read.
#[derive(Default)]
struct Raw {
    id: Option<String>,
    /// A tree, because the server chooses how many extensions there are.
    fields: BTreeMap<FieldName, Value>,
    version: Option<Version>,
    location: Option<String>,
    seen: Seen,
    members: Option<(Vec<Member>, Vec<Box<str>>)>,
}

impl Resource<'_> {
    fn attribute<'de, A: MapAccess<'de>>(
        self,
        name: Attribute,
        map: &mut A,
        raw: &mut Raw,
    ) -> Result<(), A::Error> {
        let typed = |name, shape| Typed { name, shape, budget: self.budget };
        match name {
            Attribute::Id => {
                let id = map.next_value_seed(typed("id", Shape::Text))?;
                let id = id.as_ref().and_then(Value::as_str).unwrap_or_default();
                if raw.id.replace(id.to_owned()).is_some() {
                    return Err(twice("id"));
                }
            }
            Attribute::Field(field) => {
                if let Some(value) = map.next_value_seed(typed(field.name, shape_on_wire(field)))?
                    && raw.fields.insert(FieldName::fixed(field.name), value).is_some()
                {
                    return Err(twice(field.name));
                }
            }
            Attribute::Extension(urn) => {
                let value = map.next_value_seed(typed(urn.as_str(), Shape::Open))?;
                if let Some(value) = value
                    && raw.fields.insert(urn.clone(), value).is_some()
                {
                    return Err(twice(urn.as_str()));
                }
            }
            Attribute::Meta => {
                let parts = Shape::Complex(META);
                let meta = map.next_value_seed(typed("meta", parts))?;
                let version = meta.as_ref().and_then(|meta| meta.get("version")?.as_str());
                raw.version =
                    version.filter(|text| !text.is_empty()).map(|text| Version(text.into()));
                let location = meta.as_ref().and_then(|meta| meta.get("location")?.as_str());
                raw.location = location.map(str::to_owned);
                // What cannot be read as an instant is not known; nothing depends on it but what
                // guardrails say of dormant accounts.
                let at = |name: &str| meta.as_ref()?.get(name)?.as_str()?.parse().ok();
                raw.seen.created = at("created");
                raw.seen.last_login = at("lastLogin");
            }
            Attribute::Members(form) => {
                let members = map.next_value_seed(Members { form, budget: self.budget })?;
                if raw.members.replace(members).is_some() {
                    return Err(twice("members"));
                }
            }
            Attribute::Other => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn finish<E: Error>(self, raw: Raw) -> Result<Row, E> {
        let kind = self.codec.kind;
        let id = raw.id.clone().unwrap_or_default();
        if id.is_empty() {
            return Err(E::custom(format!("a {kind} has no `id`")));
        }
        if !is_usable_id(&id) {
            let shown = super::error::sample(id.as_bytes());
            return Err(E::custom(format!("{shown} is no usable `id` of a {kind}")));
        }
        if self.codec.ids_only {
            return Ok(id_only(&id));
        }
        let mut fields: Fields = raw.fields.into_iter().collect();
        let own = self.codec.own.map(|own| own::take(kind, &own, &mut fields));
        let name = self.codec.key_field();
        let key = fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let key = Key::new(key);
        if key.as_str().is_empty() {
            let id = super::error::escape(&id);
            return Err(E::custom(format!("the {kind} with the id `{id}` has no `{name}`")));
        }
        let members = raw.members.filter(|_| self.codec.members.is_some());
        let (members, nested) =
            members.map_or_else(Default::default, |(members, nested)| (Some(members), nested));
        let seen = Seen { status: own.as_ref().and_then(|own| own.status), ..raw.seen };
        let object = Object {
            kind,
            id: RemoteId::new(&id),
            key,
            fields,
            version: raw.version.filter(|_| self.codec.versions),
            members,
            hold: own.as_ref().and_then(|own| own.source.hold()),
            seen,
        };
        Ok(Row { object, nested, own, location: raw.location })
    }
}

/// A user of whom nothing but the id is of interest.
fn id_only(id: &str) -> Row {
    let object = Object {
        kind: KindName::User,
        id: RemoteId::new(id),
        key: Key::new(id),
        fields: Fields::new(),
        version: None,
        members: None,
        hold: None,
        seen: Seen::default(),
    };
    Row { object, nested: Vec::new(), own: None, location: None }
}

const META: &[FieldSpec] = &[
    FieldSpec::new("version", Shape::Text, "the entity tag"),
    FieldSpec::new("location", Shape::Open, "where it is"),
    FieldSpec::new("created", Shape::Open, "when it was made"),
    FieldSpec::new("lastLogin", Shape::Open, "when somebody last signed in with it"),
];

/// How a field's value is read: an extension is kept whole, whatever the table knows of it.
fn shape_on_wire(field: &FieldSpec) -> Shape {
    if field.name.starts_with(EXTENSION_PREFIX) { Shape::Open } else { field.shape }
}

/// What an attribute of a resource is to muster.
enum Attribute {
    Id,
    Meta,
    Members(MemberValue),
    Field(&'static FieldSpec),
    Extension(FieldName),
    Other,
}

/// Reads an attribute's name. Names are compared without case (RFC 7643 section 2.1).
struct Name<'a>(&'a Codec);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Attribute;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Attribute, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Attribute;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an attribute")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Attribute, E> {
        let Self(codec) = self;
        if name.eq_ignore_ascii_case("id") {
            return Ok(Attribute::Id);
        }
        if codec.ids_only {
            return Ok(Attribute::Other);
        }
        if let Some(field) = codec.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
        {
            return Ok(Attribute::Field(field));
        }
        if name.eq_ignore_ascii_case("meta") {
            return Ok(Attribute::Meta);
        }
        if name.eq_ignore_ascii_case("members") {
            return Ok(codec.members.map_or(Attribute::Other, Attribute::Members));
        }
        let begins = name.get(..EXTENSION_PREFIX.len());
        if begins.is_some_and(|begin| begin.eq_ignore_ascii_case(EXTENSION_PREFIX)) {
            return Ok(Attribute::Extension(FieldName::other(name)));
        }
        Ok(Attribute::Other)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(value: &serde_json::Value) -> Result<Object, String> {
        let codec = Codec::new(KindName::User, &Dialect::default());
        codec.decode(value.to_string().as_bytes()).map(|row| row.object)
    }

    #[test]
    fn the_table_decides_what_is_kept() {
        let found = user(&json!({
            "schemas": ["a"], "ID": 17, "USERNAME": "Ada@Example.com", "password": "no",
            "name": {"givenname": "Ada", "shoeSize": 3, "middleName": null},
            "emails": [{"value": "b@x", "$ref": "no"}, {"value": "a@x", "primary": true}],
            "roles": ["viewer"], "ims": [], "active": "False", "title": null, "groups": [{}],
            "urn:x:1.0:User": {"deep": {"er": [1, {"a": null}]}, "none": null},
            "meta": {"version": "W/\"1\"", "location": "http://elsewhere/"}
        }))
        .unwrap();
        assert_eq!(found.id.as_str(), "17");
        assert_eq!(found.key.as_str(), "ada@example.com");
        assert_eq!(found.version, Some(Version("W/\"1\"".into())));
        let fields = serde_json::to_value(&found.fields).unwrap();
        assert_eq!(
            fields,
            json!({
                "userName": "Ada@Example.com", "active": false,
                "name": {"givenName": "Ada"},
                "emails": [{"primary": true, "value": "a@x"}, {"value": "b@x"}],
                "roles": [{"value": "viewer"}],
                "urn:x:1.0:User": {"deep": {"er": [1, null]}}
            })
        );
    }

    #[test]
    fn what_is_no_user_is_an_error_in_words() {
        let long = "x".repeat(2_000);
        for (value, words) in [
            (json!({"userName": "a"}), "has no `id`"),
            (json!({"id": "", "userName": "a"}), "has no `id`"),
            (json!({"id": null, "userName": "a"}), "has no `id`"),
            (json!({"id": 1.5, "userName": "a"}), "a string for `id`"),
            (json!({"id": {"a": 1}, "userName": "a"}), "a string for `id`"),
            (json!({"id": "a\nb", "userName": "a"}), "no usable `id`"),
            (json!({"id": long, "userName": "a"}), "no usable `id`"),
            (json!({"id": "1"}), "has no `userName`"),
            (json!({"id": "1", "userName": "  "}), "has no `userName`"),
            (json!({"id": "1", "userName": "a", "active": "maybe"}), "true or false for `active`"),
            (json!({"id": "1", "userName": "a", "emails": "a@x"}), "objects for `emails`"),
            (json!({"id": "1", "userName": "a", "name": "Ada"}), "an object for `name`"),
            (json!({"id": "1", "userName": "a", "USERNAME": "b"}), "`userName` is there twice"),
            (json!({"id": "1", "Id": "2", "userName": "a"}), "`id` is there twice"),
            (json!([]), "a user"),
        ] {
            let error = user(&value).unwrap_err();
            assert!(error.contains(words), "{value}: {error}");
        }
    }

    #[test]
    fn an_answer_that_unpacks_to_too_much_is_refused() {
        let body =
            format!(r#"{{"id":"1","userName":"a","urn:x":[{}0]}}"#, "{\"\":0},".repeat(200_000));
        let codec = Codec::new(KindName::User, &Dialect::default());
        let error = codec.decode(body.as_bytes()).unwrap_err();
        assert!(error.contains("unpacks to more"), "{error}");
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = "[".repeat(100_000);
        let codec = Codec::new(KindName::User, &Dialect::default());
        let body = format!(r#"{{"id":"1","userName":"a","urn:x":{deep}"#);
        assert!(codec.decode(body.as_bytes()).unwrap_err().contains("recursion limit"));
    }
}
