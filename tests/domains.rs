//! `muster domains` from the outside: a claim comes its whole way, over real HTTP and real DNS on
//! loopback.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "these tests write a project and start the program")]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use axum::http::Uri;
use muster::edge::dns::{DnsFault, ZoneServer, ZoneServerOptions};
use serde_json::{Value, json};

const VALUE: &str = "hpe-greenlake-domain-verification=0a0a";

/// What the account answers: `[state of the claim, is it verified]`, or a failure.
#[derive(Clone, Copy)]
enum Account {
    Empty,
    Claim(&'static str, bool),
    Broken,
}

fn answer(uri: &Uri, account: Account) -> (u16, Value) {
    let items =
        |items: Value| (200, json!({"items": items, "total": items.as_array().unwrap().len()}));
    let users = ["ada@example.com", "raj@Example.com", "eve@sub.example.com", "bob@other.example"];
    let scim = |rows: Vec<Value>| (200, json!({"totalResults": rows.len(), "Resources": rows}));
    match (uri.path(), account) {
        ("/scim/Users", _) => {
            let row =
                |(at, name): (usize, &&str)| json!({"id": format!("u{at}"), "userName": name});
            scim(users.iter().enumerate().map(row).collect())
        }
        ("/scim/Groups", _) => scim(Vec::new()),
        ("/identity/v1alpha1/domain-requests", Account::Broken) => (403, json!({"message": "no"})),
        ("/identity/v1alpha1/domain-requests", Account::Claim(state, _)) => items(json!([{
            "id": "r1", "name": "example.com", "lifeCycleState": state, "dnsTxtRecord": VALUE,
        }])),
        ("/identity/v1alpha1/domains", Account::Claim(_, true)) => {
            items(json!([{"id": "d1", "name": "example.com"}]))
        }
        ("/identity/v1alpha1/sso-authentication-policies", Account::Claim(_, true)) => {
            items(json!([{"id": "p1", "policyType": "DOMAIN_VERIFIED",
                "condition": {"domain": "example.com"},
                "action": {"type": "SSO_PROFILE", "authSource": "s1"}}]))
        }
        ("/identity/v2alpha1/sso-profiles", _) => items(
            json!([{"id": "s1", "name": "corp", "oidcIdpConfig": {"clientSecret": "hunter2"}}]),
        ),
        (path, _) if path.starts_with("/identity/") => items(json!([])),
        _ => (404, json!({"detail": "nothing here"})),
    }
}

/// A project about two servers on loopback.
struct Stage {
    folder: tempfile::TempDir,
    dns: ZoneServer,
    account: Arc<Mutex<Account>>,
}

impl Stage {
    async fn new(experimental: &str) -> Self {
        let account = Arc::new(Mutex::new(Account::Empty));
        let shared = Arc::clone(&account);
        let app = axum::Router::new().fallback(async move |uri: Uri| {
            let (status, body) = answer(&uri, *shared.lock().unwrap());
            let status = axum::http::StatusCode::from_u16(status).unwrap();
            (status, [("content-type", "application/json")], body.to_string())
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let dns = ZoneServer::start(ZoneServerOptions::default()).await.unwrap();
        dns.add_zone("example.com");
        let folder = tempfile::tempdir().unwrap();
        let project = format!(
            "organization: acme\n\
             target:\n  provider: scim\n  url: {url}/scim\n  experimentalUrl: {url}\n  \
             experimental: [{experimental}]\n\
             dns: {{ resolvers: [\"{0}\", \"{0}\"] }}\n",
            dns.address()
        );
        std::fs::write(folder.path().join("muster.yaml"), project).unwrap();
        let domains = "domains:\n  example.com: { owner: ada@example.com, sso: corp }\n";
        std::fs::write(folder.path().join("domains.yaml"), domains).unwrap();
        Self { folder, dns, account }
    }

    async fn run(&self, arguments: &'static [&'static str]) -> Output {
        let folder = self.folder.path().to_owned();
        tokio::task::spawn_blocking(move || run(&folder, arguments)).await.unwrap()
    }

    /// The first domain, as JSON.
    async fn domain(&self, account: Account) -> Value {
        *self.account.lock().unwrap() = account;
        let output = self.run(&["domains", "--format", "json"]).await;
        assert!(output.status.success(), "{output:?}");
        let all: Value = serde_json::from_slice(&output.stdout).unwrap();
        all["domains"][0].clone()
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command.args(arguments).current_dir(folder).env_clear().output().unwrap()
}

fn ids(domain: &Value) -> Vec<&str> {
    let problems = domain["problems"].as_array().unwrap();
    problems.iter().map(|problem| problem["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_comes_its_whole_way() {
    let stage = Stage::new("domains, sso").await;
    let unclaimed = stage.domain(Account::Empty).await;
    assert_eq!(unclaimed["state"], "unclaimed");
    assert_eq!(unclaimed["users"], 2);
    assert_eq!(unclaimed["owner"], "ada@example.com");

    let pending = Account::Claim("PENDING", false);
    let claimed = stage.domain(pending).await;
    assert_eq!((&claimed["state"], &claimed["txt"]), (&json!("claimed"), &json!(VALUE)));
    assert_eq!(claimed["dns"].as_array().unwrap().len(), 3, "{claimed:#}");

    let bind = stage.run(&["domains", "--dns", "bind"]).await;
    let record = String::from_utf8(bind.stdout).unwrap();
    assert!(record.contains(&format!("example.com.\t3600\tIN\tTXT\t\"{VALUE}\"\n")), "{record}");

    stage.dns.publish("www.example.com", &[VALUE]);
    let misplaced = stage.domain(pending).await;
    assert_eq!(ids(&misplaced), ["txt-wrong-name"], "{misplaced:#}");

    stage.dns.publish("example.com", &["v=spf1 -all", VALUE]);
    assert_eq!(stage.domain(pending).await["state"], "published");
    stage.dns.spoil("example.com", None, DnsFault::Quoted);
    let quoted = stage.domain(pending).await;
    assert_eq!((&quoted["state"], ids(&quoted)[0]), (&json!("claimed"), "txt-quoted"));
    stage.dns.mend();

    let bound = stage.domain(Account::Claim("VERIFIED", true)).await;
    assert_eq!((&bound["state"], &bound["connection"]), (&json!("bound"), &json!("corp")));
    stage.dns.remove("example.com");
    assert_eq!(stage.domain(Account::Claim("VERIFIED", true)).await["state"], "missing");
    stage.dns.spoil("example.com", None, DnsFault::ServFail);
    let unknown = stage.domain(Account::Claim("VERIFIED", true)).await;
    assert_eq!(unknown["state"], "bound", "a look that failed is not `gone`: {unknown:#}");
    assert_eq!(stage.domain(Account::Claim("EXPIRED", true)).await["state"], "unclear");
    stage.dns.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_the_same_in_words() {
    let stage = Stage::new("domains, sso").await;
    *stage.account.lock().unwrap() = Account::Claim("PENDING", false);
    let output = stage.run(&["domains"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    for words in [
        "example.com: claimed, 2 users\n",
        "owner         ada@example.com\n",
        VALUE,
        "a server of example.com: no TXT record\n",
        "  other.example: 1 user\n",
        "  sub.example.com: 1 user; the claim of example.com does not cover it\n",
    ] {
        assert!(text.contains(words), "`{words}` is missing:\n{text}");
    }
    assert!(!text.contains("hunter2"));
    stage.dns.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_interface_off_dns_and_users_are_shown_and_a_person_is_told() {
    let stage = Stage::new("").await;
    stage.dns.publish("example.com", &[VALUE]);
    // The account would refuse, and is not asked.
    let domain = stage.domain(Account::Broken).await;
    assert_eq!((&domain["state"], &domain["users"]), (&json!("not-asked"), &json!(2)));
    assert_eq!(ids(&domain), ["txt-of-a-claim", "claim-by-hand"]);
    let output = stage.run(&["domains", "--dns", "bind"]).await;
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    stage.dns.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_cannot_be_read_are_not_none() {
    let stage = Stage::new("domains").await;
    *stage.account.lock().unwrap() = Account::Broken;
    let output = stage.run(&["domains"]).await;
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(69), "{words}");
    assert!(output.stdout.is_empty());
    assert!(words.contains("the claims were not read: `GET /identity/v1alpha1/domain-requests"));
    stage.dns.stop().await;
}
