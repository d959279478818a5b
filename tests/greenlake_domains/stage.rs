//! A project about the twin of HPE GreenLake, which runs as a process of its own: what anybody
//! can do with the program, and what the account says when asked without it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::program::{Ended, Running, muster, wait_until};

/// The domain that the tests are about.
pub(crate) const DOMAIN: &str = "acme.example";
const WORKSPACE: &str = "3f2c0e1a9b1c4d7e8f60718293a4b5c6";
const CLIENT: (&str, &str) = ("rehearsal", "only-on-loopback");
const API: &str = "/identity/v1alpha1";

/// Who is asked about DNS; none is the twin's own name server.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked {
    /// By the twin, as HPE does before it calls a domain verified.
    pub(crate) by_hpe: Option<SocketAddr>,
    /// By muster.
    pub(crate) by_us: Option<SocketAddr>,
}

/// A folder with a project, and the twin that it is about. Both end with this.
pub(crate) struct Stage {
    folder: TempDir,
    _twin: Running,
    url: String,
}

/// An organization of two administrators: one of the domain, one of another. `more` adds to it.
pub(crate) fn organization(more: &Value) -> Value {
    let mut seed = json!({
        "provider": "greenlake",
        "workspaces": [{ "name": "main", "id": WORKSPACE }],
        "clients": [{ "id": CLIENT.0, "secret": CLIENT.1, "workspace": "main" }],
        "users": [{ "userName": "ada@acme.example" }, { "userName": "rescue@other.example" }],
        "groups": [{ "displayName": "admins",
            "members": ["ada@acme.example", "rescue@other.example"] }],
        "ssoProfiles": [{ "name": "corp" }, { "name": "backup" }],
    });
    for (name, value) in more.as_object().unwrap() {
        seed[name] = value.clone();
    }
    seed
}

impl Stage {
    /// Starts the twin from a seed, and lays out a project about it that declares no domain.
    pub(crate) fn start(seed: &Value, asked: Asked) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("seed.json"), seed.to_string()).unwrap();
        let by_hpe = asked.by_hpe.map(|address| address.to_string());
        let mut arguments = vec!["sandbox", "serve", "--provider", "greenlake"];
        arguments.extend(["--port", "0", "--seed", "seed.json"]);
        arguments.extend(by_hpe.iter().flat_map(|address| ["--dns", address.as_str()]));
        let mut twin = muster(folder.path(), &arguments).start();
        wait_until("the URL of the twin", || twin.out().ends_with('\n'));
        twin.has_said("DNS at ");
        wait_until("the whole line", || twin.err().ends_with(".\n"));
        let url = twin.out().trim_end().to_owned();
        let said = twin.err();
        let own = said.split_once("DNS at ").and_then(|(_, rest)| rest.split_once(',')).unwrap().0;
        let dns = asked.by_us.map_or_else(|| own.to_owned(), |address| address.to_string());
        let project = format!(
            "organization: acme\n\
             target:\n\
             \x20 provider: greenlake\n\
             \x20 url: {url}\n\
             \x20 experimentalUrl: {url}\n\
             \x20 credential: env:GREENLAKE\n\
             \x20 workspaces: {{ main: {{ id: {WORKSPACE} }} }}\n\
             \x20 experimental: [domains, sso]\n\
             dns: {{ resolvers: [\"{dns}\", \"{dns}\"] }}\n\
             manage:\n\
             \x20 domains: {{ onRemove: delete }}\n\
             administrators: {{ groups: [admins], atLeast: 1 }}\n"
        );
        std::fs::write(folder.path().join("muster.yaml"), project).unwrap();
        Self { folder, _twin: twin, url }
    }

    /// Declares these domains, each with its connection, and no others.
    pub(crate) fn declare(&self, domains: &[(&str, Option<&str>)]) {
        let mut text = String::from("domains:\n");
        for (domain, sso) in domains {
            let sso = sso.map(|name| format!(", sso: {name}")).unwrap_or_default();
            text.push_str(&format!("  {domain}: {{ owner: ada@acme.example{sso} }}\n"));
        }
        let text = if domains.is_empty() { "domains: {}\n" } else { &text };
        std::fs::write(self.folder.path().join("domains.yaml"), text).unwrap();
    }

    /// Runs the program with the client's credentials in its environment.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let program = muster(self.folder.path(), arguments);
        let program = program.env("GREENLAKE_CLIENT_ID", CLIENT.0);
        program.env("GREENLAKE_CLIENT_SECRET", CLIENT.1).run()
    }

    /// What the account says of each domain: `NAME: STATE`, and the connection it is bound to.
    pub(crate) fn account(&self) -> Vec<String> {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            CLIENT.0, CLIENT.1
        );
        let path = format!("/authorization/v2/oauth2/{WORKSPACE}/token");
        let token = self.ask("POST", &path, "", &form)["access_token"].as_str().unwrap().to_owned();
        let list = |path: &str| {
            let answer = self.ask("GET", path, &token, "");
            answer["items"].as_array().unwrap_or_else(|| panic!("{path}: {answer}")).clone()
        };
        let policies = list(&format!("{API}/sso-authentication-policies"));
        let profiles = list("/identity/v2alpha1/sso-profiles");
        let bound_to = |domain: &Value| {
            let policy = policies.iter().find(|row| row["condition"]["domain"] == *domain)?;
            let source = &policy["action"]["authSource"];
            let profile = profiles.iter().find(|row| row["id"] == *source).unwrap();
            profile["name"].as_str().map(|name| format!(", {name}"))
        };
        let words = |row: &Value| {
            let (name, state) = (row["name"].as_str().unwrap(), &row["lifeCycleState"]);
            let bound = bound_to(&row["name"]).unwrap_or_default();
            format!("{name}: {}{bound}", state.as_str().unwrap())
        };
        list(&format!("{API}/domain-requests")).iter().map(words).collect()
    }

    /// Sets the TXT records that the twin's own name server has at a name.
    pub(crate) fn publish(&self, name: &str, values: &[&str]) {
        self.ask("PUT", &format!("/-/zone/{name}"), "", &json!(values).to_string());
    }

    /// Asks the twin for something that it must not refuse.
    fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> Value {
        let host = self.url.strip_prefix("http://").unwrap();
        let authorization = match token {
            "" => String::new(),
            token => format!("authorization: Bearer {token}\r\n"),
        };
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             {authorization}content-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap_or_default()
    }
}
