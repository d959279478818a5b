//! The paces of HPE GreenLake's workspaces: one for each credential, because that is what the
//! platform counts by.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Workspace;
use crate::edge::clock::Clock;
use crate::edge::http::HttpTransport;
use crate::edge::http::pace::Pace;
use crate::live::Rates;
use crate::provider::greenlake::bucket;

/// Paces by the workspace whose credential goes out: a tenant's token is another workspace's,
/// exchanged, and the principal is the same. None where nobody else is served: the embedded twin.
pub(super) struct Paces(BTreeMap<String, Arc<Pace>>);

impl Paces {
    /// A pace for each of these workspaces, at the target's rates.
    pub(super) fn of<'a>(
        workspaces: impl Iterator<Item = &'a String>,
        rates: &Rates,
        clock: &Clock,
    ) -> Self {
        let pace = |name: &String| {
            let rates = *rates;
            let bucket_of = Box::new(move |request: &_| bucket(request, &rates));
            (name.clone(), Arc::new(Pace::new(clock.clone(), bucket_of)))
        };
        Self(workspaces.map(pace).collect())
    }

    /// The transport of a workspace, at its credential's pace.
    pub(super) fn keep(
        &self,
        name: &str,
        workspace: &Workspace,
        transport: HttpTransport,
    ) -> HttpTransport {
        match self.0.get(workspace.via.as_deref().unwrap_or(name)) {
            Some(pace) => transport.paced(Arc::clone(pace)),
            None => transport,
        }
    }
}
