//! The state machine: from what is declared, what the account says and what DNS says, how far
//! every domain has come.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::{Claim, State, problem};
use super::dns::Observation;
use super::names::fold;
use super::problem;
use super::rows::{Account, Lifecycle, PolicyRow, RequestRow, VerifiedRow};
use super::sight::Sight;
use super::subject::{Declared, by_domain};
use crate::kind::Diagnostic;

/// The problem of a domain that wants a connection which is not there.
pub const CONNECTION_MISSING: &str = "connection-missing";

/// All that is known.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'f> {
    /// The domains of the YAML.
    pub declared: &'f [Declared],
    /// What the account says; `None` when it was not asked.
    pub account: Option<&'f Account>,
    /// What DNS says, by folded domain.
    pub dns: &'f BTreeMap<String, Observation>,
    /// The `userName` of every user.
    pub users: &'f [&'f str],
}

/// How far every domain has come that is declared, claimed or verified, by name.
#[must_use]
pub fn claims(facts: &Facts<'_>) -> Vec<Claim> {
    let mut domains: BTreeSet<String> =
        facts.declared.iter().map(|one| fold(&one.domain)).collect();
    if let Some(account) = facts.account {
        domains.extend(account.requests.iter().map(|row| fold(&row.name)));
        domains.extend(account.verified.iter().map(|row| fold(&row.name)));
    }
    let users = by_domain(facts.users.iter().copied());
    domains
        .into_iter()
        .map(|domain| {
            let count = users.get(&domain).copied().unwrap_or_default();
            one(facts, domain, count)
        })
        .collect()
}

fn one(facts: &Facts<'_>, domain: String, users: usize) -> Claim {
    let declared = facts.declared.iter().find(|one| fold(&one.domain) == domain);
    let mut problems = Vec::new();
    let rows = facts.account.map(|account| Rows::of(account, &domain));
    let request = rows.as_ref().and_then(|rows| rows.request(&mut problems));
    let txt = request.and_then(|row| row.txt.clone());
    let seen = facts.dns.get(&domain);
    let looks = seen.map(|seen| seen.looks.clone()).unwrap_or_default();
    let sight = Sight::of(&looks, txt.as_deref());
    if let Some(seen) = seen {
        problems.extend(problem::in_dns(seen, txt.as_deref()));
    }
    let wanted = declared.and_then(|one| one.sso.clone());
    let bound = facts.account.map(|account| Binding::of(account, &domain)).unwrap_or_default();
    let state = match &rows {
        None => State::NotAsked,
        Some(rows) => state(request, rows.verified, sight, &bound),
    };
    problems.extend(of_the_state(&state, &domain, txt.as_deref()));
    problems.extend(bound.problems(&domain, wanted.as_deref(), facts.account));
    Claim {
        is_declared: declared.is_some(),
        is_sso_read: facts.account.is_some_and(|account| account.sso.is_some()),
        last_verified: request.and_then(|row| row.last_verified.clone()),
        request_id: request.map(|row| row.id.clone()),
        domain_id: rows.and_then(|rows| rows.verified).map(|row| row.id.clone()),
        policy: bound.policy.map(|policy| policy.id.clone()),
        connection: bound.connection,
        wanted_connection: wanted,
        owner: declared.and_then(|one| one.owner.clone()),
        zone: seen.and_then(|seen| seen.zone.clone()),
        domain,
        state,
        txt,
        sight,
        dns: looks,
        users,
        problems,
    }
}

/// The rows of one domain.
struct Rows<'a> {
    requests: Vec<&'a RequestRow>,
    verified: Option<&'a VerifiedRow>,
}

impl<'a> Rows<'a> {
    fn of(account: &'a Account, domain: &str) -> Self {
        let requests = account.requests.iter().filter(|row| fold(&row.name) == domain);
        let verified = account.verified.iter().find(|row| fold(&row.name) == domain);
        Self { requests: requests.collect(), verified }
    }

    /// The claim that counts: a verified one before a pending one, before any other.
    fn request(&self, problems: &mut Vec<Diagnostic>) -> Option<&'a RequestRow> {
        let rank = |row: &&&RequestRow| match row.lifecycle {
            Lifecycle::Verified => 0,
            Lifecycle::Pending => 1,
            Lifecycle::Other(_) => 2,
        };
        let first = self.requests.iter().min_by_key(rank).copied()?;
        if self.requests.len() > 1 {
            problems.push(problem(
                "claimed-twice",
                format!("`{}` has {} claims", first.name, self.requests.len()),
                format!("only one of them counts, and `{}` is taken for it", first.id),
                "drop the others",
            ));
        }
        Some(first)
    }
}

/// How far one domain has come. The two lists must agree before anything is called verified.
fn state(
    request: Option<&RequestRow>,
    verified: Option<&VerifiedRow>,
    sight: Sight,
    bound: &Binding<'_>,
) -> State {
    match (request.map(|row| &row.lifecycle), verified) {
        (None, None) => State::Unclaimed,
        (Some(Lifecycle::Other(word)), _) => State::Unclear(format!(
            "its claim is in the state `{word}`, which nobody has described"
        )),
        (Some(Lifecycle::Verified), None) => State::Unclear(
            "its claim is `VERIFIED`, but it is not among the verified domains".to_owned(),
        ),
        (Some(Lifecycle::Pending), Some(_)) => State::Unclear(
            "it is among the verified domains, but its claim is `PENDING`".to_owned(),
        ),
        (Some(Lifecycle::Pending), None) => match sight {
            Sight::Everywhere => State::Published,
            Sight::Somewhere => State::PartlyPublished,
            Sight::Nowhere | Sight::Unknown => State::Claimed,
        },
        (None | Some(Lifecycle::Verified), Some(_)) => match (sight, &bound.connection) {
            (Sight::Nowhere, _) => State::Missing,
            (_, Some(connection)) => State::Bound(connection.clone()),
            (_, None) => State::Verified,
        },
    }
}

fn of_the_state(state: &State, domain: &str, txt: Option<&str>) -> Option<Diagnostic> {
    let problem = |id, what: String, why: &str, remedy: &str| Some(problem(id, what, why, remedy));
    match (state, txt) {
        (State::NotAsked, _) => problem(
            "claim-by-hand",
            format!("whether `{domain}` is claimed was not asked"),
            "HPE published no interface for claims, and muster uses it only when told to",
            "claim it in GreenLake (organization, domains), publish the TXT value shown there at \
             the domain itself, and wait until it is verified; or add `domains` to \
             `target.experimental`",
        ),
        (State::Missing, _) => problem(
            "txt-gone",
            format!("the TXT record of `{domain}` is gone from every server asked"),
            "HPE looks again from time to time, and a claim without its record becomes invalid",
            "publish the value that is shown once more",
        ),
        (State::Unclear(words), _) => problem(
            "claim-unclear",
            format!("`{domain}` is not taken for verified: {words}"),
            "what is not understood is left alone",
            "look at the domain in GreenLake, then run again",
        ),
        (State::Claimed, None) => problem(
            "txt-unknown",
            format!("`{domain}` is claimed, and its TXT value is not said"),
            "without it nothing can be published",
            "look at the domain in GreenLake",
        ),
        _ => None,
    }
}

/// The authentication policy of a domain, and the connection it names.
#[derive(Default)]
struct Binding<'a> {
    policy: Option<&'a PolicyRow>,
    /// Other policies for the same domain.
    others: usize,
    connection: Option<String>,
    /// The connection's id is not among the connections.
    is_unknown: bool,
    is_going: bool,
}

impl<'a> Binding<'a> {
    fn of(account: &'a Account, domain: &str) -> Self {
        let Some((policies, profiles)) = &account.sso else { return Self::default() };
        let is_for = |policy: &&PolicyRow| {
            policy.policy_type == "DOMAIN_VERIFIED"
                && policy.domain.as_deref().map(fold).as_deref() == Some(domain)
        };
        let mut all = policies.iter().filter(is_for);
        let Some(policy) = all.next() else { return Self::default() };
        let state = policy.state.as_deref().unwrap_or_default();
        let is_going = state.to_ascii_lowercase().starts_with("delet");
        let source = match policy.action.as_deref() {
            Some("SSO_PROFILE") if !is_going => policy.auth_source.as_deref(),
            _ => None,
        };
        let named = source.map(|id| profiles.iter().find(|profile| profile.id == id));
        let connection = match (named, source) {
            (Some(Some(profile)), _) => Some(profile.name.clone()),
            (Some(None), Some(id)) => Some(id.to_owned()),
            _ => None,
        };
        let is_unknown = matches!(named, Some(None));
        Self { policy: Some(policy), others: all.count(), connection, is_unknown, is_going }
    }

    fn problems(
        &self,
        domain: &str,
        wanted: Option<&str>,
        account: Option<&Account>,
    ) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let mut add = |id, what: String, why: &str, remedy: String| {
            problems.push(problem(id, what, why, remedy));
        };
        if self.others > 0 {
            let what = format!("`{domain}` has {} authentication policies", self.others + 1);
            let why = "which of them routes its users is not known";
            add("policy-twice", what, why, "delete all but one in GreenLake".to_owned());
        }
        if self.is_going {
            let what = format!("the authentication policy of `{domain}` is being deleted");
            add("policy-going", what, "it is not relied on", "run again in a moment".to_owned());
        }
        if self.is_unknown {
            let connection = self.connection.as_deref().unwrap_or_default();
            let what = format!("`{domain}` is bound to the connection `{connection}`");
            let why = "no connection of the account has that id";
            add("connection-unknown", what, why, "look at the policy in GreenLake".to_owned());
        }
        let Some((_, profiles)) = account.and_then(|account| account.sso.as_ref()) else {
            return problems;
        };
        let Some(wanted) = wanted else { return problems };
        if !profiles.iter().any(|profile| profile.name == wanted) {
            let names: Vec<&str> = profiles.iter().map(|one| one.name.as_str()).collect();
            let what = format!("`{domain}` wants the connection `{wanted}`, and there is none");
            let remedy = match names.as_slice() {
                [] => "make the connection in GreenLake: the account has none".to_owned(),
                names => format!("choose one of {}, or make it in GreenLake", names.join(", ")),
            };
            add(CONNECTION_MISSING, what, "muster makes no connections: they hold secrets", remedy);
        } else if self.connection.as_deref().is_some_and(|bound| bound != wanted) {
            let bound = self.connection.as_deref().unwrap_or_default();
            let what = format!("`{domain}` wants `{wanted}`, and is bound to `{bound}`");
            add("connection-differs", what, "its users sign in elsewhere", "apply".to_owned());
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::greenlake::domains::dns::{Look, Server, TxtAnswer, TxtRecord};
    use crate::provider::greenlake::domains::mistake::PREFIX;
    use crate::provider::greenlake::domains::{ProfileRow, unclaimed};

    const DOMAIN: &str = "example.com";

    fn token() -> String {
        format!("{PREFIX}{}", "0a".repeat(32))
    }

    fn stale() -> String {
        format!("{PREFIX}{}", "0b".repeat(32))
    }

    fn records(texts: &[&str]) -> TxtAnswer {
        let record = |text: &&str| TxtRecord { text: (*text).to_owned(), strings: 1 };
        TxtAnswer::Records(texts.iter().map(record).collect())
    }

    fn seen(answers: &[TxtAnswer]) -> Observation {
        let look = |(at, answer): (usize, &TxtAnswer)| Look {
            server: Server::Resolver(format!("192.0.2.{at}:53")),
            name: DOMAIN.to_owned(),
            answer: answer.clone(),
        };
        Observation {
            domain: DOMAIN.to_owned(),
            zone: Some(DOMAIN.to_owned()),
            looks: answers.iter().enumerate().map(look).collect(),
            elsewhere: Vec::new(),
        }
    }

    fn account(word: Option<&str>, verified: bool) -> Account {
        let request = |word: &str| RequestRow {
            id: "r1".to_owned(),
            name: DOMAIN.to_owned(),
            lifecycle: Lifecycle::from_wire(word),
            txt: Some(token()),
            last_verified: None,
        };
        let row = VerifiedRow { id: "d1".to_owned(), name: DOMAIN.to_owned() };
        Account {
            requests: word.map(request).into_iter().collect(),
            verified: verified.then_some(row).into_iter().collect(),
            sso: None,
        }
    }

    fn judged(account: Option<&Account>, seen: Observation) -> Claim {
        let dns = BTreeMap::from([(DOMAIN.to_owned(), seen)]);
        let declared = Declared { domain: "Example.com".to_owned(), owner: None, sso: None };
        let facts = Facts { declared: &[declared], account, dns: &dns, users: &[] };
        claims(&facts).pop().unwrap()
    }

    fn ids(claim: &Claim) -> Vec<&'static str> {
        claim.problems.iter().map(|problem| problem.id).collect()
    }

    #[test]
    fn a_pending_claim_is_what_dns_shows() {
        let token = token();
        let (good, spf) = (records(&["v=spf1 -all", &token]), records(&["v=spf1 -all"]));
        let (none, nx) = (TxtAnswer::NoRecords, TxtAnswer::NoSuchName);
        let late = TxtAnswer::TimedOut;
        let broken = TxtAnswer::ServFail(String::new());
        let refused = TxtAnswer::Refused(String::new());
        let quoted = records(&[&format!("\"{token}\"")]);
        let old = records(&[&stale()]);
        let table: &[(&[&TxtAnswer], State, Sight, &[&str])] = &[
            (&[&good, &good], State::Published, Sight::Everywhere, &[]),
            (&[&good, &none], State::PartlyPublished, Sight::Somewhere, &["servers-differ"]),
            (&[&good, &late], State::PartlyPublished, Sight::Somewhere, &["dns-timed-out"]),
            (&[&good, &broken], State::PartlyPublished, Sight::Somewhere, &["dns-servfail"]),
            (&[&spf, &nx], State::Claimed, Sight::Nowhere, &[]),
            (&[&none, &late], State::Claimed, Sight::Unknown, &["dns-timed-out"]),
            (&[&late, &refused], State::Claimed, Sight::Unknown, &["dns-timed-out", "dns-refused"]),
            (&[], State::Claimed, Sight::Unknown, &[]),
            (&[&quoted, &quoted], State::Claimed, Sight::Nowhere, &["txt-quoted"]),
            (&[&old, &old], State::Claimed, Sight::Nowhere, &["txt-stale"]),
            (
                &[&good, &old],
                State::PartlyPublished,
                Sight::Somewhere,
                &["txt-stale", "servers-differ"],
            ),
        ];
        for (answers, state, sight, problems) in table {
            let answers: Vec<TxtAnswer> = answers.iter().map(|&one| one.clone()).collect();
            let claim = judged(Some(&account(Some("PENDING"), false)), seen(&answers));
            assert_eq!((&claim.state, claim.sight), (state, *sight), "{answers:?}");
            assert_eq!(ids(&claim), *problems, "{answers:?}");
        }
    }

    #[test]
    fn a_verified_claim_is_missing_only_when_every_server_says_so() {
        let token = token();
        let verified = account(Some("VERIFIED"), true);
        let good = records(&[&token]);
        for (answers, state) in [
            (vec![good.clone(), good.clone()], State::Verified),
            (vec![good.clone(), TxtAnswer::NoRecords], State::Verified),
            (vec![TxtAnswer::NoSuchName, TxtAnswer::TimedOut], State::Verified),
            (vec![TxtAnswer::TimedOut, TxtAnswer::ServFail(String::new())], State::Verified),
            (vec![], State::Verified),
            (vec![TxtAnswer::NoSuchName, records(&["v=spf1 -all"])], State::Missing),
            (vec![records(&[&stale()])], State::Missing),
        ] {
            assert_eq!(judged(Some(&verified), seen(&answers)).state, state, "{answers:?}");
        }
    }

    #[test]
    fn nothing_but_both_lists_together_is_verified() {
        let token = token();
        let published = || seen(&[records(&[&token])]);
        for (word, listed, expected) in [
            (None, false, "unclaimed"),
            (None, true, "verified"),
            (Some("PENDING"), false, "published"),
            (Some("PENDING"), true, "unclear"),
            (Some("VERIFIED"), false, "unclear"),
            (Some("VERIFIED"), true, "verified"),
            (Some("verified"), true, "unclear"),
            (Some("EXPIRED"), true, "unclear"),
            (Some("EXPIRED"), false, "unclear"),
        ] {
            let claim = judged(Some(&account(word, listed)), published());
            assert_eq!(claim.state.word(), expected, "{word:?} {listed}");
        }
        assert_eq!(judged(None, published()).state, State::NotAsked);
        assert_eq!(ids(&judged(None, published())), ["txt-of-a-claim", "claim-by-hand"]);
    }

    #[test]
    fn records_that_do_no_harm_are_named_all_the_same() {
        let token = token();
        let pending = account(Some("PENDING"), false);
        let split = TxtRecord { text: token.clone(), strings: 2 };
        let claim = judged(Some(&pending), seen(&[TxtAnswer::Records(vec![split])]));
        assert_eq!((claim.state.word(), ids(&claim)), ("published", vec!["txt-split"]));
        let claim = judged(Some(&pending), seen(&[records(&[&token, &token])]));
        assert_eq!((claim.state.word(), ids(&claim)), ("published", vec!["txt-duplicated"]));
        let claim = judged(Some(&pending), seen(&[records(&[&stale(), &token])]));
        assert_eq!((claim.state.word(), ids(&claim)), ("published", vec!["txt-stale"]));
        assert!(claim.problems[0].why.starts_with("it does no harm"), "{:?}", claim.problems);
    }

    #[test]
    fn a_record_at_the_wrong_name_is_found() {
        let token = token();
        let mut at_www = seen(&[TxtAnswer::NoRecords]);
        at_www.elsewhere = vec![Look {
            server: Server::Resolver("192.0.2.0:53".to_owned()),
            name: "www.example.com".to_owned(),
            answer: records(&[&format!("\"{token}\"")]),
        }];
        let claim = judged(Some(&account(Some("PENDING"), false)), at_www);
        assert_eq!((claim.state.word(), ids(&claim)), ("claimed", vec!["txt-wrong-name"]));
        assert!(claim.problems[0].what.contains("`www.example.com`"));
    }

    fn bound(action: &str, source: &str, state: &str, wanted: Option<&str>) -> Claim {
        let policy = PolicyRow {
            id: "p1".to_owned(),
            policy_type: "DOMAIN_VERIFIED".to_owned(),
            domain: Some("EXAMPLE.com".to_owned()),
            action: Some(action.to_owned()),
            auth_source: Some(source.to_owned()),
            state: Some(state.to_owned()),
        };
        let profile = ProfileRow { id: "s1".to_owned(), name: "corp".to_owned() };
        let mut account = account(Some("VERIFIED"), true);
        account.sso = Some((vec![policy], vec![profile]));
        let sso = wanted.map(str::to_owned);
        let declared = Declared { domain: DOMAIN.to_owned(), owner: None, sso };
        let facts = Facts {
            declared: &[declared],
            account: Some(&account),
            dns: &BTreeMap::new(),
            users: &["a@example.com", "b@Example.com", "c@sub.example.com", "d@other.example"],
        };
        claims(&facts).pop().unwrap()
    }

    #[test]
    fn a_domain_is_bound_by_a_policy_that_names_a_connection() {
        let state = |claim: Claim| (claim.state.clone(), ids(&claim));
        let corp = State::Bound("corp".to_owned());
        assert_eq!(state(bound("SSO_PROFILE", "s1", "Active", Some("corp"))), (corp, vec![]));
        let by_id = State::Bound("s9".to_owned());
        let expected = (by_id, vec!["connection-unknown"]);
        assert_eq!(state(bound("SSO_PROFILE", "s9", "Active", None)), expected);
        assert_eq!(state(bound("DEFAULT", "", "Active", None)), (State::Verified, vec![]));
        let expected = (State::Verified, vec!["policy-going"]);
        assert_eq!(state(bound("SSO_PROFILE", "s1", "Deleting", None)), expected);
        let missing = bound("SSO_PROFILE", "s1", "Active", Some("other"));
        assert_eq!(ids(&missing), ["connection-missing"]);
    }

    #[test]
    fn users_count_for_their_own_domain_and_others_are_unclaimed() {
        let claim = bound("SSO_PROFILE", "s1", "Active", None);
        assert_eq!(claim.users, 2);
        let users = ["a@example.com", "c@sub.example.com", "d@other.example", "no-address"];
        let found: Vec<_> = unclaimed(&[claim], users)
            .into_iter()
            .map(|one| (one.domain, one.users, one.under))
            .collect();
        let under = Some(DOMAIN.to_owned());
        assert_eq!(
            found,
            [("other.example".to_owned(), 1, None), ("sub.example.com".to_owned(), 1, under)]
        );
    }
}
