//! Discovery: what a server says of itself (RFC 7644 section 4, RFC 7643 section 5).
//!
//! Nothing in it is followed: `endpoint` and `location` are not read, because servers get them
//! wrong and because a URL that somebody else chose is not asked.

use serde::Deserialize;

use super::call;
use super::error::ReadError;
use super::trouble::Trouble;
use crate::provider::{Method, Request, Transport};

/// What `/ServiceProviderConfig` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceProvider {
    /// There is none: 404, `{}`, a web page, or nothing that looks like one.
    Absent {
        /// What came instead.
        why: String,
    },
    /// There is one.
    Present(Features),
}

/// The features a server claims to have. Claims, not facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// `patch.supported`.
    pub patch: bool,
    /// `bulk.supported`.
    pub bulk: bool,
    /// `bulk.maxOperations`.
    pub bulk_operations: Option<u32>,
    /// `filter.supported`.
    pub filter: bool,
    /// `filter.maxResults`.
    pub max_results: Option<u32>,
    /// `sort.supported`.
    pub sort: bool,
    /// `etag.supported`.
    pub etag: bool,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Written {
    patch: Feature,
    bulk: Feature,
    filter: Feature,
    sort: Feature,
    etag: Feature,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Feature {
    supported: Option<bool>,
    max_results: Option<u32>,
    max_operations: Option<u32>,
}

impl ServiceProvider {
    /// `filter.maxResults`, where it is a number that means something.
    #[must_use]
    pub const fn max_results(&self) -> Option<u32> {
        match self {
            Self::Present(Features { max_results: Some(max), .. }) if *max > 0 => Some(*max),
            _ => None,
        }
    }

    /// Whether entity tags are claimed.
    #[must_use]
    pub const fn has_etags(&self) -> bool {
        matches!(self, Self::Present(Features { etag: true, .. }))
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent { .. })
    }

    fn decode(body: &[u8]) -> Self {
        let absent = |why: String| Self::Absent { why };
        let written: Written = match serde_json::from_slice(body) {
            Ok(written) => written,
            Err(error) => return absent(format!("the answer is no configuration: {error}")),
        };
        let all = [&written.patch, &written.bulk, &written.filter, &written.sort, &written.etag];
        if all.iter().all(|feature| feature.supported.is_none()) {
            return absent("the answer says nothing of any feature".to_owned());
        }
        Self::Present(Features {
            patch: written.patch.supported == Some(true),
            bulk: written.bulk.supported == Some(true),
            bulk_operations: written.bulk.max_operations,
            filter: written.filter.supported == Some(true),
            max_results: written.filter.max_results,
            sort: written.sort.supported == Some(true),
            etag: written.etag.supported == Some(true),
        })
    }
}

/// Reads `/ServiceProviderConfig`. One request, unless it has to be repeated.
///
/// # Errors
///
/// [`ReadError`] when the credential is refused, when the server cannot be reached or when it
/// fails. That there is no configuration is no error.
pub async fn discover<T: Transport>(transport: &T) -> Result<ServiceProvider, ReadError> {
    let request = Request::new(Method::Get, &["ServiceProviderConfig"]);
    match call::read(transport, &request).await {
        Ok(response) => Ok(ServiceProvider::decode(&response.body)),
        Err(Trouble::Status { status: 400 | 404 | 405 | 410 | 501, words, .. }) => {
            Ok(ServiceProvider::Absent { why: words })
        }
        Err(trouble) => Err(ReadError::from_trouble(trouble)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_configuration_is_absent() {
        for body in ["{}", "", "<html>", "[]", "null", r#"{"patch":true}"#, r#"{"etag":{}}"#] {
            assert!(ServiceProvider::decode(body.as_bytes()).is_absent(), "{body}");
        }
    }

    #[test]
    fn claims_are_read() {
        let body = br#"{"schemas":["x"],"patch":{"supported":true},"etag":{"supported":true},
            "filter":{"supported":true,"maxResults":200},"bulk":{"supported":false}}"#;
        let found = ServiceProvider::decode(body);
        assert_eq!(found.max_results(), Some(200));
        assert!(found.has_etags());
    }
}
