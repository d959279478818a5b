//! HPE GreenLake's twin with the DNS it asks: its zone is served on loopback, and a claim is
//! verified by a real query.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use super::dns::{Resolver, ResolverOptions, ZoneServer, ZoneServerOptions};
use super::sandbox::greenlake::{
    GreenLakeOptions, GreenLakeServer, TxtLookup, ZoneListener, start_greenlake,
};

/// A running twin, and its name server.
pub struct Twin {
    /// The twin.
    pub server: GreenLakeServer,
    /// Its name server; none where it asks another one.
    zone: Option<Arc<ZoneServer>>,
    /// Whom it asks about DNS.
    pub dns: SocketAddr,
}

/// Starts a twin. It asks the name server at `dns`, or one of its own, which serves the zone of
/// its state and follows it.
///
/// # Errors
///
/// In words: a port is taken, the seed is wrong, or the state cannot be kept.
pub async fn start_twin(
    options: GreenLakeOptions,
    dns: Option<SocketAddr>,
) -> Result<Twin, String> {
    let (zone, dns, listener) = match dns {
        Some(dns) => (None, dns, None),
        None => {
            let everything = ZoneServerOptions {
                addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
                of_everything: true,
                ..ZoneServerOptions::default()
            };
            let zone = ZoneServer::start(everything).await.map_err(|error| error.to_string())?;
            let zone = Arc::new(zone);
            let address = zone.address();
            let listener = follow(Arc::clone(&zone));
            (Some(zone), address, Some(listener))
        }
    };
    let options = GreenLakeOptions { txt: Some(lookup(dns)), zone: listener, ..options };
    let server = start_greenlake(options).await.map_err(|error| error.to_string())?;
    Ok(Twin { server, zone, dns })
}

/// Publishes what the twin's zone has, and takes away what it has no more.
fn follow(server: Arc<ZoneServer>) -> ZoneListener {
    let published: Mutex<BTreeSet<String>> = Mutex::default();
    Arc::new(move |zone: Vec<(String, Vec<String>)>| {
        let mut published = published.lock().unwrap_or_else(PoisonError::into_inner);
        let names: BTreeSet<String> = zone.iter().map(|(name, _)| name.clone()).collect();
        for gone in published.difference(&names) {
            server.remove(gone);
        }
        for (name, values) in &zone {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            server.publish(name, &values);
        }
        *published = names;
    })
}

/// Asks DNS as HPE would.
fn lookup(dns: SocketAddr) -> TxtLookup {
    Arc::new(move |name: String| {
        Box::pin(async move {
            let looks = Resolver::new(ResolverOptions::new(vec![dns])).txt(&name).await;
            let look = looks.first().ok_or("nobody was asked")?;
            if let Some(failure) = look.answer.failure() {
                return Err(failure);
            }
            let texts = look.answer.texts().unwrap_or_default();
            Ok(texts.into_iter().map(str::to_owned).collect())
        })
    })
}

impl Twin {
    /// Ends the twin, and its name server with it.
    pub async fn stop(self) {
        self.server.stop().await;
        if let Some(zone) = self.zone.and_then(Arc::into_inner) {
            zone.stop().await;
        }
    }
}
