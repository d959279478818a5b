//! How each system is spoken: pure codecs and protocols over a [`Transport`] that `edge` implements.

mod converge;
pub mod greenlake;
mod http;
pub mod scim;
#[cfg(test)]
mod scripted;

pub use http::{Advised, Bucket, BucketKey, Method, Request, Response, Transport, TransportError};
