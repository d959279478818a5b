//! The resolver: every server that has a say is asked, all at once.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures::future::join_all;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::{RData, RecordType};

use super::ask::{Ask, Manner, failed};
use crate::provider::greenlake::domains::{Look, Observation, Server, TxtAnswer, fold};

/// How many servers of one zone are asked, at most.
const MOST_SERVERS: usize = 8;
/// How many domains are looked at at once.
const AT_ONCE: usize = 8;

/// Who is asked, and how long they may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverOptions {
    /// The resolvers.
    pub resolvers: Vec<SocketAddr>,
    /// How long one question may take.
    pub deadline: Duration,
}

impl ResolverOptions {
    /// These resolvers, with 5 seconds a question.
    #[must_use]
    pub const fn new(resolvers: Vec<SocketAddr>) -> Self {
        Self { resolvers, deadline: Duration::from_secs(5) }
    }
}

/// Asks DNS.
#[derive(Clone, Debug)]
pub struct Resolver {
    options: ResolverOptions,
}

/// A zone's own servers, or why nobody knows them.
struct Zone {
    zone: Option<String>,
    servers: Result<Vec<(String, SocketAddr)>, TxtAnswer>,
}

/// The port of DNS.
const PORT: u16 = 53;

impl Resolver {
    /// A resolver with these options.
    #[must_use]
    pub const fn new(options: ResolverOptions) -> Self {
        Self { options }
    }

    fn ask(&self, address: SocketAddr, manner: Manner) -> Ask {
        Ask { address, manner, deadline: self.options.deadline }
    }

    /// Asks each configured resolver for the TXT records of `name`.
    pub async fn txt(&self, name: &str) -> Vec<Look> {
        let name = fold(name);
        let looks = self.options.resolvers.iter().map(async |&address| Look {
            server: Server::Resolver(address.to_string()),
            name: name.clone(),
            answer: self.ask(address, Manner::Recursive).txt(&name).await,
        });
        join_all(looks).await
    }

    /// Looks at a domain: through each resolver, at each of the zone's own servers, and, through
    /// the first resolver that answers, at the names in `elsewhere`.
    pub async fn observe(&self, domain: &str, elsewhere: &[String]) -> Observation {
        let domain = fold(domain);
        let (mut looks, zone) = futures::join!(self.txt(&domain), self.zone_of(&domain));
        let of_the_zone = self.authorities(&domain, &zone).await;
        let answering = self
            .options
            .resolvers
            .iter()
            .zip(&looks)
            .find(|(_, look)| !look.answer.is_failed())
            .map(|(&address, _)| address);
        let elsewhere = match answering {
            Some(address) => self.elsewhere(address, elsewhere).await,
            None => Vec::new(),
        };
        looks.extend(of_the_zone);
        Observation { domain, zone: zone.zone, looks, elsewhere }
    }

    /// Looks at many domains; `elsewhere` names the places of each to look at beside it.
    pub async fn observe_all(
        &self,
        domains: &[String],
        elsewhere: impl Fn(&str) -> Vec<String>,
    ) -> BTreeMap<String, Observation> {
        let mut all = BTreeMap::new();
        for some in domains.chunks(AT_ONCE) {
            let looks = some.iter().map(|domain| {
                let names = elsewhere(domain);
                async move { self.observe(domain, &names).await }
            });
            let seen = join_all(looks).await;
            all.extend(seen.into_iter().map(|one| (one.domain.clone(), one)));
        }
        all
    }

    async fn elsewhere(&self, address: SocketAddr, names: &[String]) -> Vec<Look> {
        let looks = names.iter().map(async |name| Look {
            server: Server::Resolver(address.to_string()),
            name: name.clone(),
            answer: self.ask(address, Manner::Recursive).txt(name).await,
        });
        join_all(looks).await
    }

    async fn authorities(&self, domain: &str, zone: &Zone) -> Vec<Look> {
        let servers = match &zone.servers {
            Ok(servers) => servers,
            Err(answer) => {
                return vec![Look {
                    server: Server::Authorities,
                    name: domain.to_owned(),
                    answer: answer.clone(),
                }];
            }
        };
        let looks = servers.iter().take(MOST_SERVERS).map(async |(name, address)| Look {
            server: Server::Authority {
                zone: zone.zone.clone().unwrap_or_default(),
                name: name.clone(),
                address: address.to_string(),
            },
            name: domain.to_owned(),
            answer: self.ask(*address, Manner::Authoritative).txt(domain).await,
        });
        join_all(looks).await
    }

    /// The zone a domain lies in: the nearest name upwards that has name servers. The top level
    /// is nobody's own zone and is not asked. Each resolver is tried until one answers.
    async fn zone_of(&self, domain: &str) -> Zone {
        let mut why = TxtAnswer::Failed("there is no resolver to ask".to_owned());
        for &address in &self.options.resolvers {
            match self.zone_through(address, domain).await {
                Ok((zone, servers)) => return Zone { zone: Some(zone), servers },
                Err(answer) => why = answer,
            }
        }
        Zone { zone: None, servers: Err(why) }
    }

    async fn zone_through(
        &self,
        address: SocketAddr,
        domain: &str,
    ) -> Result<(String, Result<Vec<(String, SocketAddr)>, TxtAnswer>), TxtAnswer> {
        let ask = self.ask(address, Manner::Recursive);
        let mut name = domain;
        loop {
            let found = match ask.lookup(name, RecordType::NS).await {
                Ok(lookup) => lookup.answers().iter().filter_map(name_server).collect(),
                Err(NetError::Dns(DnsError::NoRecordsFound(_))) => Vec::new(),
                Err(error) => return Err(failed(&error)),
            };
            if !found.is_empty() {
                return Ok((name.to_owned(), self.addresses(ask, found).await));
            }
            match name.split_once('.') {
                Some((_, above)) if above.contains('.') => name = above,
                _ => {
                    let why = format!("no zone above `{domain}` has name servers");
                    return Err(TxtAnswer::Failed(why));
                }
            }
        }
    }

    /// The addresses of name servers: of each the first, IPv4 before IPv6. A zone whose servers are
    /// on loopback is a rehearsal, and they have the port of who told of them.
    async fn addresses(
        &self,
        ask: Ask,
        mut names: Vec<String>,
    ) -> Result<Vec<(String, SocketAddr)>, TxtAnswer> {
        names.sort();
        names.dedup();
        let mut servers = Vec::new();
        let mut why = TxtAnswer::Failed("its name servers have no addresses".to_owned());
        for name in names {
            for of in [RecordType::A, RecordType::AAAA] {
                let answer = ask.lookup(&name, of).await;
                let mut found: Vec<IpAddr> = match &answer {
                    Ok(lookup) => lookup.answers().iter().filter_map(ip).collect(),
                    Err(NetError::Dns(DnsError::NoRecordsFound(_))) => Vec::new(),
                    Err(error) => {
                        why = failed(error);
                        Vec::new()
                    }
                };
                found.sort();
                if let Some(&first) = found.first() {
                    let port = if first.is_loopback() { ask.address.port() } else { PORT };
                    servers.push((name, SocketAddr::new(first, port)));
                    break;
                }
            }
        }
        if servers.is_empty() { Err(why) } else { Ok(servers) }
    }
}

fn name_server(record: &hickory_resolver::proto::rr::Record) -> Option<String> {
    match &record.data {
        RData::NS(name) => Some(fold(&name.0.to_ascii())),
        _ => None,
    }
}

fn ip(record: &hickory_resolver::proto::rr::Record) -> Option<IpAddr> {
    match &record.data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
        _ => None,
    }
}
