//! Fills in the facts of domains: what changes do to their claims, and how many people have each.

use std::collections::BTreeMap;

use super::{DomainFacts, Graph};
use crate::kind::{Family, Key};
use crate::plan::{Action, Change};

/// How many addresses stand for all of a domain's users.
const EXAMPLES: usize = 10;

/// The part of a name after the `@`; none where it has no such part.
fn domain_of(user: &str) -> Option<&str> {
    user.rsplit_once('@').map(|(_, domain)| domain).filter(|domain| !domain.is_empty())
}

/// What changes of domains come to.
pub(super) fn changed(domains: &mut BTreeMap<Key, DomainFacts>, changes: &[Change]) {
    for change in changes.iter().filter(|change| change.kind().spec().routes_sign_in) {
        let facts = domains.entry(change.address.key().clone()).or_default();
        facts.claimed = change.action != Action::Delete;
        let sso = change.after.as_ref().and_then(|after| after.get("sso")?.as_str());
        match (sso, change.action) {
            (_, Action::Delete) => facts.sso.1.clear(),
            (Some(sso), _) => sso.clone_into(&mut facts.sso.1),
            (None, _) => {}
        }
    }
}

/// Counts the people of every domain.
pub(super) fn count(graph: &mut Graph) {
    let mut domains = std::mem::take(&mut graph.domains);
    let mut last: Option<(&str, Key)> = None;
    for place in graph.places(Family::Subject) {
        let Some(domain) = domain_of(graph.name(place)) else { continue };
        // One run of names has one domain: most of the time there is nothing to look up.
        let key = match &last {
            Some((text, key)) if *text == domain => key.clone(),
            _ => Key::new(domain),
        };
        last = Some((domain, key.clone()));
        let facts = domains.entry(key).or_default();
        facts.users.0 += u64::from(graph.before.is_present(place));
        if graph.after.is_present(place) {
            facts.users.1 += 1;
            if let (true, Some(node)) = (facts.examples.len() < EXAMPLES, graph.node(place)) {
                facts.examples.push(node.address.clone());
            }
        }
    }
    domains.values_mut().for_each(|facts| facts.examples.sort());
    graph.domains = domains;
}
