//! Principals: who a role assignment is of, and what to call somebody who is to have one.

use std::collections::BTreeMap;

use crate::kind::{Address, KindName};
use crate::live::{Listing, Object, RemoteId};
use crate::provider::scim::Own;

/// Users and groups by what role assignments call them.
#[derive(Clone, Debug, Default)]
pub(super) struct Principals {
    by_id: BTreeMap<(KindName, String), Address>,
    verbatim: BTreeMap<Address, String>,
}

/// Who a role assignment is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// A user or a group of the directory.
    Known(Address),
    /// An API client.
    Client(String),
    /// Somebody the directory does not show, as the assignment writes them.
    Unknown(String),
}

impl Principals {
    /// Those of the directory's listings.
    pub(super) fn new(listings: &[Listing], own: &BTreeMap<RemoteId, Own>) -> Self {
        let mut principals = Self::default();
        for object in listings.iter().flat_map(Listing::objects) {
            let said = own.get(&object.id).and_then(|own| own.principal.as_deref());
            principals.insert(object, said);
        }
        principals
    }

    fn insert(&mut self, object: &Object, said: Option<&str>) {
        let address = Address::new(object.kind, object.key.clone());
        let ids = [Some(object.id.as_str()), said.map(id_of)];
        for id in ids.into_iter().flatten() {
            let id = RemoteId::compare(id).into_owned();
            self.by_id.insert((object.kind, id), address.clone());
        }
        if let Some(said) = said {
            self.verbatim.insert(address, said.to_owned());
        }
    }

    /// Who a principal is.
    pub(super) fn who(&self, principal: &str) -> Who {
        let (kind, id) = match principal.split_once(':') {
            Some(("user", id)) => (KindName::User, id),
            Some(("user-group", id)) => (KindName::Group, id),
            Some(("api-client", id)) => return Who::Client(id.to_owned()),
            _ => return Who::Unknown(principal.to_owned()),
        };
        let found = self.by_id.get(&(kind, RemoteId::compare(id).into_owned()));
        found.map_or_else(|| Who::Unknown(principal.to_owned()), |known| Who::Known(known.clone()))
    }

    /// What the directory said that role assignments call somebody.
    pub(super) fn verbatim(&self, address: &Address) -> Option<&str> {
        self.verbatim.get(address).map(String::as_str)
    }
}

/// What follows the type of a principal.
fn id_of(principal: &str) -> &str {
    principal.split_once(':').map_or(principal, |(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{Fields, Key};

    #[test]
    fn a_principal_is_known_by_its_id_in_either_form() {
        let object = Object {
            kind: KindName::Group,
            id: RemoteId::new("448ebfdb7bc9402f9eb0f9a86c06ca5a"),
            key: Key::new("Admins"),
            fields: Fields::new(),
            version: None,
            members: None,
            hold: None,
            seen: crate::live::Seen::default(),
        };
        let mut principals = Principals::default();
        let said = "user-group:448ebfdb-7bc9-402f-9eb0-f9a86c06ca5a";
        principals.insert(&object, Some(said));
        let admins = Address::group("admins");
        for written in [said, "user-group:448EBFDB7bc9402f9eb0f9a86c06ca5a"] {
            assert_eq!(principals.who(written), Who::Known(admins.clone()));
        }
        assert_eq!(principals.verbatim(&admins), Some(said));
        assert_eq!(principals.who("api-client:7"), Who::Client("7".to_owned()));
        for unknown in ["user:448ebfdb7bc9402f9eb0f9a86c06ca5a", "ada@example.com", "user-group:9"]
        {
            assert_eq!(principals.who(unknown), Who::Unknown(unknown.to_owned()));
        }
    }
}
