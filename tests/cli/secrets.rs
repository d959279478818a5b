//! Servers that echo what they were sent: no secret of muster's own is printed or kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::folder::{Folder, project_at};
use super::lies::{honest, list};
use super::server::{Ask, Reply, Server, status};

/// Tokens and secrets of nothing.
const TOKEN: &str = "canary/of+the.test-0123456789";
const GIVEN: &str = "given.canary_9876543210";
const CLIENT: &str = "client-canary&secret";

/// Every form in which the servers here echo a secret.
fn forms(secret: &str) -> Vec<String> {
    let (front, back) = secret.split_at(secret.len() / 2);
    vec![
        secret.to_owned(),
        secret.chars().rev().collect(),
        secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
        secret.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        STANDARD.encode(secret),
        STANDARD.encode(format!("Bearer {secret}")),
        format!("{front}\r\n {back}"),
        format!("{front}\", \"{back}"),
    ]
}

/// Demands that no form of a secret is in what was printed, and none in any file but `except`.
#[track_caller]
fn hidden(folder: &Folder, ended: &super::program::Ended, secrets: &[&str]) {
    let mut texts =
        vec![("stdout".to_owned(), ended.out.clone()), ("stderr".to_owned(), ended.err.clone())];
    for path in folder.listing().into_keys().filter(|path| path.is_file()) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        texts.push((path.display().to_string(), text));
    }
    for secret in secrets {
        // What is shown is cut short, so a part of it is as bad.
        let parts = forms(secret).into_iter().map(|form| form[..form.len() * 2 / 3].to_owned());
        for part in parts.chain([secret[..secret.len() * 2 / 3].to_owned()]) {
            for (name, text) in &texts {
                assert!(!text.contains(&part), "`{part}` is in {name}:\n{text}");
            }
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

fn project(server: &Server) -> Folder {
    let project = project_at(&server.url).replace("target: {", "target: { credential: env:IDP,");
    Folder::with(&[
        ("muster.yaml", &project),
        ("people.yaml", "users: { ada@example.com: { title: Engineer } }\n"),
    ])
}

/// The secret that a request shows, in all forms, behind so much that a cut falls into one.
fn echo(ask: &Ask, before: usize) -> String {
    let token = ask.authorization.strip_prefix("Bearer ").unwrap_or_default();
    let echoed: Vec<String> = forms(token).iter().map(|form| format!("{{{form}}}")).collect();
    format!("{}{}", "-".repeat(before), echoed.join(" "))
}

fn one_user(ask: &Ask) -> Reply {
    match (ask.method.as_str(), ask.path()) {
        ("GET", "/scim/Users") => list(1, &[json!({"id": "1", "userName": "ada@example.com"})]),
        ("GET", "/scim/Users/1") => {
            let user = json!({"id": "1", "userName": "ada@example.com"});
            status(200, "application/scim+json", user.to_string().as_bytes())
        }
        ("GET", "/scim/Groups") => list(0, &[]),
        _ => honest(ask),
    }
}

#[test]
fn an_echo_of_a_read_or_a_write_is_stripped() {
    let runtime = runtime();
    for (before, code, kind, write) in [
        (0, 400, "application/json", false),
        (0, 400, "text/html", true),
        (0, 401, "application/json", true),
        (0, 500, "text/html", false),
        (150, 400, "text/html", false),
        (150, 401, "application/json", true),
        (175, 400, "application/json", true),
        (190, 401, "text/html", false),
        (190, 400, "application/json", true),
    ] {
        let server = runtime.block_on(Server::start(move |ask| {
            let is_struck = if write { ask.method != "GET" } else { ask.path() == "/scim/Users" };
            if !is_struck {
                return one_user(ask);
            }
            let echo = echo(ask, before);
            match kind {
                "text/html" => status(code, kind, format!("<p>{echo}").as_bytes()),
                _ => status(code, kind, json!({"detail": echo}).to_string().as_bytes()),
            }
        }));
        let folder = project(&server);
        let arguments: &[&str] =
            if write { &["apply", "--yes"] } else { &["plan", "--out", "plan.json"] };
        let ended = folder.muster(arguments).env("IDP_TOKEN", TOKEN).run();
        hidden(&folder, &ended, &[TOKEN]);
        let shown = format!("{}{}", ended.out, ended.err);
        assert!(before > 0 || shown.contains("[secret]"), "{shown}");
        ended.exits(match (write, code) {
            (true, _) => 6,
            (false, 400) => 1,
            (false, _) => 69,
        });
    }
}

#[test]
fn an_echo_in_a_success_is_stripped_where_it_is_quoted() {
    let runtime = runtime();
    let bodies: [fn(&Ask) -> String; 3] = [
        |ask| format!("<html>{}", echo(ask, 150)),
        |ask| json!({"Resources": [], "echo": echo(ask, 120)}).to_string(),
        |ask| {
            json!({"totalResults": 1, "Resources": [{"id": "1", "active": ask.authorization}]})
                .to_string()
        },
    ];
    for body in bodies {
        let server = runtime.block_on(Server::start(move |ask| match ask.path() {
            "/scim/Users" => status(200, "application/json", body(ask).as_bytes()),
            _ => one_user(ask),
        }));
        let folder = project(&server);
        for arguments in [&["plan"][..], &["doctor"]] {
            let ended = folder.muster(arguments).env("IDP_TOKEN", TOKEN).run();
            hidden(&folder, &ended, &[TOKEN]);
            assert_ne!(ended.status, 0, "{}", ended.out);
        }
    }
}

#[test]
fn data_that_looks_like_the_secret_is_not_altered() {
    let runtime = runtime();
    let server = runtime.block_on(Server::start(|ask| match ask.path() {
        "/scim/Users" => {
            let user = json!({"id": "1", "userName": "ada@example.com", "title": "not-a-secret"});
            list(1, &[user])
        }
        _ => one_user(ask),
    }));
    let folder = project(&server);
    let ended = folder.muster(&["plan"]).env("IDP_TOKEN", "not-a-secret").run().exits(0);
    ended.shows("\"not-a-secret\" -> \"Engineer\"");
}

#[test]
fn an_echo_in_a_redirect_is_stripped() {
    let runtime = runtime();
    for later in [false, true] {
        let server = runtime.block_on(Server::start(move |ask| {
            let is_struck = if later { ask.method != "GET" } else { ask.path() == "/scim/Users" };
            if !is_struck {
                return one_user(ask);
            }
            let token: String =
                ask.authorization.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let plain = ask.authorization.strip_prefix("Bearer ").unwrap_or_default();
            let head = format!(
                "HTTP/1.1 302 X\r\nlocation: /login?token={token}&again={plain}\r\n\
                 content-length: 0\r\nconnection: close\r\n\r\n"
            );
            Reply::Bytes(head.into_bytes())
        }));
        let folder = project(&server);
        let ended = folder.muster(&["apply", "--yes"]).env("IDP_TOKEN", TOKEN).run();
        hidden(&folder, &ended, &[TOKEN]);
        let ended = ended.exits(if later { 6 } else { 69 });
        let shown = format!("{}{}", ended.out, ended.err);
        assert!(shown.contains("[secret]&again=[secret]'"), "{shown}");
    }
}

#[test]
fn an_endpoint_that_gives_tokens_echoes_nothing() {
    // Most of the time is waited, so they go side by side.
    std::thread::scope(|scope| {
        for (endpoint, echoes) in
            [(200, false), (200, true), (302, false), (400, false), (500, false)]
        {
            scope.spawn(move || endpoint_echoes_nothing(endpoint, echoes));
        }
    });
}

fn endpoint_echoes_nothing(endpoint: u16, echoes: bool) {
    let runtime = runtime();
    let server = runtime.block_on(Server::start(move |ask| match ask.path() {
        "/scim/token" if endpoint == 302 => {
            let head = format!(
                "HTTP/1.1 302 X\r\nlocation: /{}\r\ncontent-length: 0\r\n\
                         connection: close\r\n\r\n",
                ask.text
            );
            Reply::Bytes(head.into_bytes())
        }
        "/scim/token" if endpoint == 200 => {
            let answer = json!({"access_token": GIVEN, "scope": ask.text});
            status(200, "application/json", answer.to_string().as_bytes())
        }
        "/scim/token" => status(endpoint, "application/json", ask.text.as_bytes()),
        "/scim/Users" if echoes => {
            status(403, "application/json", json!({"detail": echo(ask, 0)}).to_string().as_bytes())
        }
        _ => one_user(ask),
    }));
    let folder = project(&server);
    let url = format!("tokenUrl: \"{}/token\", credential: env:IDP,", server.url);
    let project = folder.read("muster.yaml").replace("credential: env:IDP,", &url);
    folder.write("muster.yaml", project);
    let client = folder.muster(&["plan", "--out", "plan.json"]);
    let ended = client.env("IDP_CLIENT_ID", "me").env("IDP_CLIENT_SECRET", CLIENT).run();
    hidden(&folder, &ended, &[GIVEN, CLIENT]);
    ended.exits(if endpoint == 200 && !echoes { 0 } else { 69 });
}

#[test]
fn a_short_secret_goes_nowhere_but_to_this_machine() {
    let folder = Folder::with(&[("people.yaml", "users: {}\n")]);
    let long = "a-long-canary";
    for (target, token, words) in [
        ("url: \"https://192.0.2.1/scim\"", "seven77", "the token has fewer than 8 characters"),
        (
            "url: \"http://127.0.0.1:9/scim\", tokenUrl: \"https://192.0.2.1/token\"",
            "",
            "the client's secret has fewer than 8 characters",
        ),
    ] {
        let project =
            project_at("").replace("url: \"\"", &format!("credential: env:IDP, {target}"));
        folder.write("muster.yaml", project);
        let run = folder.muster(&["plan"]).env("IDP_TOKEN", token);
        let run = if token.is_empty() {
            run.env("IDP_CLIENT_ID", long).env("IDP_CLIENT_SECRET", "seven77")
        } else {
            run
        };
        let ended = run.run().exits(1).says(words).says("help: have a longer one issued");
        assert!(!ended.err.contains("seven77"), "{}", ended.err);
    }
}
