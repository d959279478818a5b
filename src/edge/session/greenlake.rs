//! A session with HPE GreenLake: one token a workspace, and a way to each part of the platform.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use super::options::{SessionOptions, no_session};
use super::paces::Paces;
use crate::config::{Project, Provider, Workspace as Declared};
use crate::edge::credential::{Claims, Credential, Place, Secrets, WorkspaceEndpoint};
use crate::edge::http::{HttpOptions, HttpTransport, Media, RequestsMade, Waits};
use crate::edge::sandbox::greenlake::GreenLakeServer;
use crate::kind::Diagnostic;
use crate::live::{RemoteId, Skew};
use crate::provider::greenlake::{Platform, Workspace};
use crate::provider::scim::{Dialect, ReadError, ReadErrorKind};

/// Where the directory is, below the platform's base URL.
const DIRECTORY: &str = "/identity/v2beta1/scim/v2";
/// Where the parts are that HPE publishes no contract for.
const EXPERIMENTAL: &str = "https://aquila-org-api.common.cloud.hpe.com";

/// Ways to all parts of the platform that a project names.
pub(super) struct GreenlakeSession {
    pub(super) dialect: Dialect,
    pub(super) experimental: Option<HttpTransport>,
    directory: HttpTransport,
    workspaces: Vec<Open>,
    /// The workspace that the directory is read through, by name.
    main: String,
}

struct Open {
    name: String,
    id: String,
    is_tenant: bool,
    credential: Arc<Credential>,
    transport: HttpTransport,
}

/// What opening needs to know.
pub(super) struct Opening<'a> {
    pub(super) project: &'a Project,
    pub(super) root: &'a Path,
    pub(super) url: &'a str,
    pub(super) dialect: Dialect,
    pub(super) options: SessionOptions,
    /// The clients of the embedded twin.
    pub(super) clients: Clients,
    /// The time that the session waits for its server.
    pub(super) waits: Arc<Waits>,
}

/// The embedded twin's own workspaces and clients: what a project need not say of them.
#[derive(Default)]
pub(super) struct Clients {
    /// Ids by name.
    workspaces: BTreeMap<String, String>,
    /// Id and secret by the workspace's id without hyphens.
    clients: BTreeMap<String, (String, SecretString)>,
}

impl Clients {
    /// Those of a twin.
    ///
    /// # Errors
    ///
    /// When its state cannot be kept.
    pub(super) async fn of(server: &GreenLakeServer) -> Result<Self, Box<Diagnostic>> {
        let state = server.with(|twin| twin.state.export()).await;
        let state = state.map_err(|error| no_session(error, "look at `target.state`"))?;
        let rows = |name: &str| {
            state.get(name).and_then(serde_json::Value::as_array).cloned().unwrap_or_default()
        };
        let text = |row: &serde_json::Value, name: &str| {
            row.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
        };
        let mut found = Self::default();
        for row in rows("workspaces") {
            found.workspaces.insert(text(&row, "name"), text(&row, "id"));
        }
        for row in rows("clients") {
            let Some(id) = found.workspaces.get(&text(&row, "workspace")) else { continue };
            let id = RemoteId::compare(id).into_owned();
            let client = (text(&row, "id"), SecretString::from(text(&row, "secret")));
            found.clients.entry(id).or_insert(client);
        }
        Ok(found)
    }

    /// The declared workspaces, or the twin's own where none is declared.
    fn declared(&self, project: &Project) -> BTreeMap<String, Declared> {
        if !project.target.workspaces.is_empty() {
            return project.target.workspaces.clone();
        }
        let own = |(name, id): (&String, &String)| {
            let declared = Declared { id: id.clone(), credential: None, via: None };
            (name.clone(), declared)
        };
        self.workspaces.iter().map(own).collect()
    }
}

impl GreenlakeSession {
    /// Opens the ways. Nothing is asked yet.
    pub(super) async fn open(opening: Opening<'_>) -> Result<Self, Box<Diagnostic>> {
        let declared = opening.clients.declared(opening.project);
        let main = main_workspace(opening.project, &declared)?;
        let mut credentials: BTreeMap<String, Arc<Credential>> = BTreeMap::new();
        for name in declared.keys() {
            opening.credential(name, &main, &declared, &mut credentials).await?;
        }
        let is_ours = opening.project.target.provider == Provider::Sandbox;
        let paced = declared.keys().filter(|_| !is_ours);
        let paces = Paces::of(paced, &opening.dialect.rates(), &opening.options.clock);
        let url = opening.url.trim_end_matches('/');
        let scim = opening.options.http();
        let json = HttpOptions { media: Media::Json, ..scim };
        let connect = |url: &str, credential: &Arc<Credential>, options: &HttpOptions| {
            let way = connect(url, credential, options)?;
            Ok::<_, Box<Diagnostic>>(way.waiting(Arc::clone(&opening.waits)))
        };
        let mut workspaces = Vec::new();
        let mut directory = None;
        let mut experimental = None;
        for (name, workspace) in declared {
            let Some(credential) = credentials.get(&name) else { continue };
            if name == main {
                let base = format!("{url}{DIRECTORY}");
                let way = connect(&base, credential, &scim)?;
                directory = Some(paces.keep(&name, &workspace, way));
                if !opening.project.target.experimental.is_empty() {
                    experimental = Some(connect(&opening.experimental(), credential, &json)?);
                }
            }
            workspaces.push(Open {
                transport: paces.keep(&name, &workspace, connect(url, credential, &json)?),
                credential: Arc::clone(credential),
                is_tenant: workspace.via.is_some(),
                id: workspace.id,
                name,
            });
        }
        let directory = directory.ok_or_else(|| no_workspace(&main))?;
        Ok(Self { dialect: opening.dialect, experimental, directory, workspaces, main })
    }

    /// The ways, for the protocol.
    pub(super) fn platform(&self) -> Platform<'_, HttpTransport> {
        let workspaces = self.workspaces.iter().map(|open| Workspace {
            name: open.name.clone(),
            id: open.id.clone(),
            transport: &open.transport,
        });
        Platform { directory: &self.directory, workspaces: workspaces.collect() }
    }

    /// Gets a token of every workspace and looks at what they say: whom muster acts as.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when there is no token for a workspace, and when two workspaces are of two
    /// organizations: the groups of one hold no roles in the other.
    pub(super) async fn sign_in(&self) -> Result<Vec<String>, ReadError> {
        let asked = self.workspaces.iter().map(|open| async move {
            let claims = open.credential.claims().await;
            claims.map(|claims| (open, claims)).map_err(|error| no_token(&open.name, &error))
        });
        let all: Vec<(&Open, Claims)> = futures::future::try_join_all(asked).await?;
        let main = all.iter().find(|(open, _)| open.name == self.main);
        let organization = main.and_then(|(_, claims)| claims.organization.as_deref());
        for (open, claims) in all.iter().filter(|(open, _)| !open.is_tenant) {
            let (Some(one), Some(other)) = (organization, claims.organization.as_deref()) else {
                continue;
            };
            if RemoteId::compare(one) != RemoteId::compare(other) {
                return Err(another_organization(&self.main, &open.name));
            }
        }
        let mut own: Vec<String> =
            all.into_iter().flat_map(|(_, claims)| claims.principals).collect();
        own.sort_unstable();
        own.dedup();
        Ok(own)
    }

    /// The secrets of every workspace's credential.
    pub(super) fn secrets(&self) -> Vec<Arc<Secrets>> {
        self.workspaces.iter().map(|open| Arc::clone(open.credential.secrets())).collect()
    }

    /// The furthest disagreement between the clocks of those who answered and ours.
    pub(super) fn skew(&self) -> Option<Skew> {
        let all = self.workspaces.iter().filter_map(|open| open.transport.skew());
        all.max_by_key(Skew::apart)
    }

    pub(super) fn requests_made(&self) -> RequestsMade {
        let all = self.workspaces.iter().map(|open| &open.transport);
        let all = all.chain([&self.directory]).chain(&self.experimental);
        all.map(HttpTransport::requests_made).fold(RequestsMade::default(), |sum, made| {
            RequestsMade { reads: sum.reads + made.reads, writes: sum.writes + made.writes }
        })
    }
}

impl Opening<'_> {
    /// The credential of one workspace: its own, another's exchanged, the target's for the main
    /// one, or the embedded twin's.
    async fn credential(
        &self,
        name: &str,
        main: &str,
        declared: &BTreeMap<String, Declared>,
        known: &mut BTreeMap<String, Arc<Credential>>,
    ) -> Result<(), Box<Diagnostic>> {
        if known.contains_key(name) {
            return Ok(());
        }
        let Some(workspace) = declared.get(name) else { return Err(no_workspace(name)) };
        let (clock, http) = (self.options.clock.clone(), self.options.http());
        let endpoint = WorkspaceEndpoint { base: self.url, name, id: &workspace.id, clock, http };
        if let Some(via) = &workspace.via {
            let has_via = declared.get(via).is_none_or(|other| other.via.is_some());
            if has_via {
                return Err(no_session(
                    format!("the workspace `{name}` is reached via `{via}`, which is itself one"),
                    "name the workspace of the managed service provider",
                ));
            }
            Box::pin(self.credential(via, main, declared, known)).await?;
            let Some(through) = known.get(via) else { return Err(no_workspace(via)) };
            let credential = Credential::exchanged(Arc::clone(through), &endpoint);
            known.insert(name.to_owned(), Arc::new(credential?));
            return Ok(());
        }
        let of_target = self.project.target.credential.as_ref().filter(|_| name == main);
        let credential = match workspace.credential.as_ref().or(of_target) {
            Some(reference) => {
                let place = Place { reference, project: self.root };
                Credential::of_workspace(&place, &endpoint).await
            }
            None => {
                let client = self.clients.clients.get(&*RemoteId::compare(&workspace.id));
                let (id, secret) = client.ok_or_else(|| no_credential(name, name == main))?;
                Credential::client_of_workspace(id, secret.clone(), &endpoint)
            }
        };
        known.insert(name.to_owned(), Arc::new(credential?));
        Ok(())
    }

    /// The base URL of the parts without a contract. The twin has them where it has all else.
    fn experimental(&self) -> String {
        let target = &self.project.target;
        match &target.experimental_url {
            Some(url) => url.clone(),
            None if target.provider == crate::config::Provider::Sandbox => self.url.to_owned(),
            None => EXPERIMENTAL.to_owned(),
        }
    }
}

fn main_workspace(
    project: &Project,
    declared: &BTreeMap<String, Declared>,
) -> Result<String, Box<Diagnostic>> {
    if let Some(name) = &project.target.workspace {
        return Ok(name.clone());
    }
    match declared.keys().collect::<Vec<_>>().as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(no_session(
            "`target.workspaces` names no workspace, and every token of HPE GreenLake is of one",
            "write the management workspace there, with its `id`",
        )),
        several => Err(no_session(
            format!(
                "`target.workspaces` has {}, and nothing says through which of them the \
                 organization's directory is read",
                several.len()
            ),
            "write `target.workspace`: the name of the management workspace",
        )),
    }
}

fn connect(
    url: &str,
    credential: &Arc<Credential>,
    options: &HttpOptions,
) -> Result<HttpTransport, Box<Diagnostic>> {
    HttpTransport::new(url, Arc::clone(credential), options)
        .map_err(|error| error.told("correct `target.url`"))
}

fn no_workspace(name: &str) -> Box<Diagnostic> {
    no_session(format!("`{name}` is none of `target.workspaces`"), "write it there, with its `id`")
}

fn no_credential(name: &str, is_main: bool) -> Box<Diagnostic> {
    let remedy = if is_main {
        "write `target.credential`".to_owned()
    } else {
        format!("write a `credential`, or `via`, under `target.workspaces.{name}`")
    };
    no_session(format!("the workspace `{name}` has no credential"), &remedy)
}

fn no_token(name: &str, error: &Diagnostic) -> ReadError {
    ReadError::new(
        ReadErrorKind::Unauthorized,
        format!("workspace `{name}`: {}", error.what),
        "without a token of every workspace nothing is read, and nothing was written",
        error.remedy.as_str(),
    )
}

fn another_organization(main: &str, name: &str) -> ReadError {
    ReadError::new(
        ReadErrorKind::Unauthorized,
        format!("the workspaces `{main}` and `{name}` are of two organizations"),
        "their tokens say so; the groups of one organization hold no roles in another",
        "write one project for each organization; for a managed service provider's tenant say \
         `via`",
    )
}
