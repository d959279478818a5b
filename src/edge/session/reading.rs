//! Reading and writing, whichever API the target speaks.

use std::collections::BTreeMap;

use super::strip::AllSecrets;
use super::{Session, Speech};
use crate::apply::{Proof, Report, Step, Writer};
use crate::config::{Desired, Experiment};
use crate::edge::http::{HttpTransport, Waits};
use crate::kind::{Address, KindName};
use crate::live::{Live, Object, RemoteId};
use crate::plan::Finding;
use crate::provider::greenlake::{self, Asked, DomainSteps, Found, GreenlakeWriter, Snapshot};
use crate::provider::scim::{self, Dialect, ReadError, ReadOptions, ScimWriter};

/// What a target answered, before it is looked at in the light of what is desired.
pub enum Reading {
    /// A SCIM server's users and groups: nothing is left to ask.
    Scim(Box<(Live, Dialect)>),
    /// HPE GreenLake's directory and role assignments.
    Greenlake(Box<GreenlakeReading>),
}

/// What HPE GreenLake answered, and as whom it was asked.
pub struct GreenlakeReading {
    snapshot: Snapshot,
    own: Vec<String>,
}

/// The live state, and what goes with it.
pub struct Sight {
    /// What the target has.
    pub live: Live,
    /// What the writer has to know beside the plan.
    pub known: Known,
    /// What cannot be done as it is written: part of the plan.
    pub findings: Vec<Finding>,
}

/// What a writer has to know beside the plan.
pub enum Known {
    /// The settled dialect of a SCIM server.
    Scim(Box<Dialect>),
    /// The names of HPE GreenLake's ids.
    Greenlake(Box<Found>),
}

impl Session {
    /// Asks the target for everything that does not depend on what is desired.
    ///
    /// # Errors
    ///
    /// [`ReadError`] on the first answer that is not what it should be.
    pub async fn read(&self) -> Result<Reading, ReadError> {
        self.read_all().await.map_err(|error| self.secrets().error(error))
    }

    async fn read_all(&self) -> Result<Reading, ReadError> {
        match &self.speech {
            Speech::Scim(session) => {
                let (transport, dialect) = (&session.transport, &session.dialect);
                let options = ReadOptions { target: self.target.clone() };
                let (live, stats) = scim::read(transport, dialect, &options).await?;
                Ok(Reading::Scim(Box::new((live, stats.dialect))))
            }
            Speech::Greenlake(session) => {
                let own = session.sign_in().await?;
                let snapshot = greenlake::read(&session.platform(), &session.dialect).await?;
                Ok(Reading::Greenlake(Box::new(GreenlakeReading { snapshot, own })))
            }
        }
    }

    /// Asks for the rest, now that it is known what is desired: names that declared bindings use,
    /// domain claims, and DNS.
    ///
    /// # Errors
    ///
    /// As [`Session::read`].
    pub async fn settle(&self, reading: Reading, desired: &Desired) -> Result<Sight, ReadError> {
        let settled = self.settle_all(reading, desired).await;
        settled.map_err(|error| self.secrets().error(error))
    }

    async fn settle_all(&self, reading: Reading, desired: &Desired) -> Result<Sight, ReadError> {
        match (reading, &self.speech) {
            (Reading::Greenlake(reading), Speech::Greenlake(session)) => {
                let GreenlakeReading { snapshot, own } = *reading;
                let (domains, findings) = self.domain_listing(desired).await?;
                let more = domains.into_iter().collect();
                let asked = Asked { desired, target: &self.target, own, more };
                let mut settled = snapshot.settle(&session.platform(), asked).await?;
                settled.live.capabilities.unheld.extend(unheld(desired));
                settled.findings.extend(findings);
                Ok(Sight {
                    live: settled.live,
                    known: Known::Greenlake(Box::new(settled.found)),
                    findings: settled.findings,
                })
            }
            (Reading::Scim(read), _) => {
                let (live, dialect) = *read;
                let known = Known::Scim(Box::new(dialect));
                Ok(Sight { live, known, findings: Vec::new() })
            }
            (Reading::Greenlake(_), Speech::Scim(_)) => Err(ReadError::of_another_session()),
        }
    }

    /// A writer of the plan whose `ids` these are.
    #[must_use]
    pub fn writer<'a>(
        &'a self,
        known: &'a Known,
        ids: BTreeMap<Address, RemoteId>,
    ) -> SessionWriter<'a> {
        let way = match (&self.speech, known) {
            (Speech::Scim(session), Known::Scim(dialect)) => {
                let transport = &session.transport;
                Way::Scim(Box::new(ScimWriter::new(transport, (**dialect).clone())))
            }
            (Speech::Greenlake(session), Known::Greenlake(found)) => {
                let writer = GreenlakeWriter::new(session.platform(), found, ids);
                Way::Greenlake(Box::new(writer))
            }
            _ => Way::None,
        };
        SessionWriter { way, secrets: self.secrets(), waits: &self.waits }
    }
}

/// What of a domain cannot be seen, because nobody asked for the interface that shows it.
fn unheld(desired: &Desired) -> Vec<(KindName, String)> {
    let asked = &desired.project.target.experimental;
    let mut fields = Vec::new();
    if !asked.contains(&Experiment::Domains) {
        fields.push("state");
    }
    if !(asked.contains(&Experiment::Domains) && asked.contains(&Experiment::Sso)) {
        fields.push("sso");
    }
    fields.into_iter().map(|field| (KindName::Domain, field.to_owned())).collect()
}

/// Writes to the target of a session.
pub struct SessionWriter<'a> {
    way: Way<'a>,
    secrets: AllSecrets,
    waits: &'a Waits,
}

/// The writer of one sort of target.
enum Way<'a> {
    /// To a SCIM server.
    Scim(Box<ScimWriter<'a, HttpTransport>>),
    /// To HPE GreenLake.
    Greenlake(Box<GreenlakeWriter<'a, HttpTransport>>),
    /// To nothing: what is known is of another session.
    None,
}

impl<'a> SessionWriter<'a> {
    /// The same writer, with a way to carry out steps about domains.
    #[must_use]
    pub fn with_domains(self, steps: DomainSteps<'a>) -> Self {
        let way = match self.way {
            Way::Greenlake(writer) => Way::Greenlake(Box::new(writer.with_domains(steps))),
            other => other,
        };
        Self { way, ..self }
    }
}

impl Writer for SessionWriter<'_> {
    async fn write(
        &self,
        step: &Step,
        ids: &BTreeMap<Address, RemoteId>,
        proof: &dyn Proof,
    ) -> Report {
        let report = match &self.way {
            Way::Scim(writer) => writer.write(step, ids, proof).await,
            Way::Greenlake(writer) => writer.write(step, ids, proof).await,
            Way::None => {
                let cause = "what was read is of another session".to_owned();
                crate::apply::Receipt::Failed { cause }.into()
            }
        };
        // Whatever step ran into it: a server that wants too long a wait is sent nothing more.
        let halt = report.halt.clone().or_else(|| self.waits.over());
        self.secrets.report(Report { halt, ..report })
    }

    async fn look(&self, address: &Address, id: &RemoteId) -> Result<Option<Object>, String> {
        let found = match &self.way {
            Way::Scim(writer) => writer.look(address, id).await,
            Way::Greenlake(writer) => writer.look(address, id).await,
            Way::None => Err("what was read is of another session".to_owned()),
        };
        found.map_err(|why| self.secrets.text(&why))
    }
}
