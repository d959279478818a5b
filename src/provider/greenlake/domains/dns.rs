//! What DNS says: one look a server, and never more than was seen.

use std::fmt;

/// One TXT record as a verifier reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TxtRecord {
    /// Its character-strings joined without a space (RFC 7208 section 3.3). Bytes that are no
    /// UTF-8 are replaced, so that such a record is never equal to a token.
    pub text: String,
    /// How many character-strings it was sent as (RFC 1035 section 3.3.14).
    pub strings: usize,
}

/// What one server answered when it was asked for the TXT records of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxtAnswer {
    /// There are these, at least one.
    Records(Vec<TxtRecord>),
    /// The name is there, and has no TXT records (NODATA, RFC 2308 section 2.2).
    NoRecords,
    /// There is no such name (NXDOMAIN).
    NoSuchName,
    /// No answer came before the deadline.
    TimedOut,
    /// The server could not find out (SERVFAIL): what it said.
    ServFail(String),
    /// The server does not answer such questions (REFUSED): what it said.
    Refused(String),
    /// No use could be made of the answer, or there was no way to ask: why.
    Failed(String),
}

impl TxtAnswer {
    /// The texts of the records; `None` when the look failed, and nothing is known.
    #[must_use]
    pub fn texts(&self) -> Option<Vec<&str>> {
        match self {
            Self::Records(records) => Some(records.iter().map(|one| one.text.as_str()).collect()),
            Self::NoRecords | Self::NoSuchName => Some(Vec::new()),
            Self::TimedOut | Self::ServFail(_) | Self::Refused(_) | Self::Failed(_) => None,
        }
    }

    /// Whether the server said nothing about what is there.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.texts().is_none()
    }

    /// Why the look failed, in words; `None` when it did not.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        Some(match self {
            Self::Records(_) | Self::NoRecords | Self::NoSuchName => return None,
            Self::TimedOut => "did not answer in time".to_owned(),
            Self::ServFail(said) => format!("could not find out (SERVFAIL{})", aside(said)),
            Self::Refused(said) => format!("does not answer this (REFUSED{})", aside(said)),
            Self::Failed(why) => format!("could not be asked: {why}"),
        })
    }
}

fn aside(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(", {said}") }
}

/// Who was asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    /// A resolver of the configuration, as `ip:port`.
    Resolver(String),
    /// A server of the zone itself.
    Authority {
        /// The zone it serves.
        zone: String,
        /// Its name.
        name: String,
        /// Its address, as `ip:port`.
        address: String,
    },
    /// The zone's own servers, when nobody could say which they are.
    Authorities,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolver(address) => write!(f, "resolver {address}"),
            Self::Authority { zone, name, address } => {
                write!(f, "{name} ({address}), a server of {zone}")
            }
            Self::Authorities => f.write_str("the zone's own servers"),
        }
    }
}

/// One question to one server, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Who was asked.
    pub server: Server,
    /// The name that was asked for, without the last dot.
    pub name: String,
    /// What came.
    pub answer: TxtAnswer,
}

/// All that DNS said of one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The domain.
    pub domain: String,
    /// The zone it lies in, where that could be found out.
    pub zone: Option<String>,
    /// Every server asked for the domain itself.
    pub looks: Vec<Look>,
    /// One resolver asked for the names where such a record is put by mistake.
    pub elsewhere: Vec<Look>,
}
