//! The whole object before and after a write: what vanished, and what came, beside what was asked
//! for (design section 7).
//!
//! Left out is what the server owns (`meta`, `groups`, `schemas`), what the dialect says that it
//! forgets or derives, and what it derives from something that was sent: `name.formatted` and
//! `displayName` from a name, a `userName` from an e-mail. A value that muster does not know and
//! that another took the place of is the server's bookkeeping, not a loss; in an extension, which
//! people write too, that is only a counter or a time.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::kind::{EXTENSION_PREFIX, FieldSpec, Fields, Key, KindName, Level, Shape};
use crate::plan::is_unassigned;

use super::dialect::Dialect;

/// Attributes that are the server's own (RFC 7643 sections 3.1 and 4.1.2).
const OWN: [&str; 4] = ["schemas", "id", "meta", "groups"];
/// Attributes that servers make, and of which. What becomes of a name nobody can foretell.
const MADE_OF: [(&str, &[&str]); 3] = [
    ("name", &["displayName", "nickName"]),
    ("displayName", &["name"]),
    ("nickName", &["name", "displayName"]),
];
/// Sub-attributes of an element that say again what the element is.
const ECHOES: [&str; 2] = ["$ref", "display"];

/// What differs, as dotted names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// What was there and is not any more.
    pub(super) vanished: Vec<String>,
    /// What is there and was not.
    pub(super) added: Vec<String>,
}

/// Compares an object before and after a write that asked for `asked`.
pub(super) fn compare(
    kind: KindName,
    dialect: &Dialect,
    (before, after): (&Value, &Value),
    asked: &Fields,
) -> Changes {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return Changes::default();
    };
    let mut comparison = Comparison { kind, dialect, before, asked, changes: Changes::default() };
    comparison.attributes(after);
    comparison.changes
}

/// Where in an object a value stands.
struct Place<'a> {
    /// The attribute.
    root: &'a str,
    /// The attribute or its part, as the dialect names it: `emails.type`.
    dotted: String,
    /// The same for people, who also want to know of which element: `emails[a@x].type`.
    shown: String,
}

impl<'a> Place<'a> {
    fn new(root: &'a str) -> Self {
        Self { root, dotted: root.to_owned(), shown: root.to_owned() }
    }

    fn part(&self, part: &str) -> Self {
        let join = |path: &str| format!("{path}.{part}");
        Self { root: self.root, dotted: join(&self.dotted), shown: join(&self.shown) }
    }

    fn element(&self, identity: &str) -> Self {
        let shown = format!("{}[{identity}]", self.shown);
        Self { root: self.root, dotted: self.dotted.clone(), shown }
    }

    fn is(&self, name: &str) -> bool {
        self.dotted.eq_ignore_ascii_case(name)
    }

    /// Whether it says which element of a list is the preferred one.
    fn is_primary(&self) -> bool {
        self.shown.ends_with("].primary")
    }

    fn is_extension(&self) -> bool {
        let begins = self.root.get(..EXTENSION_PREFIX.len());
        begins.is_some_and(|begin| begin.eq_ignore_ascii_case(EXTENSION_PREFIX))
    }

    /// The first step below the attribute.
    fn first_part(&self) -> Option<&str> {
        let parts = self.dotted.strip_prefix(self.root)?.strip_prefix('.')?;
        parts.split('.').next()
    }
}

struct Comparison<'a> {
    kind: KindName,
    dialect: &'a Dialect,
    before: &'a Map<String, Value>,
    asked: &'a Fields,
    changes: Changes,
}

impl Comparison<'_> {
    fn attributes(&mut self, after: &Map<String, Value>) {
        for (name, had) in self.before {
            if self.is_left_out(name) {
                continue;
            }
            let place = Place::new(name);
            let has = get(after, name).unwrap_or(&Value::Null);
            match get_asked(self.asked, name) {
                Some(asked) => self.asked_for(&place, had, has, asked),
                None => self.value(&place, had, has),
            }
        }
        for (name, has) in after {
            let is_new = get(self.before, name).is_none_or(is_unassigned) && !is_unassigned(has);
            let is_asked = get_asked(self.asked, name).is_some() || self.is_made(name, has);
            if is_new && !is_asked && !self.is_left_out(name) && self.is_known(name) {
                self.changes.added.push(name.clone());
            }
        }
    }

    fn is_left_out(&self, name: &str) -> bool {
        OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
            || self.dialect.is_unheld(self.kind, name)
    }

    /// Whether the server may have made this value of one that was sent. A name to sign in with
    /// and the addresses where a new password goes are nothing but what was sent.
    fn is_made(&self, name: &str, has: &Value) -> bool {
        if name.eq_ignore_ascii_case("userName") {
            let emails = get_asked(self.asked, "emails").and_then(Value::as_array);
            return emails.is_some_and(|sent| sent.iter().any(|one| identity(one) == folded(has)));
        }
        if name.eq_ignore_ascii_case("emails") {
            let (sent, emails) = (self.sent_user_name(), has.as_array());
            return sent.is_some()
                && emails.is_some_and(|list| list.iter().all(|one| Some(identity(one)) == sent));
        }
        let made = MADE_OF.iter().find(|(made, _)| made.eq_ignore_ascii_case(name));
        made.is_some_and(|(_, of)| of.iter().any(|one| get_asked(self.asked, one).is_some()))
    }

    fn sent_user_name(&self) -> Option<String> {
        get_asked(self.asked, "userName").filter(|name| !is_unassigned(name)).map(folded)
    }

    /// What the kind's table says of an attribute.
    fn spec(&self, name: &str) -> Option<&'static FieldSpec> {
        let mut fields = self.kind.spec().fields.iter();
        fields.find(|field| field.level == Level::Core && field.name.eq_ignore_ascii_case(name))
    }

    /// Whether muster manages the attribute.
    fn is_known(&self, name: &str) -> bool {
        self.spec(name).is_some()
    }

    /// Whether the kind's table knows the part of an attribute.
    fn is_known_part(&self, place: &Place<'_>) -> bool {
        match self.spec(place.root).map(|field| field.shape) {
            Some(Shape::Complex(parts) | Shape::MultiValued(parts)) => place
                .first_part()
                .is_some_and(|part| parts.iter().any(|one| one.name.eq_ignore_ascii_case(part))),
            _ => false,
        }
    }

    /// Whether it is the extension that the provider keeps itself.
    fn is_providers(&self, place: &Place<'_>) -> bool {
        let own = self.dialect.habits.own.and_then(|own| own.of(self.kind));
        own.is_some_and(|urn| urn.eq_ignore_ascii_case(place.root))
    }

    /// An attribute that was sent: its parts that were not to change must still be as they were.
    /// Lists are sent whole, and looked at where it is asked whether the object is as it is to be.
    fn asked_for(&mut self, place: &Place<'_>, had: &Value, has: &Value, asked: &Value) {
        let (Value::Object(had), Value::Object(asked)) = (had, asked) else { return };
        // Of an extension nothing is sent but what is to change.
        let is_by_part = place.is_extension() && !self.is_providers(place);
        for (name, had) in had {
            let part = place.part(name);
            let stays = get(asked, name).map_or(is_by_part, |asked| is_same(asked, had));
            let has = has.as_object().and_then(|has| get(has, name)).unwrap_or(&Value::Null);
            let is_made = part.is("name.formatted")
                || (place.is("name") && !is_unassigned(has) && is_recut(asked, has));
            if stays && !is_made {
                self.value(&part, had, has);
            }
        }
    }

    fn value(&mut self, place: &Place<'_>, had: &Value, has: &Value) {
        // Not primary and silent about it are the same (RFC 7643 section 2.4).
        let is_silence = place.is_primary() && *had == Value::Bool(false);
        let is_unheld = self.dialect.is_unheld(self.kind, &place.dotted);
        if is_unassigned(had) || is_silence || is_unheld {
            return;
        }
        if is_unassigned(has) {
            // It is made whole, so that it also goes with what it is made of.
            let is_derived = place.is("displayName") && self.is_made(place.root, has);
            if !is_derived {
                self.changes.vanished.push(place.shown.clone());
            }
            return;
        }
        match (had, has) {
            (Value::Object(had), Value::Object(parts)) => {
                if !(place.is("name") && self.is_made(place.root, has)) {
                    self.parts(place, had, parts);
                }
            }
            (Value::Array(had), Value::Array(has)) => self.elements(place, had, has),
            _ => self.replaced(place, had, has),
        }
    }

    fn parts(&mut self, place: &Place<'_>, had: &Map<String, Value>, has: &Map<String, Value>) {
        // The `displayName` of a manager is that of another user (RFC 7643 section 4.3).
        let is_reference = had.contains_key("value");
        for (part, value) in had {
            let is_echo =
                ECHOES.contains(&part.as_str()) || (is_reference && part == "displayName");
            if !is_echo {
                let has = get(has, part).unwrap_or(&Value::Null);
                self.value(&place.part(part), value, has);
            }
        }
    }

    /// Lists are compared without order (RFC 7643 section 2.4), elements by their `value` first.
    fn elements(&mut self, place: &Place<'_>, had: &[Value], has: &[Value]) {
        let (before, after) = (by_identity(had), by_identity(has));
        let only = |these: &BTreeMap<String, _>, those: &BTreeMap<String, _>| -> Vec<String> {
            these.keys().filter(|one| !those.contains_key(*one)).cloned().collect()
        };
        let (mut gone, mut come) = (only(&before, &after), only(&after, &before));
        if place.is("emails") {
            self.leave_out_made(&before, &mut gone, &mut come);
        }
        let shown = |identity: &String| place.element(identity).shown;
        self.changes.vanished.extend(gone.iter().map(shown));
        self.changes.added.extend(come.iter().map(shown));
        for (identity, olds) in &before {
            let Some(news) = after.get(identity) else { continue };
            for old in olds.iter().filter(|old| !news.contains(old)) {
                let lost = |new: &&Value| self.lost(&place.element(identity), old, new);
                // Several elements may have one value: it is the most alike of those that no
                // other was already.
                let free = news.iter().filter(|new| !olds.contains(new));
                let least = free.map(lost).min_by_key(Vec::len);
                let least = least.or_else(|| news.iter().map(lost).min_by_key(Vec::len));
                self.changes.vanished.extend(least.unwrap_or_default());
            }
        }
    }

    /// An e-mail made of the `userName` that was sent may come, and take the place of one: of the
    /// old `userName` where that was an e-mail.
    fn leave_out_made(
        &self,
        before: &BTreeMap<String, Vec<&Value>>,
        gone: &mut Vec<String>,
        come: &mut Vec<String>,
    ) {
        let Some(sent) = self.sent_user_name() else { return };
        let Some(made) = come.iter().position(|one| *one == sent) else { return };
        come.remove(made);
        let old = get(self.before, "userName").map(folded).unwrap_or_default();
        let replaced = if before.contains_key(&old) {
            gone.iter().position(|one| *one == old)
        } else {
            Some(0)
        };
        if let Some(replaced) = replaced.filter(|_| !gone.is_empty()) {
            gone.remove(replaced);
        }
    }

    /// What one element said beside its `value` and the other does not.
    fn lost(&self, place: &Place<'_>, old: &Value, new: &Value) -> Vec<String> {
        let Value::Object(old) = old else { return Vec::new() };
        let none = Map::new();
        let mut inner = Comparison { changes: Changes::default(), ..*self };
        inner.parts(place, old, new.as_object().unwrap_or(&none));
        inner.changes.vanished
    }

    /// A value that another took the place of.
    fn replaced(&mut self, place: &Place<'_>, had: &Value, has: &Value) {
        if folded(had) == folded(has) {
            return;
        }
        let is_loss = if place.is_extension() {
            let is_bookkeeping = is_bookkeeping(had, has) && !self.is_known_part(place);
            !self.is_providers(place) && !is_bookkeeping
        } else {
            // An element may say things that only the server knows.
            let is_list = matches!(
                self.spec(place.root).map(|field| field.shape),
                Some(Shape::MultiValued(_))
            );
            let is_servers = is_list && place.first_part().is_some() && !self.is_known_part(place);
            self.is_known(place.root) && !is_servers && !self.is_made(place.root, has)
        };
        if is_loss {
            self.changes.vanished.push(format!("{} (it was {had} and is {has})", place.shown));
        }
    }
}

/// Whether a server that keeps one full name cut it otherwise: every word was sent.
fn is_recut(asked: &Map<String, Value>, has: &Value) -> bool {
    let sent: Vec<String> = asked.values().map(folded).collect();
    let is_sent = |word: &str| sent.iter().any(|text| text.split_whitespace().any(|w| w == word));
    folded(has).split_whitespace().all(is_sent)
}

/// Whether it is a counter or a time that moved.
fn is_bookkeeping(had: &Value, has: &Value) -> bool {
    let is_time =
        |value: &Value| value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok());
    (had.is_number() && has.is_number()) || (is_time(had) && is_time(has))
}

/// Whether two values say the same: what is unassigned is as good as absent.
fn is_same(one: &Value, other: &Value) -> bool {
    let has_all = |these: &Map<String, Value>, those: &Map<String, Value>| {
        let mut parts = these.iter();
        parts.all(|(name, value)| is_same(value, get(those, name).unwrap_or(&Value::Null)))
    };
    match (one, other) {
        _ if is_unassigned(one) || is_unassigned(other) => {
            is_unassigned(one) && is_unassigned(other)
        }
        (Value::Object(one), Value::Object(other)) => has_all(one, other) && has_all(other, one),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        _ => folded(one) == folded(other),
    }
}

fn by_identity(list: &[Value]) -> BTreeMap<String, Vec<&Value>> {
    let mut by_identity: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for one in list {
        by_identity.entry(identity(one)).or_default().push(one);
    }
    by_identity
}

/// What tells one element of a list from another.
fn identity(element: &Value) -> String {
    folded(element.get("value").unwrap_or(element))
}

/// A value in the form in which a server may have normalised it.
fn folded(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| Key::new(text).as_str().to_owned())
}

/// An attribute by its name, however the server spells it (RFC 7643 section 2.1).
fn get<'v>(map: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    map.get(name).or_else(|| {
        map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

fn get_asked<'f>(fields: &'f Fields, name: &str) -> Option<&'f Value> {
    fields.get(name).or_else(|| {
        fields.iter().find(|(key, _)| key.as_str().eq_ignore_ascii_case(name)).map(|(_, v)| v)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kind::{GREENLAKE_POSIX_URN, GREENLAKE_USER_URN};

    fn changes(before: &Value, after: &Value, asked: &Value) -> Changes {
        let asked = serde_json::from_value(asked.clone()).unwrap();
        compare(KindName::User, &Dialect::default(), (before, after), &asked)
    }

    fn before() -> Value {
        json!({"schemas": ["a"], "id": "1", "userName": "Ada", "title": "Dr", "active": true,
            "name": {"givenName": "Ada", "familyName": "L", "formatted": "Ada L"},
            "displayName": "Ada L", "phoneNumbers": [{"value": "1"}, {"value": "2", "type": "x"}],
            "urn:x": {"a": 1, "manager": {"value": "2"}}, "counter": 7, "nothing": [],
            "meta": {"version": "1"}, "groups": [{"value": "g"}]})
    }

    /// The same with `path` replaced; `null` takes it away.
    fn with(path: &str, value: Value) -> Value {
        let mut after = before();
        *after.pointer_mut(path).unwrap() = value;
        after
    }

    #[test]
    fn what_vanishes_unasked_is_seen() {
        let asked = json!({"emails": [{"value": "a@x"}]});
        for (path, value, vanished) in [
            ("/title", json!(null), "title"),
            ("/title", json!(""), "title"),
            ("/phoneNumbers", json!([{"value": "1"}]), "phoneNumbers[2]"),
            ("/phoneNumbers", json!([]), "phoneNumbers"),
            ("/urn:x", json!(null), "urn:x"),
            ("/urn:x/manager", json!(null), "urn:x.manager"),
            ("/urn:x/manager/value", json!(null), "urn:x.manager"),
            ("/counter", json!(null), "counter"),
            ("/name/familyName", json!(null), "name.familyName"),
            ("/active", json!(false), "active (it was true and is false)"),
            ("/title", json!("Prof"), "title (it was \"Dr\" and is \"Prof\")"),
        ] {
            let seen = changes(&before(), &with(path, value), &asked);
            assert_eq!(seen.vanished, [vanished], "{path}");
        }
    }

    #[test]
    fn what_is_the_servers_own_is_no_loss() {
        let asked = json!({"emails": [{"value": "a@x"}]});
        for (path, value) in [
            ("/meta", json!({"version": "2"})),
            ("/groups", json!([])),
            ("/counter", json!(8)),
            ("/urn:x/a", json!(2)),
            ("/userName", json!("ada")),
            ("/title", json!("dr")),
            ("/schemas", json!(["a", "b"])),
            ("/phoneNumbers", json!([{"value": "2", "type": "x"}, {"value": "1"}])),
        ] {
            assert_eq!(
                changes(&before(), &with(path, value), &asked),
                Changes::default(),
                "{path}"
            );
        }
    }

    #[test]
    fn what_is_derived_from_what_was_sent_may_change() {
        let asked = json!({"name": {"givenName": "Eve", "familyName": "L", "formatted": "Ada L"}});
        let mut after = before();
        after["name"] = json!({"givenName": "Eve", "familyName": "L", "formatted": "Eve L"});
        after["displayName"] = json!("Eve L");
        assert_eq!(changes(&before(), &after, &asked), Changes::default());
        after["displayName"] = json!(null);
        assert_eq!(changes(&before(), &after, &asked), Changes::default());
        after["name"] = json!({"givenName": "Eve"});
        assert_eq!(changes(&before(), &after, &asked).vanished, ["name.familyName"]);
    }

    #[test]
    fn what_comes_unasked_is_reported() {
        let mut after = before();
        after["nickName"] = json!("x");
        after["phoneNumbers"] =
            json!([{"value": "1"}, {"value": "2", "type": "x"}, {"value": "3"}]);
        after["lastSeen"] = json!("2026");
        let seen = changes(&before(), &after, &json!({"title": "Dr"}));
        assert_eq!(seen.vanished, Vec::<String>::new());
        assert_eq!(seen.added, ["phoneNumbers[3]", "nickName"]);
    }

    /// A person whose lists and extensions say more than their values.
    fn whole() -> Value {
        json!({"id": "1", "userName": "ada@x.org", "displayName": "Ada L",
            "name": {"givenName": "Ada", "familyName": "L", "formatted": "Ada L"},
            "emails": [
                {"value": "ada@x.org", "type": "work", "primary": true, "verified": true},
                {"value": "ada@home", "primary": false, "display": "home"}],
            "phoneNumbers": [{"value": "1", "type": "work"}, {"value": "1", "type": "fax"}],
            "urn:x:2.0:User": {"department": "R&D", "level": "7", "seen": 7,
                "seenAt": "2026-01-01T00:00:00Z", "isHead": true, "tags": ["a"],
                "manager": {"value": "2", "displayName": "Bob", "$ref": "a", "note": null}},
            GREENLAKE_POSIX_URN: {"uid": 1000}})
    }

    /// What vanished of that person, where `after` replaces what there was.
    fn vanished(asked: &Value, after: &[(&str, Value)]) -> Vec<String> {
        let mut now = whole();
        for (path, value) in after {
            *now.pointer_mut(path).unwrap() = value.clone();
        }
        changes(&whole(), &now, asked).vanished
    }

    #[test]
    fn a_user_name_is_made_only_of_an_e_mail_that_was_sent() {
        let asked = json!({"emails": [{"value": "eve@x.org"}, {"value": "eve@home"}]});
        let sent = ("/emails", asked["emails"].clone());
        for made in ["Eve@x.org", "eve@home", "ADA@x.org"] {
            let seen = vanished(&asked, &[sent.clone(), ("/userName", json!(made))]);
            assert_eq!(seen, Vec::<String>::new(), "{made}");
        }
        for (made, words) in [
            (json!("evil@z.org"), "userName (it was \"ada@x.org\" and is \"evil@z.org\")"),
            (json!(null), "userName"),
        ] {
            assert_eq!(vanished(&asked, &[sent.clone(), ("/userName", made)]), [words]);
        }
        let other = vanished(&json!({"title": "Dr"}), &[("/userName", json!("ada@home"))]);
        assert_eq!(other, ["userName (it was \"ada@x.org\" and is \"ada@home\")"]);
    }

    #[test]
    fn e_mails_are_made_only_of_the_user_name_that_was_sent() {
        let asked = json!({"userName": "eve@x.org"});
        let home = whole()["emails"][1].clone();
        let work = whole()["emails"][0].clone();
        let eve = json!({"value": "EVE@x.org"});
        let evil = json!({"value": "evil@z.org"});
        for (emails, lost, came) in [
            (json!([eve, home]), vec![], vec![]),
            (json!([work, home, eve]), vec![], vec![]),
            (json!([work, eve]), vec!["emails[ada@home]"], vec![]),
            (json!([eve]), vec!["emails[ada@home]"], vec![]),
            (json!([evil, home]), vec!["emails[ada@x.org]"], vec!["emails[evil@z.org]"]),
            (json!([work, home, evil]), vec![], vec!["emails[evil@z.org]"]),
            (json!([home]), vec!["emails[ada@x.org]"], vec![]),
            (json!([]), vec!["emails"], vec![]),
        ] {
            let mut now = whole();
            now["emails"] = emails.clone();
            let seen = changes(&whole(), &now, &asked);
            assert_eq!(seen.vanished, lost, "{emails}");
            assert_eq!(seen.added, came, "{emails}");
        }
    }

    #[test]
    fn the_first_e_mail_is_made_only_of_the_user_name_that_was_sent() {
        let had = json!({"userName": "ada", "emails": []});
        for (made, added) in [("eve@x", vec![]), ("evil@z", vec!["emails".to_owned()])] {
            let has = json!({"userName": "eve@x", "emails": [{"value": made}]});
            assert_eq!(changes(&had, &has, &json!({"userName": "eve@x"})).added, added);
        }
        // An address that is not the name gives way to the name.
        let had = json!({"userName": "ada", "emails": [{"value": "ada@x"}]});
        let has = json!({"userName": "eve@x", "emails": [{"value": "eve@x"}]});
        assert_eq!(changes(&had, &has, &json!({"userName": "eve@x"})), Changes::default());
    }

    #[test]
    fn a_name_as_shown_is_made_only_of_a_name_that_was_sent() {
        let shown = [("/displayName", json!("Evil"))];
        let words = "displayName (it was \"Ada L\" and is \"Evil\")";
        assert_eq!(vanished(&json!({"nickName": "a"}), &shown), [words]);
        assert_eq!(vanished(&json!({"title": "a"}), &shown), [words]);
        let gone = [("/displayName", json!(null))];
        assert_eq!(vanished(&json!({"nickName": "a"}), &gone), ["displayName"]);
        let had = json!({"name": {"givenName": "Ada"}});
        let has = json!({"name": {"givenName": "Ada"}, "displayName": "Ada"});
        assert_eq!(changes(&had, &has, &json!({"nickName": "a"})).added, ["displayName"]);
        assert_eq!(changes(&had, &has, &json!({"name": {"givenName": "Ada"}})).added, [""; 0]);
    }

    #[test]
    fn what_an_element_says_beside_its_value_is_compared() {
        let asked = json!({"title": "Dr"});
        for (path, value, words) in [
            ("/emails/0/type", json!(null), "emails[ada@x.org].type"),
            ("/emails/0/primary", json!(null), "emails[ada@x.org].primary"),
            ("/emails/0/verified", json!(null), "emails[ada@x.org].verified"),
            (
                "/emails/0/type",
                json!("home"),
                "emails[ada@x.org].type (it was \"work\" and is \"home\")",
            ),
            (
                "/emails/0/primary",
                json!(false),
                "emails[ada@x.org].primary (it was true and is false)",
            ),
            ("/phoneNumbers/1/type", json!(null), "phoneNumbers[1].type"),
            (
                "/phoneNumbers",
                json!([{"value": "1", "type": "work"}]),
                "phoneNumbers[1].type (it was \"fax\" and is \"work\")",
            ),
        ] {
            assert_eq!(vanished(&asked, &[(path, value)]), [words], "{path}");
        }
        for (path, value) in [
            ("/emails/0/type", json!("WORK ")),
            ("/emails/0/verified", json!(false)),
            ("/emails/1/primary", json!(null)),
            ("/emails/1/primary", json!(true)),
            ("/emails/1/display", json!("x")),
            ("/emails/1", json!({"value": "ADA@home", "type": "home", "$ref": "b"})),
            ("/phoneNumbers", json!([{"value": 1, "type": "fax"}, {"value": "1", "type": "work"}])),
        ] {
            assert_eq!(vanished(&asked, &[(path, value)]), Vec::<String>::new(), "{path}");
        }
    }

    #[test]
    fn parts_of_elements_that_a_server_does_not_hold_are_no_loss() {
        let asked = serde_json::from_value(json!({"title": "Dr"})).unwrap();
        let mut now = whole();
        now["emails"][0]["type"] = json!(null);
        let django = Dialect::profile("django-scim2").unwrap();
        let seen = compare(KindName::User, &django, (&whole(), &now), &asked);
        assert_eq!(seen, Changes::default());
    }

    #[test]
    fn what_an_extension_says_is_compared_whether_or_not_it_was_asked_for() {
        let urn = "urn:x:2.0:User";
        let mut extension = whole()[urn].clone();
        extension["level"] = json!("8");
        extension["manager"].as_object_mut().unwrap().remove("note");
        let brief = json!({"level": "8"});
        for asked in [json!({"title": "Dr"}), json!({urn: extension}), json!({urn: brief})] {
            let of = |part: &str, value: Value| {
                let mut after = vec![(format!("/{urn}/{part}"), value)];
                if asked.get(urn).is_some() {
                    after.push((format!("/{urn}/level"), json!("8")));
                }
                let after: Vec<_> = after.iter().map(|(p, v)| (p.as_str(), v.clone())).collect();
                vanished(&asked, &after)
            };
            for (part, value, words) in [
                ("department", json!("Sales"), "department (it was \"R&D\" and is \"Sales\")"),
                ("department", json!(null), "department"),
                ("manager/value", json!("3"), "manager.value (it was \"2\" and is \"3\")"),
                ("manager", json!(null), "manager"),
                ("isHead", json!(false), "isHead (it was true and is false)"),
                ("seen", json!("x"), "seen (it was 7 and is \"x\")"),
                ("seenAt", json!("x"), "seenAt (it was \"2026-01-01T00:00:00Z\" and is \"x\")"),
                ("tags", json!(["b"]), "tags[a]"),
            ] {
                let words = format!("{urn}.{words}");
                assert_eq!(of(part, value), [words], "{asked}: {part}");
            }
            for (part, value) in [
                ("department", json!(" r&d")),
                ("seen", json!(8)),
                ("seenAt", json!("2026-02-01T00:00:00.5Z")),
                ("manager/displayName", json!("Robert")),
                ("manager/$ref", json!(null)),
                ("manager/value", json!(2)),
            ] {
                assert_eq!(of(part, value), Vec::<String>::new(), "{asked}: {part}");
            }
        }
        // A number that people are known by is no counter.
        let uid = vanished(
            &json!({"title": "Dr"}),
            &[(&format!("/{GREENLAKE_POSIX_URN}/uid"), json!(0))],
        );
        assert_eq!(uid, [format!("{GREENLAKE_POSIX_URN}.uid (it was 1000 and is 0)")]);
    }

    #[test]
    fn the_providers_own_extension_moves_by_itself() {
        let greenlake = Dialect::profile("greenlake").unwrap();
        let urn = GREENLAKE_USER_URN;
        let had = json!({"displayName": "A", urn: {"countryCode": "GB", "status": "STAGED",
            "roles": [{"value": "1", "state": "new"}]}});
        let has = json!({"displayName": "A", urn: {"countryCode": "DE", "status": "ACTIVE",
            "roles": [{"value": "1", "state": "old"}]}});
        for asked in [json!({"displayName": "A"}), json!({urn: {"countryCode": "DE"}})] {
            let asked = serde_json::from_value(asked).unwrap();
            let seen = compare(KindName::User, &greenlake, (&had, &has), &asked);
            assert_eq!(seen, Changes::default());
        }
    }

    #[test]
    fn parts_of_a_name_that_were_to_stay_are_as_they_were() {
        let asked =
            json!({"name": {"givenName": "Eve Ann", "familyName": "L", "formatted": "Ada L"}});
        let with = |given: &str, family: &str| {
            let name = json!({"givenName": given, "familyName": family, "formatted": "x"});
            vanished(&asked, &[("/name", name)])
        };
        let words = "name.familyName (it was \"L\" and is \"Evil\")";
        assert_eq!(with("Eve Ann", "Evil"), [words]);
        assert_eq!(with("Eve Ann", "l "), [""; 0]);
        // A server that keeps one full name cuts it where it likes.
        assert_eq!(with("Eve", "Ann L"), [""; 0]);
    }
}
