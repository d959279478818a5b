//! Domains of HPE GreenLake, from the YAML to the connection and back: the program against the
//! twin as another process, with real DNS on loopback.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "these tests lay out folders and run the program")]

mod stage;
mod story;

use muster::edge::dns::{DnsFault, ZoneServer, ZoneServerOptions};
use serde_json::json;
use tokio::runtime::Runtime;

use super::support::program;
use stage::{Asked, DOMAIN, Stage, organization};
use story::{Zone, tell, value_of};

/// The twin's own name server.
struct OfTheTwin;

impl Zone for OfTheTwin {
    fn serve(&mut self, stage: &Stage, records: &str) {
        let value = (!records.is_empty()).then(|| value_of(records));
        stage.publish(DOMAIN, value.as_slice());
    }
}

#[test]
fn a_domain_comes_its_whole_way_and_a_lost_record_loses_no_claim() {
    tell(&Stage::start(&organization(&json!({})), Asked::default()), &mut OfTheTwin);
}

/// What DNS does that is no answer, and an answer that is out of date.
fn faults() -> [DnsFault; 3] {
    let old = format!("hpe-greenlake-domain-verification={}", "0".repeat(64));
    [DnsFault::Silent, DnsFault::ServFail, DnsFault::Instead(vec![old])]
}

/// A claim whose record is published, and the name servers that HPE and we ask.
struct Published {
    runtime: Runtime,
    theirs: ZoneServer,
    ours: ZoneServer,
    stage: Stage,
}

impl Published {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let start = || runtime.block_on(ZoneServer::start(ZoneServerOptions::default())).unwrap();
        let (theirs, ours) = (start(), start());
        let asked = Asked { by_hpe: Some(theirs.address()), by_us: Some(ours.address()) };
        let stage = Stage::start(&organization(&json!({})), asked);
        for server in [&theirs, &ours] {
            server.add_zone(DOMAIN);
        }
        stage.declare(&[(DOMAIN, Some("corp"))]);
        stage.run(&["apply", "--yes"]).exits(7);
        let records = stage.run(&["domains", "--dns", "bind"]).exits(0).out;
        for server in [&theirs, &ours] {
            server.publish(DOMAIN, &[value_of(&records)]);
        }
        Self { runtime, theirs, ours, stage }
    }

    fn is(&self, state: &str, fault: &DnsFault) {
        assert_eq!(self.stage.account(), [format!("{DOMAIN}: {state}")], "{fault:?}");
    }

    fn stop(self) {
        self.runtime.block_on(async {
            self.theirs.stop().await;
            self.ours.stop().await;
        });
    }
}

/// We see the record and HPE does not: it is asked to verify, and it does not.
fn hidden_from_hpe(fault: DnsFault) {
    let published = Published::start();
    published.theirs.spoil(DOMAIN, None, fault.clone());
    let waits = published.stage.run(&["apply", "--yes"]).exits(7);
    let waits = waits.shows("\"published\" -> \"verified\"").shows("waiting update");
    assert!(!waits.out.contains("1 done"), "{fault:?}: {}", waits.out);
    published.is("PENDING", &fault);
    published.stop();
}

/// HPE would see the record and we do not: it is not asked until we do.
fn hidden_from_us(fault: DnsFault) {
    let published = Published::start();
    published.ours.spoil(DOMAIN, None, fault.clone());
    published.stage.run(&["apply", "--yes"]).exits(7).shows("0 writes made");
    published.is("PENDING", &fault);
    published.ours.mend();
    published.stage.run(&["apply", "--yes"]).exits(0);
    published.is("VERIFIED, corp", &fault);
    published.stop();
}

/// A claim that is verified stays so, and so does the connection that follows from it.
fn hidden_later(fault: DnsFault) {
    let published = Published::start();
    published.stage.run(&["apply", "--yes"]).exits(0);
    let status = if matches!(fault, DnsFault::Instead(_)) { 7 } else { 0 };
    for server in [&published.theirs, &published.ours] {
        server.spoil(DOMAIN, None, fault.clone());
    }
    published.stage.run(&["apply", "--yes"]).exits(status).shows("0 writes made");
    published.is("VERIFIED, corp", &fault);
    published.stop();
}

/// All at once, because the program waits for a server that is silent.
#[test]
fn dns_that_does_not_show_the_record_verifies_nothing_and_loses_nothing() {
    std::thread::scope(|scope| {
        for hidden in [hidden_from_hpe, hidden_from_us, hidden_later] {
            for fault in faults() {
                scope.spawn(move || hidden(fault));
            }
        }
    });
}

#[test]
fn a_claim_that_users_have_is_not_given_up() {
    let value = |of: &str| format!("hpe-greenlake-domain-verification={of}");
    let seed = organization(&json!({
        "domains": [
            { "name": DOMAIN, "state": "VERIFIED", "dnsTxtRecord": value("a") },
            { "name": "empty.example", "state": "VERIFIED", "dnsTxtRecord": value("b") },
            { "name": "bound.example", "state": "VERIFIED", "dnsTxtRecord": value("c") },
        ],
        "policies": [{ "domain": "bound.example", "connection": "corp" }],
        "zone": [
            { "name": DOMAIN, "values": [value("a")] },
            { "name": "empty.example", "values": [value("b")] },
            { "name": "bound.example", "values": [value("c")] },
        ],
    }));
    let stage = Stage::start(&seed, Asked::default());
    let all = stage.account();
    assert_eq!(all.len(), 3);
    let refused = |words: &str| {
        let refused = stage.run(&["apply", "--yes"]).exits(4);
        assert!(refused.out.contains("domain-in-use"), "{}", refused.out);
        assert!(refused.out.contains(words), "{}", refused.out);
        assert_eq!(stage.account(), all, "nothing is given up, not even what could be");
    };
    let bound = ("bound.example", Some("corp"));
    stage.declare(&[bound]);
    refused("the claim of `acme.example` cannot be given up: one user has it");
    stage.declare(&[(DOMAIN, None)]);
    refused("the claim of `bound.example` cannot be given up: its users sign in by `corp`");
    stage.publish(DOMAIN, &[]);
    stage.declare(&[bound]);
    refused("the claim of `acme.example` cannot be given up");
    // What nobody has is given up.
    stage.publish(DOMAIN, &[&value("a")]);
    stage.declare(&[(DOMAIN, None), bound]);
    stage.run(&["apply", "--yes"]).exits(0).shows("- domain/empty.example");
    assert_eq!(stage.account().len(), 2, "{:?}", stage.account());
}

#[test]
fn a_connection_that_every_administrator_signs_in_by_is_not_edited() {
    let value = "hpe-greenlake-domain-verification=a";
    let of = |administrators: &[&str]| {
        organization(&json!({
            "groups": [{ "displayName": "admins", "members": administrators }],
            "domains": [{ "name": DOMAIN, "state": "VERIFIED", "dnsTxtRecord": value }],
            "policies": [{ "domain": DOMAIN, "connection": "corp" }],
            "zone": [{ "name": DOMAIN, "values": [value] }],
        }))
    };
    let stage = Stage::start(&of(&["ada@acme.example"]), Asked::default());
    stage.declare(&[(DOMAIN, Some("corp"))]);
    stage.run(&["plan", "--detailed-exitcode"]).exits(0);
    stage.declare(&[(DOMAIN, Some("backup"))]);
    let refused = stage.run(&["apply", "--yes"]).exits(4);
    let words = "every administrator signs in by a connection that this plan edits";
    assert!(refused.out.contains(words), "{}", refused.out);
    assert_eq!(stage.account(), [format!("{DOMAIN}: VERIFIED, corp")]);
    // One who signs in another way can mend it.
    let stage = Stage::start(&of(&["ada@acme.example", "rescue@other.example"]), Asked::default());
    stage.declare(&[(DOMAIN, Some("backup"))]);
    stage.run(&["apply", "--yes"]).exits(0);
    assert_eq!(stage.account(), [format!("{DOMAIN}: VERIFIED, backup")]);
}
