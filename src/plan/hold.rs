//! What is left as it is although it is declared: it belongs to somebody else, it waits for
//! something outside, or others still depend on it.

use super::builder::Builder;
use super::objects::about;
use super::{Finding, Level, Waiting};
use crate::kind::{Address, FieldName, Item, KindName, Source, written};
use crate::live::{Hold, Object};

/// The part of a user's name that routes its sign-in.
fn domain_of(user: &str) -> Option<&str> {
    user.rsplit_once('@').map(|(_, domain)| domain)
}

impl Builder<'_> {
    /// Says why a declared object is not changed now.
    pub(super) fn note_hold(&mut self, item: &Item, hold: &Hold, changed: &[FieldName]) {
        match hold {
            Hold::Elsewhere(who) if !changed.is_empty() => {
                let names: Vec<String> = changed.iter().map(|name| format!("`{name}`")).collect();
                let message = format!(
                    "{} of `{}` refused: it is managed by {who}",
                    names.join(", "),
                    item.address
                );
                let remedy = "change it there, or take what differs out of the YAML";
                self.find(about(item, Level::Warn, "managed-elsewhere", message, remedy));
            }
            Hold::Elsewhere(_) => {}
            Hold::Waiting(why) => self.waiting.push(Waiting {
                address: item.address.clone(),
                why: why.clone(),
                source: item.source.clone(),
            }),
        }
    }

    /// Whether somebody else provisions the users of this user's domain: the target would refuse
    /// to create it.
    pub(super) fn refuses_held_domain(&mut self, item: &Item) -> bool {
        let key = item.address.key();
        let domain = domain_of(key.as_str()).filter(|_| item.address.kind() == KindName::User);
        let held = &self.live.capabilities.held_domains;
        let Some(who) = domain.and_then(|domain| held.get(domain)) else { return false };
        let message = format!(
            "`{}` cannot be created: users of its domain are managed by {who}",
            item.address
        );
        let remedy = "create the user there first; groups and roles can be given here afterwards";
        self.find(about(item, Level::Deny, "managed-elsewhere", message, remedy));
        true
    }

    /// Whether the members of a group are somebody else's to change, said once.
    pub(super) fn refuses_members(&mut self, item: &Item, group: Option<&Object>) -> bool {
        let Some(Hold::Elsewhere(who)) = group.and_then(|group| group.hold.as_ref()) else {
            return false;
        };
        let message = format!("the members of `{}` are managed by {who}", item.address);
        let remedy = "leave `members` out of the YAML, or use a group of your own";
        self.find(about(item, Level::Warn, "managed-elsewhere", message, remedy));
        true
    }

    /// Why and where a declared grant does not hold any more, or not yet; `None`: nobody declares
    /// it.
    pub(super) fn ended(&self, address: &Address) -> Option<(String, Option<Source>)> {
        let item = self.desired.items.get(address)?;
        let grant = item.grant.as_ref().filter(|grant| !grant.holds_at(self.now))?;
        let reason = match (grant.from, grant.until) {
            (_, Some(until)) if self.now > until => {
                format!("the grant ended: until {}", written(until))
            }
            (Some(from), _) => format!("the grant has not begun: from {}", written(from)),
            _ => return None,
        };
        Some((reason, item.source.clone()))
    }

    /// Whether a claim cannot be given up: users would lose their domain, or the way they sign in.
    pub(super) fn refuses_unclaim(&mut self, address: &Address, object: &Object) -> bool {
        if object.kind != KindName::Domain {
            return false;
        }
        let is_of = |user: &str| domain_of(user) == Some(object.key.as_str());
        let live = self.live.objects().iter();
        let users = live.filter(|user| user.kind == KindName::User && is_of(user.key.as_str()));
        let count = users.count();
        let bound = object.fields.get("sso").and_then(serde_json::Value::as_str);
        let why = match (count, bound) {
            (0, None) => return false,
            (0, Some(connection)) => format!("its users sign in by `{connection}`"),
            (count, _) => format!("{count} users have it"),
        };
        self.find(Finding {
            level: Level::Deny,
            id: "domain-in-use".to_owned(),
            message: format!("the claim of `{}` cannot be given up: {why}", object.key),
            addresses: vec![address.clone()],
            source: self.manage_source(),
            remedy: "declare the domain, or move its users and its connection first".to_owned(),
        });
        true
    }
}
