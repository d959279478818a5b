//! The paces of HPE GreenLake's workspaces: one for each credential, because that is what the
//! platform counts by.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Provider, Workspace};
use crate::edge::http::HttpTransport;
use crate::edge::http::pace::Pace;
use crate::provider::greenlake::bucket;

use super::greenlake::Opening;

/// Paces by the workspace whose credential goes out: a tenant's token is another workspace's,
/// exchanged, and the principal is the same. None where nobody else is served: the embedded twin.
pub(super) struct Paces(BTreeMap<String, Arc<Pace>>);

impl Paces {
    pub(super) fn of(opening: &Opening<'_>, declared: &BTreeMap<String, Workspace>) -> Self {
        let rates = opening.dialect.rates();
        let pace = |name: &String| {
            let bucket_of = Box::new(move |request: &_| bucket(request, &rates));
            (name.clone(), Arc::new(Pace::new(opening.options.clock.clone(), bucket_of)))
        };
        let is_ours = opening.project.target.provider == Provider::Sandbox;
        Self(declared.keys().filter(|_| !is_ours).map(pace).collect())
    }

    /// The transport of a workspace, at its credential's pace.
    pub(super) fn keep(
        &self,
        (name, workspace): (&str, &Workspace),
        transport: HttpTransport,
    ) -> HttpTransport {
        match self.0.get(workspace.via.as_deref().unwrap_or(name)) {
            Some(pace) => transport.paced(Arc::clone(pace)),
            None => transport,
        }
    }
}
