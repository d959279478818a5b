//! DNS against what others wrote: our resolver against BIND's `named`, our name server against
//! BIND's `dig`, our zone files against `named-checkzone`; and a domain of HPE GreenLake on its whole
//! way, with `named` serving its zone.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "these tests start servers and write their files")]

#[path = "named/domains.rs"]
mod domains;
#[path = "support/program.rs"]
#[expect(dead_code, reason = "another test uses the rest")]
mod program;
#[path = "greenlake_domains/stage.rs"]
#[expect(dead_code, reason = "another test uses the rest")]
mod stage;
#[path = "greenlake_domains/story.rs"]
mod story;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use muster::edge::dns::{DnsFault, Resolver, ResolverOptions, ZoneServer, ZoneServerOptions};
use muster::provider::greenlake::domains::{Sight, TxtAnswer};
use muster::report::dns_record::{DnsFormat, TxtToPublish, dns_records};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const DOMAIN: &str = "example.com";
const VALUE: &str = "hpe-greenlake-domain-verification=0a0a";
const INSTALL: &str = "install it: apt-get install --yes bind9 bind9-dnsutils";

/// A program of BIND's, wherever it was installed.
fn program(name: &str) -> Command {
    let places = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    let found = places.iter().map(|place| Path::new(place).join(name)).find(|path| path.is_file());
    Command::new(found.unwrap_or_else(|| panic!("there is no `{name}`; {INSTALL}")))
}

/// A zone file of our records, accepted by `named-checkzone`.
fn zone_file(folder: &Path, values: &[&str]) {
    let records: Vec<TxtToPublish> = values
        .iter()
        .map(|value| TxtToPublish {
            zone: DOMAIN.to_owned(),
            name: DOMAIN.to_owned(),
            value: (*value).to_owned(),
        })
        .collect();
    write_zone(folder, (DOMAIN, 1), &dns_records(&records, DnsFormat::Bind));
}

/// A zone file of a zone and its serial, with these records in it.
fn write_zone(folder: &Path, (zone, serial): (&str, u32), records: &str) {
    let text = format!(
        "$TTL 0\n@ IN SOA ns1 hostmaster {serial} 60 60 600 0\n@ IN NS ns1\n\
         ns1 IN A 127.0.0.1\n{records}"
    );
    let path = folder.join("zone");
    fs::write(&path, text).unwrap();
    let checked = program("named-checkzone").arg(zone).arg(&path).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

/// A running `named`; it ends with the test.
struct Named {
    child: Child,
    address: SocketAddr,
}

impl Named {
    /// Starts it on a port that was free a moment ago; another one, when that was too late.
    async fn start(folder: &Path, zone: &str) -> Self {
        for _ in 0..3 {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = free.local_addr().unwrap();
            drop(free);
            let port = address.port();
            let config = format!(
                "options {{ directory \"{0}\"; listen-on port {port} {{ 127.0.0.1; }}; \
                 listen-on-v6 {{ none; }}; recursion no; notify no; pid-file none; \
                 session-keyfile none; dnssec-validation no; }};\ncontrols {{ }};\n\
                 zone \"{zone}\" {{ type primary; file \"zone\"; }};\n",
                folder.display()
            );
            let path = folder.join("named.conf");
            fs::write(&path, config).unwrap();
            let log = fs::File::create(folder.join("log")).unwrap();
            let mut command = program("named");
            command.args(["-g", "-n", "1", "-c"]).arg(&path);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
            let mut named = Self { child: command.spawn().unwrap(), address };
            if named.is_ready(zone).await {
                return named;
            }
        }
        panic!("named does not start: {}", fs::read_to_string(folder.join("log")).unwrap());
    }

    /// Has it read its zone file again.
    fn reload(&self) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), Signal::HUP).unwrap();
    }

    async fn is_ready(&mut self, zone: &str) -> bool {
        let deadline = Duration::from_millis(200);
        let resolver = Resolver::new(ResolverOptions { resolvers: vec![self.address], deadline });
        for _ in 0..300 {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            if !resolver.txt(zone).await[0].answer.is_failed() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resolver(address: SocketAddr) -> Resolver {
    let deadline = Duration::from_secs(20);
    Resolver::new(ResolverOptions { resolvers: vec![address], deadline })
}

#[tokio::test]
async fn our_records_are_served_by_named_and_seen_by_our_resolver() {
    let folder = TempDir::new().unwrap();
    let long = format!("{VALUE}{}", "x".repeat(300));
    let odd = "a \"quoted\" \\ text; with é";
    zone_file(folder.path(), &["v=spf1 -all", VALUE, &long, odd]);
    let named = Named::start(folder.path(), DOMAIN).await;
    let www = "www.example.com".to_owned();
    let seen = resolver(named.address).observe(DOMAIN, &[www]).await;
    assert_eq!(seen.zone.as_deref(), Some(DOMAIN));
    assert_eq!(seen.looks.len(), 2, "the resolver and one server of the zone: {seen:?}");
    for value in ["v=spf1 -all", VALUE, &long, odd] {
        assert_eq!(Sight::of(&seen.looks, Some(value)), Sight::Everywhere, "{value}: {seen:?}");
    }
    assert_eq!(Sight::of(&seen.looks, Some("other")), Sight::Nowhere);
    assert_eq!(seen.elsewhere[0].answer, TxtAnswer::NoSuchName);
    let answer = |name: &'static str| async move {
        resolver(named.address).txt(name).await.remove(0).answer
    };
    assert_eq!(answer("ns1.example.com").await, TxtAnswer::NoRecords);
    assert_eq!(answer("other.example").await, TxtAnswer::Refused(String::new()));
}

/// What `dig` says, with these words added to its question.
async fn dig(address: SocketAddr, words: &'static [&'static str]) -> String {
    let port = address.port().to_string();
    tokio::task::spawn_blocking(move || {
        let mut command = program("dig");
        command.args(["@127.0.0.1", "-p", &port, "+tries=1", "+time=20", "+norecurse"]);
        let output = command.args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn our_name_server_is_understood_by_dig() {
    let server = ZoneServer::start(ZoneServerOptions::default()).await.unwrap();
    server.publish(DOMAIN, &[VALUE]);
    let address = server.address();
    let quoted = format!("\"{VALUE}\"\n");
    assert_eq!(dig(address, &["+short", "TXT", "Example.COM"]).await, quoted);
    assert_eq!(dig(address, &["+short", "+tcp", "TXT", DOMAIN]).await, quoted);
    assert_eq!(dig(address, &["+short", "NS", DOMAIN]).await, "ns1.example.com.\n");
    assert_eq!(dig(address, &["+short", "A", "ns1.example.com"]).await, "127.0.0.1\n");
    assert!(dig(address, &["+short", "SOA", DOMAIN]).await.starts_with("ns1.example.com. "));
    let whole = dig(address, &["TXT", DOMAIN]).await;
    assert!(whole.contains("status: NOERROR") && whole.contains("flags: qr aa;"), "{whole}");
    let none = dig(address, &["TXT", "no.example.com"]).await;
    assert!(none.contains("status: NXDOMAIN") && none.contains("\tSOA\t"), "{none}");
    assert!(dig(address, &["TXT", "other.example"]).await.contains("status: REFUSED"));
    server.spoil(DOMAIN, None, DnsFault::Split(20));
    let (first, second) = VALUE.split_at(20);
    assert_eq!(
        dig(address, &["+short", "TXT", DOMAIN]).await,
        format!("\"{first}\" \"{second}\"\n")
    );
    server.spoil(DOMAIN, None, DnsFault::ServFail);
    assert!(dig(address, &["TXT", DOMAIN]).await.contains("status: SERVFAIL"));
    server.stop().await;
}
