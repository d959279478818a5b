//! A session with a target: the transport, and how the target is spoken.

use std::path::Path;
use std::sync::Arc;

use super::credential::{Credential, Place};
use super::http::{HttpOptions, HttpTransport, RequestsMade};
use super::sandbox::{SandboxOptions, SandboxServer, start};
use crate::config::{Project, Provider};
use crate::sandbox::Personality;
use crate::target::scim::Dialect;

/// A session with a target. For the embedded sandbox it holds the server, which ends with it.
pub struct Session {
    /// Sends requests.
    pub transport: HttpTransport,
    /// Sends requests to what the target's provider published no contract for, below
    /// `target.experimentalUrl`; none where nothing of it is switched on.
    pub experimental: Option<HttpTransport>,
    /// How the target is spoken, as far as the project says.
    pub dialect: Dialect,
    /// Who the target is, in a form that is the same from run to run: bound into plans.
    pub target: String,
    /// Keeps the embedded server running.
    server: Option<SandboxServer>,
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionError {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl SessionError {
    fn new(what: impl std::fmt::Display, remedy: &str) -> Self {
        Self { what: what.to_string(), remedy: remedy.to_owned() }
    }
}

impl Session {
    /// Opens a session with the target of a project that lies at `root`. Nothing is asked of a
    /// remote target yet.
    ///
    /// # Errors
    ///
    /// [`SessionError`] when the credential, the dialect, the address or the sandbox's files are
    /// not what they should be.
    pub async fn open(project: &Project, root: &Path) -> Result<Self, SessionError> {
        let target = &project.target;
        let dialect = dialect(project)?;
        match (target.provider, &target.url) {
            (Provider::Sandbox, _) => Self::sandbox(project, root, dialect).await,
            (Provider::Greenlake, _) => Err(SessionError::new(
                "this version of muster does not speak to HPE GreenLake yet",
                "use `provider: scim` or `provider: sandbox`",
            )),
            (Provider::Scim, None) => Err(SessionError::new("`target.url` is missing", "write it")),
            (Provider::Scim, Some(url)) => {
                let credential = match &target.credential {
                    None => Credential::None,
                    Some(reference) => {
                        let place = Place { reference, project: root };
                        Credential::from_place(&place, target.token_url.as_deref())
                            .await
                            .map_err(|error| SessionError::new(error.what, &error.remedy))?
                    }
                };
                let credential = Arc::new(credential);
                let transport = connect(url, Arc::clone(&credential))?;
                let experimental = match &target.experimental_url {
                    Some(url) if !target.experimental.is_empty() => {
                        Some(HttpTransport::new(url, credential, &HttpOptions::default()).map_err(
                            |e| SessionError::new(e, "correct `target.experimentalUrl`"),
                        )?)
                    }
                    _ => None,
                };
                let target = format!("scim {}", url.trim_end_matches('/'));
                Ok(Self { transport, experimental, dialect, target, server: None })
            }
        }
    }

    async fn sandbox(
        project: &Project,
        root: &Path,
        dialect: Dialect,
    ) -> Result<Self, SessionError> {
        let target = &project.target;
        let name = target.personality.as_deref().unwrap_or("rfc7644");
        let personality = personality(name)?;
        let seed = match &target.seed {
            None => None,
            Some(path) => Some(seed(&root.join(path))?),
        };
        let options = SandboxOptions {
            personality,
            seed,
            state_file: target.state.as_ref().map(|path| root.join(path)),
            ..SandboxOptions::default()
        };
        let server = start(options).await.map_err(|error| {
            SessionError::new(error, "look at `target.seed` and `target.state`")
        })?;
        let transport = connect(&server.url(), Arc::new(Credential::None))?;
        let target = match name {
            "rfc7644" => "sandbox".to_owned(),
            other => format!("sandbox ({other})"),
        };
        Ok(Self { transport, experimental: None, dialect, target, server: Some(server) })
    }

    /// Requests made so far.
    #[must_use]
    pub fn requests_made(&self) -> RequestsMade {
        self.transport.requests_made()
    }

    /// Ends the session, and the embedded server with it.
    pub async fn close(self) {
        if let Some(server) = self.server {
            server.stop().await;
        }
    }
}

fn connect(url: &str, credential: Arc<Credential>) -> Result<HttpTransport, SessionError> {
    HttpTransport::new(url, credential, &HttpOptions::default())
        .map_err(|error| SessionError::new(error, "correct `target.url`"))
}

fn dialect(project: &Project) -> Result<Dialect, SessionError> {
    let target = &project.target;
    let sandbox = target.provider == Provider::Sandbox;
    let profile = target.profile.as_deref();
    let profile = profile.or(if sandbox { target.personality.as_deref() } else { None });
    Dialect::from_config(profile, &target.dialect).map_err(|errors| {
        let what: Vec<&str> = errors.iter().map(|error| error.what.as_str()).collect();
        let remedy: Vec<&str> = errors.iter().map(|error| error.remedy.as_str()).collect();
        SessionError::new(what.join("; "), &remedy.join("; "))
    })
}

/// The personality of that name.
///
/// # Errors
///
/// When there is none; the names there are.
pub fn personality(name: &str) -> Result<Personality, SessionError> {
    Personality::named(name).ok_or_else(|| {
        let names = Personality::NAMES.join(", ");
        SessionError::new(
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
pub fn seed(path: &Path) -> Result<serde_json::Value, SessionError> {
    let text = super::files::read_text(path, 512 << 20)
        .map_err(|error| SessionError::new(error, "name a JSON file of users and groups"))?;
    serde_json::from_str(&text).map_err(|error| {
        let what = format!("`{}` is no JSON: {error}", path.display());
        SessionError::new(what, "correct it; `muster init` writes one to begin with")
    })
}
