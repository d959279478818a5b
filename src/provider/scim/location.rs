//! Where a server says that it put what it created (RFC 7644 sections 3.1 and 3.3).

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::kind::KindName;
use crate::live::RemoteId;
use crate::provider::Response;

use super::decode::{collection, is_usable_id};

/// The id of what a create made, where the answer says 201 and where it is: in `Location`, or in
/// `meta.location`.
pub(super) fn id_created(kind: KindName, response: &Response) -> Option<RemoteId> {
    if response.status != 201 {
        return None;
    }
    let in_header = response.location.as_deref().and_then(|location| id_in(kind, location));
    in_header.or_else(|| {
        let body: Value = serde_json::from_slice(&response.body).ok()?;
        id_in(kind, body.get("meta")?.get("location")?.as_str()?)
    })
}

/// The id in a location that ends with the collection of `kind` and one more segment. Nothing else
/// of it is used: requests go to the target, wherever it points.
pub(super) fn id_in(kind: KindName, location: &str) -> Option<RemoteId> {
    let path = location.split(['?', '#']).next()?;
    let (before, id) = path.rsplit_once('/')?;
    let is_ours = before.rsplit('/').next() == Some(collection(kind));
    let id = percent_decode_str(id).decode_utf8().ok().filter(|id| is_usable_id(id))?;
    is_ours.then(|| RemoteId::new(&id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_last_segment_of_a_place_in_the_collection() {
        let user = |location: &str| id_in(KindName::User, location);
        for (location, id) in [
            ("https://example.com/scim/v2/Users/7", "7"),
            ("/Users/a%2Fb", "a/b"),
            ("Users/7?excludedAttributes=groups#x", "7"),
            ("https://elsewhere.example/Users/%E2%82%AC", "€"),
        ] {
            assert_eq!(user(location), Some(RemoteId::new(id)), "{location}");
        }
        for location in [
            "",
            "7",
            "https://example.com/scim/v2/Users",
            "https://example.com/scim/v2/Users/",
            "https://example.com/jobs/7",
            "https://example.com/Groups/7",
            "/OtherUsers/7",
            "/Users/7/more",
            "/Users/%FF",
            "/Users/%0A",
            "/?to=/Users/7",
        ] {
            assert_eq!(user(location), None, "{location}");
        }
        assert_eq!(id_in(KindName::Group, "/Groups/7"), Some(RemoteId::new("7")));
    }
}
