//! The twin of HPE GreenLake: tokens, directory, role assignments, workspaces, domains, log.
//!
//! It speaks what HPE publishes (OpenAPI and guides), and, below `/identity/v1alpha1` and
//! `/identity/v2alpha1`, what is known of the domain and sign-in endpoints that HPE publishes
//! nowhere. Where HPE's prose and its OpenAPI disagree or say nothing, the twin chooses, and
//! [`CHOICES`] lists what it chose. Time comes in with each request, and so does what DNS says.

mod audit;
mod authorization;
mod call;
mod choices;
mod collection;
mod control;
mod domains;
mod error;
mod family;
mod id;
mod limit;
mod msp;
mod odata;
mod page;
mod policies;
mod quirk;
mod record;
mod route;
mod scim;
mod seed;
mod state;
mod table;
mod tenant_groups;
mod token;
mod twin;
mod workspaces;

use jiff::Timestamp;

pub use self::choices::CHOICES;
pub use self::limit::{Limits, Rate, Spelling};
pub use self::state::{Effect, State};
pub use self::twin::GreenLake;
pub use super::model::Txt;

use self::call::Call;
use self::error::Refusal;
use self::family::Family;
use super::http::{Request, Response};
use super::model::{self, Model, Struck};

impl Model for GreenLake {
    type State = State;

    fn handle(&mut self, request: &Request, now: Timestamp, txt: Option<&Txt>) -> Response {
        model::handle(self, request, |twin, struck| twin.answer(request, now, txt, struck))
    }

    fn take_effects(&mut self) -> Vec<Effect> {
        model::take(self)
    }

    fn needs_txt(&self, request: &Request) -> Option<String> {
        domains::asks(&self.state, request)
    }

    fn zone(&self) -> Vec<(String, Vec<String>)> {
        let names = self.state.zone();
        names.map(|(name, values)| (name.to_string(), values.to_vec())).collect()
    }
}

impl GreenLake {
    /// The answer with what faults do to it.
    fn answer(
        &mut self,
        request: &Request,
        now: Timestamp,
        txt: Option<&Txt>,
        struck: Struck,
    ) -> Response {
        let segments = family::segments(&request.path);
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let family = family::family(&segments);
        let (fault, strikes) = struck.unzip();
        let early = fault.as_ref().and_then(|fault| quirk::before(fault, family, self.nth()));
        if let Some(early) = early {
            return early;
        }
        let nth = strikes.unwrap_or_default();
        let mut call = Call { request, now, fault, nth, txt, caller: None };
        let mut response = self.admitted(&mut call, family, &segments);
        if let Some(fault) = &call.fault {
            quirk::after(fault, family, self.nth(), call.nth, &mut response);
        }
        response
    }

    /// Knows the caller, counts the request, and lets the API answer.
    fn admitted(&mut self, call: &mut Call<'_>, family: Family, segments: &[&str]) -> Response {
        let nth = self.nth();
        let refused = |refusal: &Refusal| error::answer(refusal, family, nth);
        if family.needs_token() {
            match token::caller(self, call.request, call.now) {
                Ok(caller) => call.caller = Some(caller),
                Err(refusal) => return refused(&refusal),
            }
        }
        let endpoint = family::endpoint(&call.request.method, segments);
        let left = call.caller.as_ref().and_then(|caller| {
            let who = caller.client.principal.text();
            self.windows.count(self.limits.rate, (family, &endpoint), &who, call.now)
        });
        let over = left.is_some_and(|left| left.over);
        let answered = if over {
            Err(Refusal::new(429, "too many requests; wait for the next window"))
        } else {
            route::answer(self, call, family, segments)
        };
        let mut response = answered.unwrap_or_else(|refusal| refused(&refusal));
        if let Some(left) = left {
            self.limits.show(left, family, &mut response);
        }
        response
    }
}
