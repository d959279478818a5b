//! One request, with all that its answer depends on besides the state.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::error::Refusal;
use super::record::Client;
use crate::sandbox::fault::Fault;
use crate::sandbox::http::Request;
use crate::sandbox::model::Txt;

/// One request.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) now: Timestamp,
    pub(super) fault: Option<Fault>,
    /// How often the fault's rule struck before.
    pub(super) nth: i64,
    /// What DNS says of the name that the request is about.
    pub(super) txt: Option<&'a Txt>,
    /// Whose token it was; the token endpoint has none.
    pub(super) caller: Option<Caller>,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) client: Client,
    /// The workspace that the token is for.
    pub(super) workspace: String,
}

impl Call<'_> {
    /// Who asks; without a token, nobody does.
    pub(super) fn caller(&self) -> Result<&Caller, Refusal> {
        self.caller.as_ref().ok_or_else(|| Refusal::new(401, "there is no bearer token"))
    }

    /// The workspace of the token.
    pub(super) fn workspace(&self) -> Result<&str, Refusal> {
        Ok(&self.caller()?.workspace)
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.request.query.iter().find(|(each, _)| each == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A parameter that is a whole number.
    pub(super) fn whole_number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.parameter(name) else { return Ok(None) };
        text.parse()
            .map(Some)
            .map_err(|_| Refusal::parameter(name, format!("`{name}` is no whole number: `{text}`")))
    }

    /// The filter, unless the fault of the day ignores it.
    pub(super) fn filter(&self) -> Option<&str> {
        self.parameter("filter").filter(|_| !matches!(self.fault, Some(Fault::FilterIgnored)))
    }

    /// The body, which must be a JSON object.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        match serde_json::from_slice(&self.request.body) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(_) => Err(Refusal::new(400, "the body is no JSON object")),
            Err(cause) => Err(Refusal::new(400, format!("the body is no JSON: {cause}"))),
        }
    }
}

/// A string of an object; absent and null are none.
pub(super) fn text<'a>(
    map: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, Refusal> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::field(name, format!("`{name}` is no string"))),
    }
}

/// A string that must be there, of at most so many characters.
pub(super) fn required(
    map: &Map<String, Value>,
    name: &str,
    most: usize,
) -> Result<String, Refusal> {
    let found = text(map, name)?.filter(|text| !text.is_empty());
    let found = found.ok_or_else(|| Refusal::field(name, format!("`{name}` is missing")))?;
    bounded(name, found, most)
}

/// A string of at most so many characters.
pub(super) fn bounded(name: &str, text: &str, most: usize) -> Result<String, Refusal> {
    let length = text.chars().count();
    if length > most {
        let message = format!("`{name}` has {length} characters, {most} is the most");
        return Err(Refusal::field(name, message));
    }
    Ok(text.to_string())
}
