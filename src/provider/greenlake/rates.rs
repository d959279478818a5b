//! How fast HPE GreenLake takes requests, as far as HPE publishes it (the guides to user and
//! group management and to role assignments; "rate limiting").

use crate::live::Rates;
use crate::provider::{Bucket, BucketKey, Request};

/// The limit of `/authorization`: 1,000 a minute, in each workspace. HPE does not say whether
/// each of its endpoints has a limit of its own, so reads and writes are counted together. A
/// change of a binding takes a look before it, the write, and a look after it.
pub const AUTHORIZATION_RATES: Rates =
    Rates { reads_per_minute: 1_000.0, writes_per_minute: 1_000.0, reads_per_write: 2 };

/// The bucket that a request is counted in, under one principal: each endpoint of the directory
/// has its own, at the `directory`'s rates. `None`: HPE publishes no rate.
#[must_use]
pub fn bucket(request: &Request, directory: &Rates) -> Option<Bucket> {
    let endpoint = match request.path.first()?.as_str() {
        "Users" => "Users",
        "Groups" => "Groups",
        "extensions" => "extensions",
        "authorization" => {
            let key = BucketKey { endpoint: "authorization", method: None };
            return Some(Bucket { key, per_minute: AUTHORIZATION_RATES.writes_per_minute });
        }
        _ => return None,
    };
    let per_minute = if request.method.is_write() {
        directory.writes_per_minute
    } else {
        directory.reads_per_minute
    };
    let key = BucketKey { endpoint, method: Some(request.method) };
    Some(Bucket { key, per_minute })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Method;

    #[test]
    fn every_endpoint_that_has_a_rate_has_a_bucket() {
        let directory =
            Rates { reads_per_minute: 6_000.0, writes_per_minute: 1_000.0, reads_per_write: 1 };
        let of = |method: Method, path: &[&str]| bucket(&Request::new(method, path), &directory);
        let rate = |method, path: &[&str]| of(method, path).map(|bucket| bucket.per_minute);
        assert_eq!(rate(Method::Get, &["Users", "1"]), Some(6_000.0));
        assert_eq!(rate(Method::Get, &["extensions", "Groups", "1", "users"]), Some(6_000.0));
        assert_eq!(rate(Method::Patch, &["Groups", "1"]), Some(1_000.0));
        let assignments = ["authorization", "v1beta1", "role-assignments"];
        assert_eq!(rate(Method::Get, &assignments), Some(1_000.0));
        assert_eq!(rate(Method::Get, &["identity", "v1alpha1", "domain-requests"]), None);
        let key = |method, path: &[&str]| of(method, path).map(|bucket| bucket.key);
        assert_ne!(key(Method::Post, &["Users"]), key(Method::Delete, &["Users", "1"]));
        assert_ne!(key(Method::Post, &["Users"]), key(Method::Post, &["Groups"]));
        assert_eq!(key(Method::Get, &assignments), key(Method::Post, &assignments));
    }
}
