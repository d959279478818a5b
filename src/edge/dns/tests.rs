//! The resolver against the name server, over loopback.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::*;
use crate::edge::runtime::block_on;
use crate::provider::greenlake::domains::{Look, Observation, Server, TxtAnswer, TxtRecord};

const DOMAIN: &str = "example.com";
const VALUE: &str = "hpe-greenlake-domain-verification=0a0a";
const SECOND: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
/// Long enough for any machine; only what is silent takes it all.
const PATIENCE: Duration = Duration::from_secs(20);
/// For what never answers.
const SHORT: Duration = Duration::from_millis(200);

fn resolver(address: SocketAddr, deadline: Duration) -> Resolver {
    let resolvers = vec![address];
    Resolver::new(ResolverOptions { resolvers, deadline })
}

/// What the server says of the domain when it is spoiled so.
fn spoilt(fault: Option<DnsFault>, deadline: Duration) -> TxtAnswer {
    block_on(async {
        let server = ZoneServer::start(ZoneServerOptions::default()).await.unwrap();
        server.publish(DOMAIN, &[VALUE]);
        if let Some(fault) = fault {
            server.spoil(DOMAIN, None, fault);
        }
        let mut looks = resolver(server.address(), deadline).txt("Example.COM.").await;
        server.stop().await;
        assert_eq!(looks.len(), 1);
        looks.remove(0).answer
    })
    .unwrap()
}

fn records(texts: &[&str], strings: usize) -> TxtAnswer {
    let record = |text: &&str| TxtRecord { text: (*text).to_owned(), strings };
    TxtAnswer::Records(texts.iter().map(record).collect())
}

#[test]
fn every_answer_is_a_case_of_its_own() {
    let quoted = format!("\"{VALUE}\"");
    for (fault, answer) in [
        (None, records(&[VALUE], 1)),
        (Some(DnsFault::Split(10)), records(&[VALUE], 4)),
        (Some(DnsFault::Quoted), records(&[&quoted], 1)),
        (Some(DnsFault::Duplicated), records(&[VALUE, VALUE], 1)),
        (Some(DnsFault::Instead(vec!["old".to_owned()])), records(&["old"], 1)),
        (Some(DnsFault::Instead(vec![])), TxtAnswer::NoRecords),
        (Some(DnsFault::ServFail), TxtAnswer::ServFail(String::new())),
        (Some(DnsFault::Refused), TxtAnswer::Refused(String::new())),
    ] {
        assert_eq!(spoilt(fault.clone(), PATIENCE), answer, "{fault:?}");
    }
    assert_eq!(spoilt(Some(DnsFault::Silent), SHORT), TxtAnswer::TimedOut);
}

#[test]
fn a_zone_is_edited_while_it_is_served() {
    block_on(async {
        let server = ZoneServer::start(ZoneServerOptions::default()).await.unwrap();
        let resolver = resolver(server.address(), PATIENCE);
        let answer = async |name: &str| resolver.txt(name).await.remove(0).answer;
        assert_eq!(answer(DOMAIN).await, TxtAnswer::Refused(String::new()));
        server.add_zone(DOMAIN);
        assert_eq!(answer(DOMAIN).await, TxtAnswer::NoRecords);
        assert_eq!(answer("www.example.com").await, TxtAnswer::NoSuchName);
        server.publish("a.b.example.com", &[VALUE, "v=spf1 -all"]);
        assert_eq!(answer("A.b.Example.com").await, records(&[VALUE, "v=spf1 -all"], 1));
        assert_eq!(answer("b.example.com").await, TxtAnswer::NoRecords);
        server.publish(DOMAIN, &[VALUE]);
        assert_eq!(answer(DOMAIN).await, records(&[VALUE], 1));
        server.remove(DOMAIN);
        assert_eq!(answer(DOMAIN).await, TxtAnswer::NoRecords);
        server.stop().await;
    })
    .unwrap();
}

#[test]
fn what_does_not_fit_into_one_packet_comes_over_tcp_and_whole() {
    block_on(async {
        let server = ZoneServer::start(ZoneServerOptions::default()).await.unwrap();
        let values: Vec<String> = (0..40).map(|n| format!("{n:02}{}", "x".repeat(300))).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        server.publish(DOMAIN, &values);
        let looks = resolver(server.address(), PATIENCE).txt(DOMAIN).await;
        assert_eq!(looks[0].answer, records(&values, 2));
        server.stop().await;
    })
    .unwrap();
}

#[test]
fn a_server_that_is_not_there_says_nothing() {
    block_on(async {
        let server = ZoneServer::start(ZoneServerOptions::default()).await.unwrap();
        let address = server.address();
        server.stop().await;
        let seen = resolver(address, SHORT).observe(DOMAIN, &["www.example.com".into()]).await;
        assert!(!seen.looks.is_empty());
        assert!(seen.looks.iter().all(|look| look.answer.is_failed()), "{seen:?}");
        assert_eq!((seen.zone, seen.elsewhere), (None, vec![]));
    })
    .unwrap();
}

/// Looks at the domain through one resolver and the zone's two servers.
fn observed(domain: &str, spoil: impl Fn(&ZoneServer), deadline: Duration) -> Observation {
    block_on(async {
        let addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), SECOND];
        let server =
            ZoneServer::start(ZoneServerOptions { addresses, ..ZoneServerOptions::default() })
                .await
                .unwrap();
        server.publish(DOMAIN, &[VALUE]);
        spoil(&server);
        let www = format!("www.{domain}");
        let seen = resolver(server.address(), deadline).observe(domain, &[www]).await;
        server.stop().await;
        seen
    })
    .unwrap()
}

fn by_server(looks: &[Look]) -> Vec<(&str, TxtAnswer)> {
    let named = |look: &Look| match &look.server {
        Server::Resolver(_) => "resolver",
        Server::Authority { name, .. } if name.starts_with("ns1.") => "ns1",
        Server::Authority { .. } => "ns2",
        Server::Authorities => "nobody",
    };
    looks.iter().map(|look| (named(look), look.answer.clone())).collect()
}

#[test]
fn the_zones_own_servers_are_found_and_asked() {
    let good = records(&[VALUE], 1);
    let seen = observed(DOMAIN, |_| {}, PATIENCE);
    assert_eq!(seen.zone.as_deref(), Some(DOMAIN));
    let all = ["resolver", "ns1", "ns2"].map(|server| (server, good.clone()));
    assert_eq!(by_server(&seen.looks), all);
    assert_eq!(seen.elsewhere[0].answer, TxtAnswer::NoSuchName);

    // A subdomain without a zone of its own lies in the zone above it.
    let publish = |server: &ZoneServer| server.publish("mail.example.com", &[VALUE]);
    let seen = observed("mail.example.com", publish, PATIENCE);
    assert_eq!(seen.zone.as_deref(), Some(DOMAIN));
    assert_eq!(by_server(&seen.looks), all);
}

#[test]
fn servers_that_differ_are_told_apart() {
    let good = records(&[VALUE], 1);
    for (fault, answer, deadline) in [
        (DnsFault::Instead(vec![]), TxtAnswer::NoRecords, PATIENCE),
        (DnsFault::Instead(vec!["old".to_owned()]), records(&["old"], 1), PATIENCE),
        (DnsFault::ServFail, TxtAnswer::ServFail(String::new()), PATIENCE),
        (DnsFault::Silent, TxtAnswer::TimedOut, Duration::from_secs(3)),
    ] {
        let seen =
            observed(DOMAIN, |server| server.spoil(DOMAIN, Some(SECOND), fault.clone()), deadline);
        let expected = [("resolver", good.clone()), ("ns1", good.clone()), ("ns2", answer)];
        assert_eq!(by_server(&seen.looks), expected, "{fault:?}");
    }
}

#[test]
fn a_server_that_does_not_serve_its_zone_is_not_believed() {
    let seen =
        observed(DOMAIN, |server| server.spoil(DOMAIN, Some(SECOND), DnsFault::Lame), PATIENCE);
    let (name, answer) = by_server(&seen.looks).remove(2);
    assert_eq!(name, "ns2");
    assert!(matches!(&answer, TxtAnswer::Failed(why) if why.contains("lame")), "{answer:?}");
}

#[test]
fn a_name_server_for_rehearsals_stays_on_loopback() {
    block_on(async {
        for address in ["0.0.0.0", "192.0.2.1", "::"] {
            let addresses = vec![address.parse().unwrap()];
            let options = ZoneServerOptions { addresses, ..ZoneServerOptions::default() };
            let refused = ZoneServer::start(options).await.err().unwrap();
            assert_eq!(refused, ZoneError::NotLoopback(address.to_owned()));
        }
    })
    .unwrap();
}
