//! `muster domains`: how far every domain has come.

use super::args::{DnsTool, DomainsArgs, Format};
use super::exit::{Exit, Failure};
use super::plan::{Sides, both_sides, unread};
use crate::edge::project::ProjectFiles;
use crate::edge::session::DomainView;
use crate::edge::terminal;
use crate::kind::Family;
use crate::live::Live;
use crate::provider::greenlake::domains::{Claim, Look, State, TxtAnswer, unclaimed};
use crate::report::dns_record::{DnsFormat, TxtToPublish, dns_records};
use crate::report::domains::{Domain, Domains, Seen, Unclaimed};
use crate::report::domains::{domains_json, domains_text};
use crate::report::plain;

/// `muster domains`.
pub(super) async fn run(files: ProjectFiles, args: &DomainsArgs) -> Result<Exit, Failure> {
    let Sides { context, session, sight } = both_sides(files, args.target).await?;
    let users = user_names(&sight.live);
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let view = session.domains(&context.desired, &users).await;
    let target = session.target.clone();
    session.close().await;
    let DomainView { claims, is_read } = view.map_err(|error| unread(&error))?;
    if let Some(tool) = args.dns {
        publish(&claims, tool)?;
        return Ok(Exit::Ok);
    }
    let report = Domains {
        organization: context.desired.project.organization.clone(),
        target,
        claims_read: is_read,
        unclaimed: unclaimed(&claims, users)
            .into_iter()
            .map(|one| Unclaimed { domain: one.domain, users: one.users, under: one.under })
            .collect(),
        domains: claims.into_iter().map(shown).collect(),
    };
    match args.format.format {
        Format::Text => terminal::text(&domains_text(&report, terminal::stdout_style()))?,
        Format::Json => terminal::json(&domains_json(&report))?,
    }
    Ok(Exit::Ok)
}

fn user_names(live: &Live) -> Vec<String> {
    let users = live.objects().iter().filter(|object| object.kind.family() == Family::Subject);
    users.map(|user| user.key.as_str().to_owned()).collect()
}

/// Prints the records to publish: of every claim that is pending, or whose record is gone.
fn publish(claims: &[Claim], tool: DnsTool) -> Result<(), Failure> {
    let mut records = Vec::new();
    for claim in claims {
        let is_wanted = claim.state.is_waiting() || claim.state == State::Missing;
        match (&claim.txt, is_wanted) {
            (Some(txt), true) => records.push(TxtToPublish {
                zone: claim.zone.clone().unwrap_or_else(|| claim.domain.clone()),
                name: claim.domain.clone(),
                value: txt.clone(),
            }),
            (None, true) | (_, false) => {
                let (domain, state) = (plain(&claim.domain), claim.state.word());
                terminal::note(&format!("{domain} is {state}: there is nothing to publish.\n"));
            }
        }
    }
    let format = match tool {
        DnsTool::Bind => DnsFormat::Bind,
        DnsTool::Octodns => DnsFormat::Octodns,
        DnsTool::Dnscontrol => DnsFormat::Dnscontrol,
        DnsTool::Terraform => DnsFormat::Terraform,
    };
    terminal::data(&dns_records(&records, format))?;
    Ok(())
}

fn shown(claim: Claim) -> Domain {
    let txt = claim.txt.as_deref();
    let dns = claim.dns.iter().map(|look| seen(look, txt)).collect();
    Domain {
        state: claim.state.word(),
        is_declared: claim.is_declared,
        sight: claim.sight.word(),
        dns,
        problems: claim.problems,
        domain: claim.domain,
        owner: claim.owner,
        txt: claim.txt,
        last_verified: claim.last_verified,
        connection: claim.connection,
        wanted_connection: claim.wanted_connection,
        users: claim.users,
        zone: claim.zone,
    }
}

fn seen(look: &Look, txt: Option<&str>) -> Seen {
    let texts = look.answer.texts();
    let has_value = match (&texts, txt) {
        (Some(texts), Some(txt)) => Some(texts.contains(&txt)),
        _ => None,
    };
    let said = match (&look.answer, has_value) {
        (_, Some(true)) => "has the value".to_owned(),
        (TxtAnswer::NoSuchName, _) => "there is no such name".to_owned(),
        (TxtAnswer::NoRecords, _) => "no TXT record".to_owned(),
        (TxtAnswer::Records(records), has_value) => {
            let plural = if records.len() == 1 { "record" } else { "records" };
            let other = if has_value.is_some() { "other " } else { "" };
            format!("{} {other}TXT {plural}", records.len())
        }
        (failed, _) => failed.failure().unwrap_or_default(),
    };
    let records = texts.unwrap_or_default().into_iter().map(str::to_owned).collect();
    Seen { server: look.server.to_string(), has_value, said, records }
}
