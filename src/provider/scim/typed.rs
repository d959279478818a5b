//! Typed values: JSON read straight into the shape the kind's table gives a field.
//!
//! No detour over an untyped tree: what the table does not name is skipped, not kept. A value
//! of the wrong type is an error with its place; it is never guessed at. Three spellings that
//! servers are known to use are taken: a number where a string belongs, `"true"` and `"False"`
//! for booleans, and a bare string as an element of a list of objects.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::kind::{FieldSpec, Shape};

/// What the values of one answer may cost in memory, in bytes, roughly: a bound against answers
/// that are small on the wire and large in memory.
pub(super) const BUDGET: usize = 96 << 20;

/// Room left in one answer's budget.
pub(super) struct Budget(Cell<usize>);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(Cell::new(BUDGET))
    }

    /// Takes room for one value.
    pub(super) fn take<E: Error>(&self, bytes: usize) -> Result<(), E> {
        match self.0.get().checked_sub(bytes) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => Err(E::custom("the answer unpacks to more than muster takes in one piece")),
        }
    }
}

/// Reads one value of `shape`. `None` for null, `[]` and `{}`: unassigned all three
/// (RFC 7643 section 2.5).
#[derive(Clone, Copy)]
pub(super) struct Typed<'a> {
    pub(super) name: &'a str,
    pub(super) shape: Shape,
    pub(super) budget: &'a Budget,
}

/// What a map with one entry takes.
const MAP_COST: usize = 700;
/// What a scalar takes.
const SCALAR_COST: usize = 64;

impl<'de> DeserializeSeed<'de> for Typed<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Typed<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.shape {
            Shape::Text | Shape::Name => "a string",
            Shape::Boolean => "true or false",
            Shape::Integer => "a whole number",
            Shape::Complex(_) => "an object",
            Shape::MultiValued(_) => "a list of objects",
            Shape::Texts => "a list of strings",
            Shape::Open => "a value",
        };
        write!(f, "{what} for `{}`", super::error::escape(self.name))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.budget.take(SCALAR_COST)?;
        match self.shape {
            Shape::Boolean | Shape::Open => Ok(Some(Value::Bool(value))),
            _ => Err(E::invalid_type(serde::de::Unexpected::Bool(value), &self)),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.number(value.into(), || E::invalid_type(serde::de::Unexpected::Unsigned(value), &self))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.number(value.into(), || E::invalid_type(serde::de::Unexpected::Signed(value), &self))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        match self.shape {
            Shape::Open => Ok(Some(Value::from(value))),
            _ => Err(E::invalid_type(serde::de::Unexpected::Float(value), &self)),
        }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        self.budget.take(SCALAR_COST + value.len())?;
        match self.shape {
            Shape::Text | Shape::Name | Shape::Open => Ok(Some(Value::from(value))),
            Shape::Boolean if value.eq_ignore_ascii_case("true") => Ok(Some(Value::Bool(true))),
            Shape::Boolean if value.eq_ignore_ascii_case("false") => Ok(Some(Value::Bool(false))),
            Shape::Boolean
            | Shape::Integer
            | Shape::Complex(_)
            | Shape::MultiValued(_)
            | Shape::Texts => Err(E::invalid_type(serde::de::Unexpected::Str(value), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        match self.shape {
            Shape::MultiValued(parts) => {
                let element = Element { whole: self, parts };
                while let Some(value) = seq.next_element_seed(element)? {
                    list.extend(value);
                }
                // The order means nothing (RFC 7643 section 2.4) and may differ from one read
                // to the next.
                if list.len() > 1 {
                    list.sort_by_cached_key(Value::to_string);
                }
            }
            Shape::Open => {
                while let Some(value) = seq.next_element_seed(self)? {
                    list.push(value.unwrap_or(Value::Null));
                }
            }
            _ => return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self)),
        }
        Ok((!list.is_empty()).then_some(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        match self.shape {
            Shape::Complex(parts) => self.parts(parts, map),
            Shape::Open => self.open(map),
            _ => Err(A::Error::invalid_type(serde::de::Unexpected::Map, &self)),
        }
    }
}

impl<'a> Typed<'a> {
    fn number<E: Error>(
        self,
        value: serde_json::Number,
        wrong: impl FnOnce() -> E,
    ) -> Result<Option<Value>, E> {
        self.budget.take(SCALAR_COST)?;
        match self.shape {
            Shape::Integer | Shape::Open => Ok(Some(Value::Number(value))),
            Shape::Text | Shape::Name => Ok(Some(Value::String(value.to_string()))),
            _ => Err(wrong()),
        }
    }

    /// An object of which only the sub-attributes in `parts` are kept.
    fn parts<'de, A: MapAccess<'de>>(
        self,
        parts: &'static [FieldSpec],
        mut map: A,
    ) -> Result<Option<Value>, A::Error> {
        self.budget.take(MAP_COST)?;
        let mut kept = Map::new();
        while let Some(part) = map.next_key_seed(Part(parts))? {
            let Some(part) = part else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let seed = Typed { name: part.name, shape: part.shape, budget: self.budget };
            if let Some(value) = map.next_value_seed(seed)?
                && kept.insert(part.name.to_owned(), value).is_some()
            {
                return Err(twice(part.name));
            }
        }
        Ok((!kept.is_empty()).then_some(Value::Object(kept)))
    }

    /// An object whose content nobody here knows: kept whole.
    fn open<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Value>, A::Error> {
        self.budget.take(MAP_COST)?;
        let mut kept = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(self)?;
            if let Some(value) = value {
                if kept.contains_key(&name) {
                    return Err(twice(&name));
                }
                kept.insert(name, value);
            }
        }
        Ok((!kept.is_empty()).then_some(Value::Object(kept)))
    }
}

/// An attribute that came twice: nobody can say which of the two is meant.
pub(super) fn twice<E: Error>(name: &str) -> E {
    E::custom(format!("`{}` is there twice", super::error::escape(name)))
}

/// One element of a list of objects: the object, or a bare string that is its `value`.
#[derive(Clone, Copy)]
struct Element<'a> {
    whole: Typed<'a>,
    parts: &'static [FieldSpec],
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object in `{}`", self.whole.name)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        self.whole.budget.take(MAP_COST + value.len())?;
        Ok(Some(Value::Object(Map::from_iter([("value".to_owned(), Value::from(value))]))))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.whole.parts(self.parts, map)
    }
}

/// The name of a sub-attribute; `None` where the table has none of that name. Attribute names
/// are compared without case (RFC 7643 section 2.1).
struct Part(&'static [FieldSpec]);

impl<'de> DeserializeSeed<'de> for Part {
    type Value = Option<&'static FieldSpec>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Part {
    type Value = Option<&'static FieldSpec>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an attribute")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|part| part.name.eq_ignore_ascii_case(name)))
    }
}
