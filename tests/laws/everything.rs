//! Users and groups that say anything their tables know of, as files and as servers take them.

use std::collections::BTreeMap;

use muster::kind::{EXTENSION_PREFIX, FieldSpec, GREENLAKE_POSIX_URN, GREENLAKE_USER_URN};
use muster::kind::{KindName, Level, Shape};
use muster::provider::scim::Dialect;
use serde_json::{Map, Value, json};

use super::rng::Rng;
use super::spoken::Spoken;
use super::world::{WAIVERS, World};

const NAMES: [&str; 3] = ["ada@example.com", "Bo@example.com", "Dee@Example.com"];
const GROUPS: [&str; 2] = ["Net Team", "storage/core"];
/// Texts that a careless hand on the way would change.
const TEXTS: [&str; 8] =
    ["plain", "Zoë Ångström", "\"quoted\" \\ n", "true", "007", "null", "日本 語", "a, b: {c} # d"];
/// The enterprise extension (RFC 7643 section 4.3) and what it may say.
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const ENTERPRISE_PARTS: [&str; 5] =
    ["employeeNumber", "costCenter", "organization", "division", "department"];

/// The attributes that a target may have; the others are for people and policies.
pub(crate) fn attributes(kind: KindName) -> impl Iterator<Item = &'static FieldSpec> {
    kind.spec().fields.iter().filter(|spec| spec.level == Level::Core)
}

/// A value for a field or a part of one; `path` is its dotted name.
pub(crate) fn value(rng: &mut Rng, spec: &FieldSpec, path: &str, spoken: &Spoken) -> Value {
    match spec.shape {
        Shape::Boolean => Value::from(rng.chance(50)),
        Shape::Integer => Value::from(rng.below(70_000)),
        Shape::Complex(parts) => Value::Object(complex(rng, parts, path, spoken)),
        Shape::MultiValued(parts) => Value::from(plural(rng, parts, path, spoken)),
        Shape::Open => json!({ "some": [1, { "deep": rng.below(9) }] }),
        Shape::Text | Shape::Name => Value::from(text(rng, spec.name)),
        Shape::Texts => json!([text(rng, spec.name)]),
    }
}

fn text(rng: &mut Rng, name: &str) -> String {
    let picked: &[&str] = match name {
        "country" | "countryCode" => &["DE", "NO", "IE"],
        "type" => &["work", "home", "other"],
        "locale" | "preferredLanguage" => &["en-GB", "nb", "zh-Hant-TW"],
        _ => return format!("{} {}", rng.pick(&TEXTS), rng.below(1000)),
    };
    (*rng.pick(picked)).to_owned()
}

fn complex(rng: &mut Rng, parts: &[FieldSpec], path: &str, spoken: &Spoken) -> Map<String, Value> {
    let said = |part: &&FieldSpec| !spoken.refuses(&format!("{path}.{}", part.name));
    let said: Vec<&FieldSpec> = parts.iter().filter(said).collect();
    let first = rng.below(said.len());
    let mut object = Map::new();
    for (at, part) in said.into_iter().enumerate() {
        if at == first || part.name == "value" || rng.chance(50) {
            let path = format!("{path}.{}", part.name);
            object.insert(part.name.to_owned(), value(rng, part, &path, spoken));
        }
    }
    object
}

/// At most three values, no two alike, and one of them the primary one at most.
fn plural(rng: &mut Rng, parts: &[FieldSpec], path: &str, spoken: &Spoken) -> Vec<Value> {
    let mut values = Vec::new();
    for number in 0..rng.below(4) {
        let mut one = complex(rng, parts, path, spoken);
        if one.get("primary") == Some(&Value::Bool(true)) && number > 0 {
            one.remove("primary");
        }
        let name = parts.first().map_or("value", |part| part.name);
        one.insert(name.to_owned(), Value::from(format!("{number} {}", text(rng, name))));
        values.push(Value::Object(one));
    }
    values
}

/// A user as the files write it.
fn user(rng: &mut Rng, name: &str, spoken: &Spoken) -> Value {
    let mut says = Map::new();
    for spec in attributes(KindName::User).skip(1) {
        if spoken.refuses(spec.name) || !(spoken.demands(spec.name) || rng.chance(60)) {
            continue;
        }
        let written = match spec.name {
            GREENLAKE_USER_URN => "countryCode",
            GREENLAKE_POSIX_URN => "posix",
            name => name,
        };
        let mut said = value(rng, spec, spec.name, spoken);
        if spec.name == "externalId" {
            // No two people have one.
            said = Value::from(format!("{} {name}", rng.pick(&TEXTS)));
        }
        if spec.name == GREENLAKE_USER_URN {
            said = said.get("countryCode").cloned().unwrap_or_default();
        }
        says.insert(written.to_owned(), said);
    }
    if spoken.demands("emails") {
        says.insert("emails".to_owned(), json!([{ "value": name.to_lowercase() }]));
    }
    if spoken.demands("name") {
        says.insert("name".to_owned(), json!({ "givenName": "G", "familyName": text(rng, "") }));
    }
    let mut extensions = Map::new();
    if !spoken.refuses(ENTERPRISE) && rng.chance(50) {
        let parts = [*rng.pick(&ENTERPRISE_PARTS), *rng.pick(&ENTERPRISE_PARTS)];
        let parts = parts.map(|part| (part.to_owned(), Value::from(text(rng, part))));
        extensions.insert(ENTERPRISE.to_owned(), Value::Object(Map::from_iter(parts)));
    }
    if !spoken.refuses(EXTENSION_PREFIX) && rng.chance(50) {
        let shoes = json!({ "size": rng.below(50), "laces": { "long": rng.chance(50) } });
        extensions.insert("urn:example:shoes:1.0:User".to_owned(), shoes);
    }
    if !extensions.is_empty() {
        says.insert("extensions".to_owned(), Value::Object(extensions));
    }
    Value::Object(says)
}

/// An organization that says all sorts of things, and a server that holds nothing of it.
pub(crate) fn organization(rng: &mut Rng, spoken: &Spoken) -> World {
    let users: BTreeMap<&str, Value> =
        NAMES.iter().map(|name| (*name, user(rng, name, spoken))).collect();
    let mut groups = BTreeMap::new();
    // Where it cannot change it is the same every time.
    let immutable = Dialect::profile(spoken.profile).unwrap().capabilities("t").immutable;
    let is_fixed = immutable.contains(&(KindName::Group, "externalId".to_owned()));
    for name in GROUPS {
        let mut says = Map::new();
        if !spoken.refuses("group.externalId") && (is_fixed || rng.chance(60)) {
            let number = if is_fixed { 0 } else { rng.below(9) };
            says.insert("externalId".to_owned(), Value::from(format!("{name} {number}")));
        }
        if spoken.members {
            let members: Vec<&str> = NAMES.into_iter().filter(|_| rng.chance(50)).collect();
            says.insert("members".to_owned(), json!(members));
        }
        groups.insert(name, Value::Object(says));
    }
    let all = json!({ "users": users, "groups": groups }).to_string();
    let files = [("all.yaml", all.as_str()), ("waivers.yaml", WAIVERS)];
    World {
        live: json!({ "users": [], "groups": [] }),
        project: PROJECT.to_owned(),
        files: files.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
    }
}

const PROJECT: &str = "organization: generated
target: { provider: sandbox }
manage:
  users: { domains: [example.com], onRemove: delete }
  groups: { names: [\"*\"], onRemove: delete }
limits:
  users: { remove: \"100%\", update: \"100%\" }
  groups: { remove: \"100%\", update: \"100%\" }
  memberships: { remove: \"100%\", update: \"100%\" }
";

/// Whether `found` says what was declared: the law's own reading of RFC 7643 (sections 2.4 and
/// 2.5), which shares nothing with the plan's. `path` is the dotted name of what is compared, and
/// `forgets` says which parts of it the profile knows the server not to keep.
pub(crate) fn says(
    declared: &Value,
    found: Option<&Value>,
    path: &str,
    forgets: &impl Fn(&str) -> bool,
) -> bool {
    if forgets(path) {
        return true;
    }
    let part = |name: &str| format!("{path}.{name}");
    match (declared, found) {
        (Value::Object(parts), _) => parts.iter().all(|(name, declared)| {
            let found = found.and_then(|found| found.get(name));
            let is_default = name == "primary" && declared == false && found.is_none();
            is_default || says(declared, found, &part(name), forgets)
        }),
        (Value::Array(declared), None) => declared.is_empty(),
        (Value::Array(declared), Some(Value::Array(found))) => {
            let has = |one: &Value| found.iter().any(|other| says(one, Some(other), path, forgets));
            declared.len() == found.len() && declared.iter().all(has)
        }
        (Value::String(declared), Some(Value::String(found))) if path == "userName" => {
            declared.to_lowercase() == found.to_lowercase()
        }
        (declared, found) => found == Some(declared),
    }
}
