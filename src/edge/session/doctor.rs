//! The doctor: what a target looks like from here.

use super::{Session, Speech};
use crate::provider::greenlake::{self, Checkup};
use crate::provider::scim::{Diagnosis, ReadError, examine};

/// What the doctor found.
pub enum Found {
    /// Which profile fits a SCIM server.
    Scim(Box<Diagnosis>),
    /// How HPE GreenLake's parts answer.
    Greenlake(Box<Checkup>),
}

impl Session {
    /// Examines the target. It reads only.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the target cannot be reached or refuses the credential.
    pub async fn examine(&self) -> Result<Found, ReadError> {
        let secrets = self.secrets();
        let found = self.found().await.map_err(|error| secrets.error(error))?;
        Ok(match found {
            Found::Scim(found) => Found::Scim(Box::new(Diagnosis {
                because: secrets.lines(found.because),
                seen: secrets.lines(found.seen),
                warnings: secrets.lines(found.warnings),
                ..*found
            })),
            Found::Greenlake(found) => Found::Greenlake(Box::new(Checkup {
                seen: secrets.lines(found.seen),
                warnings: secrets.lines(found.warnings),
                // These are ids out of muster's own tokens.
                own: found.own,
            })),
        })
    }

    async fn found(&self) -> Result<Found, ReadError> {
        match &self.speech {
            Speech::Scim(session) => Ok(Found::Scim(Box::new(examine(&session.transport).await?))),
            Speech::Greenlake(session) => {
                let own = session.sign_in().await?;
                let platform = session.platform();
                let checkup = greenlake::examine(&platform, &session.dialect, own).await?;
                Ok(Found::Greenlake(Box::new(checkup)))
            }
        }
    }
}
