//! Who leads what: domains whose users an integration provisions, and muster's own user.

use std::collections::BTreeMap;

use crate::kind::{Address, KindName};
use crate::live::{Hold, Listing, Object, RemoteId};
use crate::provider::scim::{Origin, Own};

use super::binding::Names;
use super::principal::Who;

/// The e-mail domains in which every user comes from one SCIM integration: HPE lets nobody else
/// create users there. By domain, who that is.
pub(super) fn domains(
    listings: &[Listing],
    own: &BTreeMap<RemoteId, Own>,
) -> BTreeMap<String, String> {
    let mut held: BTreeMap<&str, Option<String>> = BTreeMap::new();
    let users = listings.iter().flat_map(Listing::objects);
    for user in users.filter(|object| object.kind == KindName::User) {
        let Some((_, domain)) = user.key.as_str().rsplit_once('@') else { continue };
        let integration = match own.get(&user.id).map(|own| &own.source) {
            Some(source @ Origin::Integration(_)) => source.manager(),
            _ => None,
        };
        let entry = held.entry(domain).or_insert_with(|| integration.clone());
        if *entry != integration {
            *entry = None;
        }
    }
    let held = held.into_iter();
    held.filter_map(|(domain, who)| Some((domain.to_owned(), who?))).collect()
}

/// Holds muster's own user: a personal API client ends with the user it belongs to.
pub(super) fn own(listings: &mut [Listing], names: &Names) {
    let mine = mine(names);
    let is_mine = |object: &Object| {
        mine.iter().any(|who| who.kind() == object.kind && *who.key() == object.key)
    };
    for object in listings.iter_mut().flat_map(Listing::objects_mut) {
        if object.hold.is_none() && is_mine(object) {
            let who = "whoever runs muster: it signs in as this user";
            object.hold = Some(Hold::Elsewhere(who.to_owned()));
        }
    }
}

/// The users of the directory that muster signs in as.
pub(super) fn mine(names: &Names) -> Vec<Address> {
    let who = names.own.iter().map(|principal| names.principals.who(principal));
    who.filter_map(|who| match who {
        Who::Known(address) if address.kind() == KindName::User => Some(address),
        _ => None,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{Fields, Key};
    use crate::live::{Page, Partial};

    #[test]
    fn a_domain_is_held_when_all_its_users_are_of_one_integration() {
        let scim = |id: &str| Origin::Integration(id.to_owned());
        let users = [
            ("a@held.org", scim("1")),
            ("b@held.org", scim("1")),
            ("a@mixed.org", scim("1")),
            ("b@mixed.org", Origin::Local),
            ("a@two.org", scim("1")),
            ("b@two.org", scim("2")),
            ("c@two.org", scim("2")),
            ("a@other.org", Origin::Organization("9".to_owned())),
        ];
        let objects: Vec<Object> = users
            .iter()
            .map(|(name, _)| Object {
                kind: KindName::User,
                id: RemoteId::new(name),
                key: Key::new(name),
                fields: Fields::new(),
                version: None,
                members: None,
                hold: None,
                seen: crate::live::Seen::default(),
            })
            .collect();
        let own = users.iter().map(|(name, source)| {
            (RemoteId::new(name), Own { source: source.clone(), ..Own::default() })
        });
        let page = Page { start_index: 1, total: objects.len() as u64, objects };
        let listing = Partial::new(KindName::User, vec![page]).prove().unwrap();
        let held = domains(&[listing], &own.collect());
        let who = "the SCIM integration 1".to_owned();
        assert_eq!(held, BTreeMap::from([("held.org".to_owned(), who)]));
    }
}
