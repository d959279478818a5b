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

/// A declared grant that does not hold now.
pub(super) struct Ended {
    /// Whether it is past; it has not begun otherwise.
    pub(super) is_over: bool,
    /// In words.
    pub(super) reason: String,
    /// The line that says so.
    pub(super) source: Option<Source>,
}

impl Builder<'_> {
    /// A role that would be narrowed for somebody protected.
    pub(super) fn refuse_narrowing(&mut self, item: &Item) {
        let message = format!(
            "`{}` would lose a part of its scope, and a member of its holder is protected or \
             unknown",
            item.address
        );
        let remedy = "give the protected account a role of its own first, or keep the scope";
        self.find(about(item, Level::Deny, "protected", message, remedy));
    }

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
    pub(super) fn ended(&self, address: &Address) -> Option<Ended> {
        let item = self.desired.items.get(address)?;
        let grant = item.grant.as_ref().filter(|grant| !grant.holds_at(self.now))?;
        let (is_over, reason) = match (grant.from, grant.until) {
            (_, Some(until)) if self.now > until => {
                (true, format!("the grant ended: until {}", written(until)))
            }
            (Some(from), _) => (false, format!("the grant has not begun: from {}", written(from))),
            _ => return None,
        };
        Some(Ended { is_over, reason, source: item.source.clone() })
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
        let unseen = self.live.capabilities.unheld.contains(&(KindName::Domain, "sso".to_owned()));
        let why = match (count, bound) {
            (0, None) if unseen => "whether a connection needs it is not read (say \
                                   `target.experimental: [domains, sso]`)"
                .to_owned(),
            (0, None) => return false,
            (0, Some(connection)) => format!("its users sign in by `{connection}`"),
            (1, _) => "one user has it".to_owned(),
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
