//! One question to one server.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::TXT;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use crate::provider::greenlake::domains::{TxtAnswer, TxtRecord};

/// How a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// A resolver is asked to find out.
    Recursive,
    /// A server of a zone is asked what it has itself.
    Authoritative,
}

/// One server, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub(super) address: SocketAddr,
    pub(super) manner: Manner,
    pub(super) deadline: Duration,
}

impl Ask {
    /// Asks for the records of `name`.
    pub(super) async fn lookup(&self, name: &str, of: RecordType) -> Result<Lookup, NetError> {
        let mut name = Name::from_ascii(name)?;
        name.set_fqdn(true);
        let resolver = self.resolver()?;
        match tokio::time::timeout(self.deadline, resolver.lookup(name, of)).await {
            Ok(answer) => answer,
            Err(_) => Err(NetError::Timeout),
        }
    }

    fn resolver(&self) -> Result<TokioResolver, NetError> {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut one| {
            one.port = self.address.port();
            one
        });
        let server = NameServerConfig::new(self.address.ip(), true, connections.to_vec());
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let mut builder =
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options = builder.options_mut();
        options.timeout = self.deadline;
        options.attempts = 1;
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.recursion_desired = self.manner == Manner::Recursive;
        builder.build()
    }

    /// Asks for the TXT records of `name`.
    pub(super) async fn txt(&self, name: &str) -> TxtAnswer {
        match self.lookup(name, RecordType::TXT).await {
            Ok(lookup) => self.records(&lookup),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => self.none(&none),
            Err(error) => failed(&error),
        }
    }

    fn records(&self, lookup: &Lookup) -> TxtAnswer {
        if self.manner == Manner::Authoritative && !lookup.message().metadata.authoritative {
            return not_its_own();
        }
        let records: Vec<TxtRecord> = lookup
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                RData::TXT(txt) => Some(joined(txt)),
                _ => None,
            })
            .collect();
        if records.is_empty() { TxtAnswer::NoRecords } else { TxtAnswer::Records(records) }
    }

    /// "None" from a zone's server counts only when it says so for its own zone; a referral to
    /// other servers says nothing.
    fn none(&self, none: &NoRecords) -> TxtAnswer {
        if self.manner == Manner::Authoritative && none.soa.is_none() {
            return not_its_own();
        }
        match none.response_code {
            ResponseCode::NXDomain => TxtAnswer::NoSuchName,
            ResponseCode::NoError => TxtAnswer::NoRecords,
            code => answered(code),
        }
    }
}

fn not_its_own() -> TxtAnswer {
    TxtAnswer::Failed("it does not answer for the zone itself (lame delegation)".to_owned())
}

/// A look that failed, and how.
pub(super) fn failed(error: &NetError) -> TxtAnswer {
    match error {
        NetError::Timeout => TxtAnswer::TimedOut,
        NetError::Dns(DnsError::ResponseCode(code)) => answered(*code),
        other => TxtAnswer::Failed(other.to_string()),
    }
}

fn answered(code: ResponseCode) -> TxtAnswer {
    match code {
        ResponseCode::ServFail => TxtAnswer::ServFail(String::new()),
        ResponseCode::Refused => TxtAnswer::Refused(String::new()),
        other => TxtAnswer::Failed(format!("it answered `{other}`")),
    }
}

/// The character-strings of one record, joined without a space (RFC 7208 section 3.3).
fn joined(txt: &TXT) -> TxtRecord {
    let bytes: Vec<u8> = txt.txt_data.iter().flatten().copied().collect();
    TxtRecord { text: String::from_utf8_lossy(&bytes).into_owned(), strings: txt.txt_data.len() }
}
