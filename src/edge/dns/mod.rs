//! DNS: asked, and for rehearsals served.
//!
//! - [`Resolver`] asks each configured resolver and the zone's own servers for TXT records, over
//!   UDP and, where an answer does not fit, TCP. Nothing is cached, so that every look is fresh.
//! - [`ZoneServer`] serves zones on loopback, which can be edited, and spoiled, while it runs.

mod ask;
mod resolver;
mod server;
mod zone;

#[cfg(test)]
mod tests;

pub use resolver::{Resolver, ResolverOptions};
pub use server::{ZoneError, ZoneServer, ZoneServerOptions};
pub use zone::DnsFault;
