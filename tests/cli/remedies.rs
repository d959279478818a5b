//! Remedies that are printed work when they are followed to the letter.

use super::folder::{Folder, people, project_at};
use super::server::{Ask, Reply, Server, json};
use super::tls;

const EMPTY: &str = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []}"#;

#[test]
fn a_private_authority_is_trusted_by_the_variable_that_is_named() {
    let port = tls::serve(EMPTY);
    let folder = Folder::with(&[
        ("muster.yaml", &project_at(&format!("https://localhost:{port}/scim"))),
        ("identity.yaml", &people(2)),
    ]);
    for command in [&["plan"][..], &["doctor"], &["domains"]] {
        let ended = folder.muster(command).run();
        if command == ["domains"] {
            continue; // It asks nobody here.
        }
        let ended = ended.exits(69).says("the certificate is not trusted").says("`SSL_CERT_FILE`");
        assert!(!ended.err.contains("when the server is well"), "{}", ended.err);
    }
    let authority = tls::authority();
    let trusting = |folder: &Folder| {
        folder.muster(&["plan"]).env("SSL_CERT_FILE", authority.to_str().unwrap()).run()
    };
    trusting(&folder).exits(0).shows("+ user/user00@example.com");
    // Another remedy for another cause.
    folder.write("muster.yaml", project_at(&format!("https://127.0.0.1:{port}/scim")));
    trusting(&folder).exits(69).says("write the host in the URL as the certificate names it");
}

#[test]
fn the_certificate_of_a_token_endpoint_is_no_matter_of_the_credential() {
    let port = tls::serve(EMPTY);
    let target = format!(
        "url: \"http://127.0.0.1:9/scim\", tokenUrl: \"https://localhost:{port}/token\", \
         credential: \"env:X\""
    );
    let project = project_at("U").replace("url: \"U\"", &target);
    let folder = Folder::with(&[("muster.yaml", &project), ("identity.yaml", &people(2))]);
    let plan =
        folder.muster(&["plan"]).env("X_CLIENT_ID", "me").env("X_CLIENT_SECRET", "long enough");
    let ended =
        plan.run().exits(69).says("no token from").says("environment variable `SSL_CERT_FILE`");
    assert!(!ended.err.contains("the client id and its secret"), "{}", ended.err);
}

/// A server that answers everything but one path, which it sends elsewhere.
fn moved(path: &'static str, to: &'static str) -> (tokio::runtime::Runtime, Server) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start(move |ask: &Ask| {
        if path.is_empty() || ask.path().ends_with(path) {
            let last = ask.path().rsplit('/').next().unwrap_or_default();
            let head =
                format!("HTTP/1.1 308 X\r\nlocation: {to}/{last}\r\ncontent-length: 0\r\n\r\n");
            return Reply::Bytes(head.into_bytes());
        }
        json(&serde_json::from_str(EMPTY).unwrap())
    }));
    (runtime, server)
}

#[test]
fn one_path_that_is_sent_elsewhere_makes_no_other_base() {
    for path in ["/Users", "/Groups"] {
        let (_runtime, server) = moved(path, "/other");
        let folder = Folder::with(&[
            ("muster.yaml", &project_at(&server.url)),
            ("identity.yaml", &people(2)),
        ]);
        let ended = folder.muster(&["plan"]).run().exits(69).says("308, a redirect to");
        let ended = ended.says("only its administrator can tell why");
        assert!(!ended.err.contains("set `target.url`"), "{}", ended.err);
        assert!(!ended.err.contains("check `target.url`"), "{}", ended.err);
    }
    // A whole API that moved is another matter.
    let (_runtime, server) = moved("", "/new/v2");
    let folder =
        Folder::with(&[("muster.yaml", &project_at(&server.url)), ("identity.yaml", &people(2))]);
    let base = server.url.replace("/scim", "/new/v2");
    folder.muster(&["plan"]).run().exits(69).says(&format!("set `target.url` to `{base}`"));
}

#[test]
fn a_server_that_is_not_there_is_not_unwell() {
    let folder = Folder::with(&[
        ("muster.yaml", &project_at("http://127.0.0.1:9/scim")),
        ("identity.yaml", &people(2)),
    ]);
    let ended = folder.muster(&["plan"]).run().exits(69).says("check the host in `target.url`");
    assert!(!ended.err.contains("when the server is well"), "{}", ended.err);
}

/// A project of a sandbox that drops attributes in silence; its dialect has `more` lines.
fn forgetful(more: &str) -> Folder {
    let project = format!(
        "organization: acme\n\
         target:\n\
         \x20 provider: sandbox\n\
         \x20 personality: x3\n\
         \x20 profile: rfc7644\n\
         \x20 state: state.json\n\
         \x20 dialect: {{ {more} }}\n\
         manage:\n\
         \x20 users: {{ domains: [example.com], onRemove: report }}\n\
         \x20 groups: {{ names: ['*'], onRemove: report }}\n"
    );
    let files = "users:\n\
        \x20 ada@example.com: { displayName: Ada, title: Dr, nickName: A, name: { givenName: Ada, familyName: L } }\n\
        groups: { team: { members: [ada@example.com] } }\n";
    Folder::with(&[("muster.yaml", &project), ("identity.yaml", files)])
}

#[test]
fn the_printed_line_of_a_dialect_keeps_what_the_dialect_said_before() {
    for before in ["", "unheld: [user.nickName, group.externalId]"] {
        let folder = forgetful(before);
        let applied = folder.muster(&["apply", "--yes"]).run();
        let begin =
            applied.out.find("write `unheld: [").unwrap_or_else(|| panic!("{}", applied.out));
        let line = applied.out[begin..].split('`').nth(1).unwrap().to_owned();
        for name in ["user.displayName", "user.title"] {
            assert!(line.contains(name), "{line}");
        }
        assert_eq!(line.contains("user.nickName, group.externalId"), !before.is_empty(), "{line}");
        // Pasted, it is all that it takes, from the beginning too.
        let again = forgetful(&line);
        again.muster(&["apply", "--yes"]).run().exits(0);
        again.muster(&["plan", "--detailed-exitcode"]).run().exits(0);
    }
}
