//! A session with a target: the transport, and how the target is spoken.

mod doctor;
mod domains;
mod greenlake;
mod options;
mod paces;
mod reading;
mod strip;

use std::path::Path;
use std::sync::Arc;

use super::credential::{Credential, Place};
use super::http::{HttpOptions, HttpTransport, RequestsMade, Waits};
use super::sandbox::greenlake::GreenLakeOptions;
use super::sandbox::{SandboxOptions, SandboxServer, start};
use super::twin::{Twin, start_twin};
use crate::config::{Project, Provider};
use crate::kind::Diagnostic;
use crate::live::Skew;
use crate::provider::scim::Dialect;
use crate::sandbox::Personality;

use greenlake::{Clients, GreenlakeSession, Opening};

pub use doctor::Found as Examined;
pub use domains::DomainView;
pub use options::SessionOptions;
use options::no_session;
pub use reading::{GreenlakeReading, Known, Reading, SessionWriter, Sight};

/// A session with a target. For the embedded sandbox it holds the server, which ends with it.
pub struct Session {
    /// Who the target is, in a form that is the same from run to run: bound into plans.
    pub target: String,
    speech: Speech,
    /// The time that it still waits for its server.
    waits: Arc<Waits>,
    /// Keeps the embedded server running.
    server: Embedded,
}

/// The ways to a SCIM server.
struct ScimSession {
    transport: HttpTransport,
    experimental: Option<HttpTransport>,
    dialect: Dialect,
}

/// How the target is spoken.
enum Speech {
    Scim(Box<ScimSession>),
    Greenlake(Box<GreenlakeSession>),
}

/// The embedded server.
enum Embedded {
    None,
    Scim(Box<SandboxServer>),
    Greenlake(Box<Twin>),
}

impl Session {
    /// Opens a session with the target of a project that lies at `root`. Nothing is asked of a
    /// remote target yet.
    ///
    /// # Errors
    ///
    /// A diagnostic when the credential, the dialect, the address or the sandbox's files are
    /// not what they should be.
    pub async fn open(project: &Project, root: &Path) -> Result<Self, Box<Diagnostic>> {
        Self::open_with(project, root, SessionOptions::default()).await
    }

    /// Opens a session by another clock.
    ///
    /// # Errors
    ///
    /// As [`Session::open`].
    pub async fn open_with(
        project: &Project,
        root: &Path,
        options: SessionOptions,
    ) -> Result<Self, Box<Diagnostic>> {
        let target = &project.target;
        let dialect = dialect(project)?;
        let waits = options.waits();
        let url = target.url.as_deref();
        match (target.provider, url) {
            (Provider::Sandbox, _) if project.target.speaks_greenlake() => {
                Self::twin(project, root, (dialect, options, waits)).await
            }
            (Provider::Sandbox, _) => Self::sandbox(project, root, dialect, waits).await,
            (Provider::Scim | Provider::Greenlake, None) => {
                Err(no_session("`target.url` is missing", "write it"))
            }
            (Provider::Greenlake, Some(url)) => {
                let clients = Clients::default();
                let shared = Arc::clone(&waits);
                let opening =
                    Opening { project, root, url, dialect, options, clients, waits: shared };
                let speech = Speech::Greenlake(Box::new(GreenlakeSession::open(opening).await?));
                let target = format!("greenlake {}", url.trim_end_matches('/'));
                Ok(Self { target, speech, waits, server: Embedded::None })
            }
            (Provider::Scim, Some(url)) => {
                let credential = match &target.credential {
                    None => Credential::none(),
                    Some(reference) => {
                        let place = Place { reference, project: root };
                        Credential::from_place(&place, target.token_url.as_deref()).await?
                    }
                };
                let experimental = match &target.experimental_url {
                    Some(url) if !target.experimental.is_empty() => Some(url.as_str()),
                    _ => None,
                };
                let speech = scim((url, experimental), credential, dialect, &waits)?;
                let target = format!("scim {}", url.trim_end_matches('/'));
                Ok(Self { target, speech, waits, server: Embedded::None })
            }
        }
    }

    async fn sandbox(
        project: &Project,
        root: &Path,
        dialect: Dialect,
        waits: Arc<Waits>,
    ) -> Result<Self, Box<Diagnostic>> {
        let target = &project.target;
        let name = target.personality.as_deref().unwrap_or("rfc7644");
        let options = SandboxOptions {
            personality: personality(name)?,
            seed: target.seed.as_ref().map(|path| seed(&root.join(path))).transpose()?,
            state_file: target.state.as_ref().map(|path| root.join(path)),
            ..SandboxOptions::default()
        };
        let server = start(options).await.map_err(unstarted)?;
        let speech = scim((&server.url(), None), Credential::none(), dialect, &waits)?;
        let target = match name {
            "rfc7644" => "sandbox".to_owned(),
            other => format!("sandbox ({other})"),
        };
        Ok(Self { target, speech, waits, server: Embedded::Scim(Box::new(server)) })
    }

    /// The embedded twin of HPE GreenLake.
    async fn twin(
        project: &Project,
        root: &Path,
        (dialect, options, waits): (Dialect, SessionOptions, Arc<Waits>),
    ) -> Result<Self, Box<Diagnostic>> {
        let target = &project.target;
        let twin = GreenLakeOptions {
            seed: target.seed.as_ref().map(|path| seed(&root.join(path))).transpose()?,
            state_file: target.state.as_ref().map(|path| root.join(path)),
            ..GreenLakeOptions::default()
        };
        let twin = start_twin(twin, None).await.map_err(unstarted)?;
        let clients = Clients::of(&twin.server).await?;
        let url = twin.server.url();
        let shared = Arc::clone(&waits);
        let opening =
            Opening { project, root, url: &url, dialect, options, clients, waits: shared };
        let speech = Speech::Greenlake(Box::new(GreenlakeSession::open(opening).await?));
        let server = Embedded::Greenlake(Box::new(twin));
        Ok(Self { target: "sandbox (greenlake)".to_owned(), speech, waits, server })
    }

    /// The way to the parts of the target that its provider publishes no contract for, where the
    /// project asks for them (`target.experimental`).
    #[must_use]
    pub fn experimental(&self) -> Option<&HttpTransport> {
        match &self.speech {
            Speech::Scim(session) => session.experimental.as_ref(),
            Speech::Greenlake(session) => session.experimental.as_ref(),
        }
    }

    /// The name of the dialect that users and groups are read and written in.
    #[must_use]
    pub fn dialect(&self) -> &'static str {
        match &self.speech {
            Speech::Scim(session) => session.dialect.name,
            Speech::Greenlake(session) => session.dialect.name,
        }
    }

    /// Requests made so far.
    #[must_use]
    pub fn requests_made(&self) -> RequestsMade {
        match &self.speech {
            Speech::Scim(session) => session.transport.requests_made(),
            Speech::Greenlake(session) => session.requests_made(),
        }
    }

    /// The disagreement of the clocks of the target and its token endpoints with this machine's, at
    /// the furthest; `None`: they do not, or say nothing.
    #[must_use]
    pub fn skew(&self) -> Option<Skew> {
        match &self.speech {
            Speech::Scim(session) => session.transport.skew(),
            Speech::Greenlake(session) => session.skew(),
        }
    }

    /// Ends the session, and the embedded server with it.
    pub async fn close(self) {
        match self.server {
            Embedded::None => {}
            Embedded::Scim(server) => server.stop().await,
            Embedded::Greenlake(twin) => twin.stop().await,
        }
    }
}

fn unstarted(error: impl std::fmt::Display) -> Box<Diagnostic> {
    no_session(error, "look at `target.seed` and `target.state`")
}

fn scim(
    (url, experimental): (&str, Option<&str>),
    credential: Credential,
    dialect: Dialect,
    waits: &Arc<Waits>,
) -> Result<Speech, Box<Diagnostic>> {
    let credential = Arc::new(credential);
    let connect = |url: &str, key: &str| {
        HttpTransport::new(url, Arc::clone(&credential), &HttpOptions::default())
            .map(|transport| transport.waiting(Arc::clone(waits)))
            .map_err(|error| error.told(&format!("correct `target.{key}`")))
    };
    let transport = connect(url, "url")?;
    let experimental = experimental.map(|url| connect(url, "experimentalUrl")).transpose()?;
    Ok(Speech::Scim(Box::new(ScimSession { transport, experimental, dialect })))
}

fn dialect(project: &Project) -> Result<Dialect, Box<Diagnostic>> {
    let target = &project.target;
    let of_provider = match target.provider {
        _ if project.target.speaks_greenlake() => Some("greenlake"),
        Provider::Sandbox => target.personality.as_deref(),
        Provider::Greenlake | Provider::Scim => None,
    };
    let profile = target.profile.as_deref().or(of_provider);
    Dialect::from_config(profile, &target.dialect).map_err(|errors| {
        let what: Vec<&str> = errors.iter().map(|error| error.what.as_str()).collect();
        let remedy: Vec<&str> = errors.iter().map(|error| error.remedy.as_str()).collect();
        no_session(what.join("; "), &remedy.join("; "))
    })
}

/// The personality of that name.
///
/// # Errors
///
/// When there is none; the names there are.
pub fn personality(name: &str) -> Result<Personality, Box<Diagnostic>> {
    Personality::named(name).ok_or_else(|| {
        let names = Personality::NAMES.join(", ");
        no_session(
            format!("`{name}` is no personality of the sandbox"),
            &format!("choose one of {names}"),
        )
    })
}

/// Reads a seed document.
///
/// # Errors
///
/// In words, with the path.
pub fn seed(path: &Path) -> Result<serde_json::Value, Box<Diagnostic>> {
    let text = super::files::read_text(path, 512 << 20)
        .map_err(|error| no_session(error, "name a JSON file of users and groups"))?;
    serde_json::from_str(&text).map_err(|error| {
        let what = format!("`{}` is no JSON: {error}", path.display());
        no_session(what, "correct it; `muster init` writes one to begin with")
    })
}
