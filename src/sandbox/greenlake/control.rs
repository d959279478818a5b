//! The twin's own: `/-/zone`, the TXT records that its DNS serves, for rehearsals.
//!
//! `GET /-/zone` shows them by name; `PUT /-/zone/NAME` with a list of strings publishes,
//! `DELETE /-/zone/NAME` takes back. No token is needed: it is nothing that HPE has.

use serde_json::{Map, Value};

use super::call::Call;
use super::collection::answer as document;
use super::error::Refusal;
use super::twin::GreenLake;
use crate::sandbox::http::Response;

pub(super) fn answer(
    twin: &mut GreenLake,
    call: &Call<'_>,
    path: &[&str],
) -> Result<Response, Refusal> {
    match (call.request.method.as_str(), path) {
        ("GET", ["zone"]) => {
            let names = twin.state.zone();
            let map: Map<String, Value> =
                names.map(|(name, values)| (name.to_string(), values.to_vec().into())).collect();
            Ok(document(200, &Value::Object(map)))
        }
        ("PUT", ["zone", name]) => {
            let values: Vec<String> = serde_json::from_slice(&call.request.body)
                .map_err(|cause| Refusal::new(400, format!("no list of strings: {cause}")))?;
            twin.publish(name, &values);
            Ok(Response::new(204))
        }
        ("DELETE", ["zone", name]) => {
            twin.publish(name, &[]);
            Ok(Response::new(204))
        }
        (method, ["zone"] | ["zone", _]) => Err(Refusal::wrong_method(method)),
        _ => Err(Refusal::no_route()),
    }
}
