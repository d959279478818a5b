//! add, replace and remove on attributes, as RFC 7644 section 3.5.2 says.

use serde_json::{Map, Value};

use super::super::error::Refusal;
use super::super::filter::Filter;
use super::super::filter::eval::{element_matches, get};
use super::super::normalise::{self, is_unassigned};
use super::super::personality::{Storage, Unknown};
use super::super::record::{Kind, Record};
use super::super::schema::{self, Attribute, Type};
use super::operation::{Target, Verb};

/// Changes an attribute of a user, or one of a group other than its members.
pub(super) fn change(
    record: &mut Record,
    verb: Verb,
    target: &Target,
    value: Option<&Value>,
    rules: &Storage,
) -> Result<(), Refusal> {
    let edit = Edit { verb, target, value: value.unwrap_or(&Value::Null), rules };
    match &target.path.urn {
        Some(urn) => edit.in_extension(record, urn),
        None => edit.in_core(record),
    }
}

#[derive(Clone, Copy)]
struct Edit<'a> {
    verb: Verb,
    target: &'a Target,
    value: &'a Value,
    rules: &'a Storage,
}

impl Edit<'_> {
    fn in_core(self, record: &mut Record) -> Result<(), Refusal> {
        let name = self.target.path.name.as_str();
        let folded = name.to_ascii_lowercase();
        let (dropped, refused) = match record.kind {
            Kind::User => (self.rules.user_dropped, self.rules.user_refused),
            Kind::Group => (self.rules.group_dropped, &[] as &[&str]),
        };
        if dropped.contains(&folded.as_str()) || folded == "password" || folded == "schemas" {
            return Ok(());
        }
        if refused.contains(&folded.as_str()) {
            return Err(Refusal::path(format!("`{name}` is not permitted")));
        }
        let Some(attribute) = schema::core(record.kind, name) else {
            return match self.rules.unknown_core {
                Unknown::Kept => {
                    self.raw(&mut record.attributes, name);
                    Ok(())
                }
                Unknown::Dropped => Ok(()),
                Unknown::Refused(_) => Err(Refusal::path(format!("no attribute `{name}`"))),
                Unknown::Crash => Err(Refusal::crash()),
            };
        };
        self.known(&mut record.attributes, attribute)
    }

    fn in_extension(self, record: &mut Record, urn: &str) -> Result<(), Refusal> {
        let enterprise = urn.eq_ignore_ascii_case(schema::ENTERPRISE_URN);
        let folded = urn.to_ascii_lowercase();
        let dropped = self.rules.user_dropped.iter().any(|name| name.eq_ignore_ascii_case(&folded));
        if dropped {
            return Ok(());
        }
        if !enterprise {
            match self.rules.unknown_urn {
                Unknown::Kept => {}
                Unknown::Dropped => return Ok(()),
                Unknown::Refused(_) => {
                    return Err(Refusal::path(format!("no schema `{urn}`")));
                }
                Unknown::Crash => return Err(Refusal::crash()),
            }
        }
        let stored = record.attributes.keys().find(|key| key.eq_ignore_ascii_case(urn)).cloned();
        let key = match (stored, enterprise) {
            (Some(key), _) => key,
            (None, true) => schema::ENTERPRISE_URN.to_string(),
            (None, false) => urn.to_string(),
        };
        let mut map = match record.attributes.remove(&key) {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        let name = self.target.path.name.as_str();
        if name.is_empty() {
            self.whole_extension(record.kind, &mut map, urn)?;
        } else if enterprise {
            let attribute = schema::enterprise(name)
                .ok_or_else(|| Refusal::path(format!("no attribute `{name}` in `{urn}`")))?;
            self.known(&mut map, attribute)?;
        } else {
            self.raw(&mut map, name);
        }
        if !map.is_empty() {
            record.attributes.insert(key, Value::Object(map));
        }
        Ok(())
    }

    fn whole_extension(
        self,
        kind: Kind,
        map: &mut Map<String, Value>,
        urn: &str,
    ) -> Result<(), Refusal> {
        if self.verb != Verb::Add {
            map.clear();
        }
        if self.verb != Verb::Remove
            && let Some((_, Value::Object(sent))) =
                normalise::attribute(kind, urn, self.value, self.rules)?
        {
            map.extend(sent);
        }
        Ok(())
    }

    /// An attribute without a schema: what came is stored; added arrays grow.
    fn raw(self, map: &mut Map<String, Value>, name: &str) {
        let key = map.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
        let key = key.unwrap_or_else(|| name.to_string());
        if let Some(sub) = self.target.sub() {
            let inner = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                match self.verb {
                    Verb::Remove => drop(inner.remove(sub)),
                    Verb::Add | Verb::Replace => drop(inner.insert(sub.into(), self.value.clone())),
                }
            }
            return;
        }
        match (self.verb, map.get_mut(&key), self.value) {
            (Verb::Remove, _, _) => drop(map.remove(&key)),
            (_, _, value) if is_unassigned(value) => drop(map.remove(&key)),
            (Verb::Add, Some(Value::Array(held)), Value::Array(sent)) => {
                for value in sent {
                    if !held.contains(value) {
                        held.push(value.clone());
                    }
                }
            }
            _ => drop(map.insert(key, self.value.clone())),
        }
    }

    fn known(
        self,
        map: &mut Map<String, Value>,
        attribute: &'static Attribute,
    ) -> Result<(), Refusal> {
        if self.target.inner.is_some() && !attribute.many {
            return Err(Refusal::path(format!("`{}` is not multi-valued", attribute.name)));
        }
        if let Some(sub) = self.target.sub()
            && attribute.sub(sub).is_none()
            && !matches!(self.rules.unknown_core, Unknown::Kept)
        {
            return Err(Refusal::path(format!("no attribute `{sub}` in `{}`", attribute.name)));
        }
        if attribute.many && (self.target.inner.is_some() || self.target.sub().is_some()) {
            return self.elements(map, attribute);
        }
        match (self.verb, self.target.sub()) {
            (Verb::Remove, None) => {
                if attribute.name == "userName" {
                    return Err(Refusal::new(400, "mutability", "`userName` is required"));
                }
                map.remove(attribute.name);
                Ok(())
            }
            (_, Some(sub)) => self.part(map, attribute, sub),
            (_, None) => self.value(map, attribute),
        }
    }

    /// One part of a complex attribute.
    fn part(
        self,
        map: &mut Map<String, Value>,
        attribute: &'static Attribute,
        sub: &str,
    ) -> Result<(), Refusal> {
        let mut whole = match map.remove(attribute.name) {
            Some(Value::Object(whole)) => whole,
            _ => Map::new(),
        };
        self.set_part(&mut whole, attribute, sub)?;
        if !whole.is_empty() {
            map.insert(attribute.name.into(), Value::Object(whole));
        }
        Ok(())
    }

    fn set_part(
        self,
        whole: &mut Map<String, Value>,
        attribute: &'static Attribute,
        sub: &str,
    ) -> Result<(), Refusal> {
        let sent = match self.verb {
            Verb::Remove => None,
            _ => normalise::sub_attribute(attribute, sub, self.value, self.rules)?,
        };
        match sent {
            Some((name, value)) => drop(whole.insert(name, value)),
            None => whole.retain(|name, _| !name.eq_ignore_ascii_case(sub)),
        }
        Ok(())
    }

    /// A whole attribute, added or replaced.
    fn value(
        self,
        map: &mut Map<String, Value>,
        attribute: &'static Attribute,
    ) -> Result<(), Refusal> {
        let array;
        let sent = match self.value {
            // One element may come without its array.
            one @ Value::Object(_) if attribute.many => {
                array = Value::Array(vec![one.clone()]);
                &array
            }
            other => other,
        };
        let sent = normalise::typed(attribute, sent, self.rules)?;
        match (self.verb, map.get_mut(attribute.name), sent) {
            (Verb::Add, Some(Value::Array(held)), Value::Array(sent)) => {
                for value in sent {
                    if held.contains(&value) {
                        continue;
                    }
                    if is_primary(&value) {
                        held.iter_mut().for_each(demote);
                    }
                    held.push(value);
                }
            }
            // Replacing a complex attribute leaves the parts that are not named.
            (_, Some(Value::Object(held)), Value::Object(sent))
                if matches!(attribute.kind, Type::Complex(_)) =>
            {
                held.extend(sent);
            }
            (_, _, sent) if is_unassigned(&sent) => drop(map.remove(attribute.name)),
            (_, _, sent) => drop(map.insert(attribute.name.into(), sent)),
        }
        Ok(())
    }

    /// Some elements of a multi-valued attribute, or one part of them.
    fn elements(
        self,
        map: &mut Map<String, Value>,
        attribute: &'static Attribute,
    ) -> Result<(), Refusal> {
        let mut held = match map.remove(attribute.name) {
            Some(Value::Array(held)) => held,
            _ => Vec::new(),
        };
        let hit = |element: &Value| {
            let filter: Option<&Filter> = self.target.inner.as_ref();
            filter.is_none_or(|filter| element_matches(filter, element, Some(attribute)))
        };
        let found = held.iter().any(hit);
        if !found && self.verb != Verb::Remove {
            let detail = format!("nothing matches `{}`", self.target.written);
            return Err(Refusal::new(400, "noTarget", detail));
        }
        match (self.verb, self.target.sub()) {
            (Verb::Remove, None) => held.retain(|element| !hit(element)),
            (_, Some(sub)) => {
                for element in held.iter_mut().filter(|element| hit(element)) {
                    if let Value::Object(whole) = element {
                        self.set_part(whole, attribute, sub)?;
                    }
                }
            }
            (_, None) => {
                let sent = normalise::single(attribute, self.value, self.rules)?;
                for element in held.iter_mut().filter(|element| hit(element)) {
                    match (self.verb, &mut *element, &sent) {
                        (Verb::Add, Value::Object(whole), Value::Object(sent)) => {
                            whole.extend(sent.clone());
                        }
                        _ => *element = sent.clone(),
                    }
                }
            }
        }
        if !held.is_empty() {
            map.insert(attribute.name.into(), Value::Array(held));
        }
        Ok(())
    }
}

fn is_primary(element: &Value) -> bool {
    element.as_object().and_then(|map| get(map, "primary")) == Some(&Value::Bool(true))
}

/// At most one value is primary (RFC 7643 section 2.4).
fn demote(element: &mut Value) {
    if is_primary(element)
        && let Value::Object(map) = element
    {
        map.insert("primary".into(), false.into());
    }
}
