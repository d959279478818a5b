//! What is declared and left as it is: another system provisions it, or it waits for something
//! outside.

use crate::kind::{Family, Item};
use crate::live::{Capabilities, Hold};
use crate::plan::diff::{Found, Wanted};
use crate::plan::draft::Draft;
use crate::plan::inputs::Inputs;
use crate::plan::{Change, Finding, Level, Waiting};

/// The part of a user's name that routes its sign-in.
pub(super) fn domain_of(user: &str) -> Option<&str> {
    user.rsplit_once('@').map(|(_, domain)| domain)
}

/// Takes out users to be made in a domain whose users another system provisions: the target would
/// refuse to create them.
pub(super) fn domains<'a>(inputs: Inputs<'a>, wanted: Vec<Wanted<'a>>) -> (Vec<Wanted<'a>>, Draft) {
    let mut findings = Vec::new();
    let mut stays = |one: &Wanted<'_>| {
        let by = matches!(one.found, Found::Missing)
            .then(|| provisioned_by(one.item, &inputs.live.capabilities))
            .flatten();
        findings.extend(by.map(|who| {
            let message = format!(
                "`{}` cannot be created: users of its domain are managed by {who}",
                one.item.address
            );
            let remedy =
                "create the user there first; groups and roles can be given here afterwards";
            Finding::about(one.item, Level::Deny, "managed-elsewhere", message, remedy)
        }));
        by.is_none()
    };
    let wanted = wanted.into_iter().filter(|one| stays(one)).collect();
    (wanted, Draft::from(findings))
}

/// Whoever provisions the users of the domain that a user's name is in.
fn provisioned_by<'a>(item: &Item, capabilities: &'a Capabilities) -> Option<&'a String> {
    let name = item.address.key().as_str();
    let domain = domain_of(name).filter(|_| item.address.family() == Family::Subject)?;
    capabilities.held_domains.get(domain)
}

/// Takes out changes of objects that another system manages or that wait for something.
pub(super) fn objects<'a>(_: Inputs<'a>, mut wanted: Vec<Wanted<'a>>) -> (Vec<Wanted<'a>>, Draft) {
    let mut draft = Draft::default();
    for Wanted { item, found, change, .. } in &mut wanted {
        let Found::Live(object) = found else { continue };
        let Some(hold) = &object.hold else { continue };
        match (hold, change.take()) {
            (Hold::Elsewhere(who), Some(change)) => {
                draft.findings.push(elsewhere(item, who, &change));
            }
            (Hold::Elsewhere(_), None) => {}
            (Hold::Waiting(why), _) => draft.waiting.push(Waiting {
                address: item.address.clone(),
                why: why.clone(),
                source: item.source.clone(),
            }),
        }
    }
    (wanted, draft)
}

fn elsewhere(item: &Item, who: &str, change: &Change) -> Finding {
    let names: Vec<String> = change.fields.iter().map(|name| format!("`{name}`")).collect();
    let message =
        format!("{} of `{}` refused: it is managed by {who}", names.join(", "), item.address);
    let remedy = "change it there, or take what differs out of the YAML";
    Finding::about(item, Level::Warn, "managed-elsewhere", message, remedy)
}
