//! Zones in memory: what a server on loopback answers, rightly or as it is told to.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::rdata::{A, AAAA, NS, SOA, TXT};
use hickory_server::proto::rr::{Name, RData, Record, RecordType};

use crate::provider::greenlake::domains::fold;

/// How long an answer may be kept, in seconds: not at all.
const TTL: u32 = 0;
/// How long one character-string of a TXT record may be (RFC 1035 section 3.3).
const STRING: usize = 255;

/// A way to answer wrongly when asked for the TXT records of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsFault {
    /// Every record is split into strings of so many bytes.
    Split(usize),
    /// Every record has quotes as part of its text.
    Quoted,
    /// Every record is there twice.
    Duplicated,
    /// These values are told instead: an old answer, or a lie.
    Instead(Vec<String>),
    /// There is no answer.
    Silent,
    /// SERVFAIL.
    ServFail,
    /// REFUSED.
    Refused,
    /// A referral, as of a server that does not serve the zone.
    Lame,
}

/// The zones, with what is spoiled about them.
#[derive(Debug, Default)]
pub(super) struct Zones {
    /// Names of zones, folded.
    zones: Vec<String>,
    /// TXT values by folded owner name.
    txt: BTreeMap<String, Vec<String>>,
    /// Faults by folded name: of one address, or of all.
    faults: Vec<(String, Option<IpAddr>, DnsFault)>,
    /// The addresses that serve, in order: each is a name server of every zone.
    addresses: Vec<IpAddr>,
    /// Whether a name outside of every zone is in one of two labels.
    of_everything: bool,
    serial: u32,
}

/// An answer to be sent.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) code: ResponseCode,
    pub(super) is_authoritative: bool,
    pub(super) answers: Vec<Record>,
    pub(super) authorities: Vec<Record>,
}

impl Zones {
    /// No zones yet, served at these addresses.
    pub(super) fn served_at(addresses: Vec<IpAddr>, of_everything: bool) -> Self {
        Self { addresses, of_everything, ..Self::default() }
    }

    /// Begins to serve a zone.
    pub(super) fn add_zone(&mut self, zone: &str) {
        let zone = fold(zone);
        if !self.zones.contains(&zone) {
            self.zones.push(zone);
            // The longest match comes first.
            self.zones.sort_by_key(|zone| std::cmp::Reverse(zone.len()));
        }
        self.serial = self.serial.wrapping_add(1);
    }

    /// Sets the TXT records of a name; a name outside of every zone makes one, of two labels.
    pub(super) fn publish(&mut self, name: &str, values: Vec<String>) {
        let name = fold(name);
        if self.zone_of(&name).is_none() {
            self.add_zone(two_labels(&name).unwrap_or(&name).to_owned().as_str());
        }
        self.serial = self.serial.wrapping_add(1);
        if values.is_empty() {
            self.txt.remove(&name);
        } else {
            self.txt.insert(name, values);
        }
    }

    /// What is published at a name.
    pub(super) fn published(&self, name: &str) -> Vec<String> {
        self.txt.get(&fold(name)).cloned().unwrap_or_default()
    }

    pub(super) fn spoil(&mut self, name: &str, by: Option<IpAddr>, fault: DnsFault) {
        self.faults.push((fold(name), by, fault));
    }

    pub(super) fn mend(&mut self) {
        self.faults.clear();
    }

    /// What the server at `by` answers; `None`: nothing.
    pub(super) fn answer(&self, name: &str, of: RecordType, by: IpAddr) -> Option<Answer> {
        let name = fold(name);
        let Some(zone) = self.zone_of(&name) else {
            return Some(Answer { code: ResponseCode::Refused, ..Answer::default() });
        };
        if of == RecordType::TXT {
            let is_meant = |(at, who, _): &&(String, Option<IpAddr>, DnsFault)| {
                *at == name && who.is_none_or(|who| who == by)
            };
            if let Some((_, _, fault)) = self.faults.iter().rfind(is_meant) {
                return self.spoilt(&name, zone, fault);
            }
        }
        let records = self.records(&name, zone, of);
        Some(self.with(records, (&name, zone)))
    }

    fn zone_of<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let is_in = |zone: &&String| {
            name == zone.as_str()
                || name.strip_suffix(zone.as_str()).is_some_and(|rest| rest.ends_with('.'))
        };
        let known = self.zones.iter().find(is_in).map(String::as_str);
        known.or_else(|| self.of_everything.then(|| two_labels(name)).flatten())
    }

    fn records(&self, name: &str, zone: &str, of: RecordType) -> Vec<Record> {
        match of {
            RecordType::TXT => self
                .txt
                .get(name)
                .into_iter()
                .flatten()
                .filter_map(|value| txt(name, value, STRING))
                .collect(),
            RecordType::NS if name == zone => self.name_servers(zone),
            RecordType::SOA if name == zone => self.soa(zone).into_iter().collect(),
            RecordType::A | RecordType::AAAA => self
                .hosts(zone)
                .filter(|(host, _)| host == name)
                .filter_map(|(host, address)| match (address, of) {
                    (IpAddr::V4(ip), RecordType::A) => record(&host, RData::A(A(ip))),
                    (IpAddr::V6(ip), RecordType::AAAA) => record(&host, RData::AAAA(AAAA(ip))),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// `ns1.ZONE` and so on, one for each address.
    fn hosts(&self, zone: &str) -> impl Iterator<Item = (String, IpAddr)> {
        let hosts = self.addresses.iter().enumerate();
        hosts.map(move |(at, &address)| (format!("ns{}.{zone}", at + 1), address))
    }

    fn name_servers(&self, zone: &str) -> Vec<Record> {
        self.hosts(zone)
            .filter_map(|(host, _)| record(zone, RData::NS(NS(Name::from_ascii(host + ".").ok()?))))
            .collect()
    }

    fn soa(&self, zone: &str) -> Option<Record> {
        let main = Name::from_ascii(format!("ns1.{zone}.")).ok()?;
        let person = Name::from_ascii(format!("hostmaster.{zone}.")).ok()?;
        record(zone, RData::SOA(SOA::new(main, person, self.serial, 60, 60, 600, TTL)))
    }

    /// A right answer of these records, or one that there are none.
    fn with(&self, answers: Vec<Record>, (name, zone): (&str, &str)) -> Answer {
        if !answers.is_empty() {
            return Answer { is_authoritative: true, answers, ..Answer::default() };
        }
        // A name that has names below it is there, though it is empty (RFC 8020).
        let is_at = |one: &str| {
            one == name || one.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
        };
        let is_there = name == zone
            || self.txt.keys().any(|one| is_at(one))
            || self.hosts(zone).any(|(host, _)| is_at(&host));
        Answer {
            code: if is_there { ResponseCode::NoError } else { ResponseCode::NXDomain },
            is_authoritative: true,
            answers,
            authorities: self.soa(zone).into_iter().collect(),
        }
    }

    fn spoilt(&self, name: &str, zone: &str, fault: &DnsFault) -> Option<Answer> {
        let values = self.txt.get(name).cloned().unwrap_or_default();
        let told = |values: Vec<String>, size: usize| {
            let records = values.iter().filter_map(|value| txt(name, value, size)).collect();
            Some(self.with(records, (name, zone)))
        };
        let only = |code| Some(Answer { code, ..Answer::default() });
        match fault {
            DnsFault::Split(size) => told(values, (*size).clamp(1, STRING)),
            DnsFault::Quoted => {
                told(values.iter().map(|value| format!("\"{value}\"")).collect(), STRING)
            }
            DnsFault::Duplicated => told([values.clone(), values].concat(), STRING),
            DnsFault::Instead(others) => told(others.clone(), STRING),
            DnsFault::Silent => None,
            DnsFault::ServFail => only(ResponseCode::ServFail),
            DnsFault::Refused => only(ResponseCode::Refused),
            DnsFault::Lame => {
                Some(Answer { authorities: self.name_servers(zone), ..Answer::default() })
            }
        }
    }
}

/// The last two labels of a name: `acme.example`; none of a name with fewer.
fn two_labels(name: &str) -> Option<&str> {
    let last = name.rfind('.')?;
    Some(name[..last].rfind('.').map_or(name, |dot| &name[dot + 1..]))
}

fn txt(name: &str, value: &str, size: usize) -> Option<Record> {
    let strings: Vec<&[u8]> =
        if value.is_empty() { vec![b""] } else { value.as_bytes().chunks(size).collect() };
    record(name, RData::TXT(TXT::from_bytes(strings)))
}

fn record(name: &str, data: RData) -> Option<Record> {
    Some(Record::from_rdata(Name::from_ascii(format!("{name}.")).ok()?, TTL, data))
}
