//! Strips what a session tells of muster's own secrets: what was read from a success is never
//! altered where it enters, and a message may still quote a value of it.

use std::sync::Arc;

use super::{Session, Speech};
use crate::apply::{Receipt, Report};
use crate::edge::credential::Secrets;
use crate::kind::Diagnostic;
use crate::provider::scim::ReadError;

/// The secrets of every credential of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct AllSecrets(Vec<Arc<Secrets>>);

impl AllSecrets {
    pub(super) fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secrets| secrets.strip(&text))
    }

    pub(super) fn lines(&self, lines: Vec<String>) -> Vec<String> {
        lines.iter().map(|line| self.text(line)).collect()
    }

    pub(super) fn error(&self, error: ReadError) -> ReadError {
        let Diagnostic { what, why, remedy, .. } = &*error.said;
        let said = Diagnostic {
            what: self.text(what),
            why: self.text(why),
            remedy: self.text(remedy),
            ..(*error.said).clone()
        };
        ReadError { kind: error.kind, said: Box::new(said) }
    }

    pub(super) fn report(&self, report: Report) -> Report {
        let mut receipt = report.receipt;
        match &mut receipt {
            Receipt::Differs { cause, .. }
            | Receipt::Stale { cause }
            | Receipt::Waiting { cause }
            | Receipt::Failed { cause }
            | Receipt::Damaged { cause }
            | Receipt::Skipped { cause, .. } => *cause = self.text(cause),
            Receipt::Done { .. } | Receipt::AlreadySo { .. } | Receipt::Pending => {}
        }
        Report { receipt, halt: report.halt.map(|why| self.text(&why)), ..report }
    }
}

impl Session {
    pub(super) fn secrets(&self) -> AllSecrets {
        AllSecrets(match &self.speech {
            Speech::Scim(session) => vec![Arc::clone(session.transport.secrets())],
            Speech::Greenlake(session) => session.secrets(),
        })
    }
}
