//! The twin of a target as a pure model: (state, request, now) → (state, response); faults too.
//!
//! SCIM 2.0 users and groups (RFC 7643, RFC 7644) with one engine and a table of
//! [personalities](Personality): what a dozen real servers were seen to do differently. The state
//! changes by [`Effect`]s only, which a shell writes to a file; ids, versions and orders follow
//! from the requests alone, so that the same requests give the same bytes.

mod bulk;
mod call;
mod create;
mod delete;
mod discovery;
mod error;
pub mod fault;
mod filter;
pub mod greenlake;
mod http;
mod identifier;
mod kept;
mod list;
mod members;
mod model;
mod normalise;
mod patch;
pub mod personality;
mod projection;
mod read;
mod record;
mod render;
mod replace;
mod route;
mod schema;
mod seed;
mod selection;
mod server;
mod state;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use self::fault::{Fault, Faults, Matcher, When};
pub use self::http::{Request, Response};
pub use self::kept::Kept;
pub use self::model::{Counters, Model, Txt};
pub use self::personality::{Personality, Versions};
pub use self::record::{Kind, Record};
pub use self::server::Sandbox;
pub use self::state::{Effect, State};

impl Sandbox {
    /// Answers one request.
    pub fn handle(&mut self, request: &Request, now: Timestamp) -> Response {
        model::handle(self, request, |sandbox, struck| {
            let (fault, nth) = struck.map_or((None, 0), |(fault, nth)| (Some(fault), nth));
            if let Some(early) = fault.as_ref().and_then(fault::before) {
                return early;
            }
            let call = call::Call::new(request, now, fault, nth);
            let mut response = route::answer(sandbox, &call);
            if let Some(fault) = &call.fault {
                fault::after(fault, &mut response);
            }
            response
        })
    }

    /// The changes since the last call, in order; for the state file.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        Model::take_effects(self)
    }
}

impl Model for Sandbox {
    type State = State;

    fn handle(&mut self, request: &Request, now: Timestamp, _: Option<&Txt>) -> Response {
        Sandbox::handle(self, request, now)
    }

    fn take_effects(&mut self) -> Vec<Effect> {
        model::take(self)
    }
}
