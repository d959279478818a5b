//! Whom a change or a declaration is about, and whether any of them is protected.

use serde_json::Value;

use super::PolicyError;
use crate::config::{Protected, ProtectedNames};
use crate::kind::{Address, Family, Fields, Item, Key};
use crate::plan::Change;

/// The protected names, asked of addresses.
#[derive(Clone, Debug)]
pub struct Protection(ProtectedNames);

impl Protection {
    /// Compiles what `muster.yaml` protects.
    ///
    /// # Errors
    ///
    /// A pattern that is no glob: what cannot be read protects nothing, so nothing goes on.
    pub fn new(protected: &Protected) -> Result<Self, PolicyError> {
        ProtectedNames::of(protected).map(Self).map_err(PolicyError::Pattern)
    }

    /// Whether nothing is protected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this user or group is protected; other kinds by their ends only.
    #[must_use]
    pub fn covers(&self, address: &Address) -> bool {
        match address.family() {
            Family::Subject => self.0.has_user(address.key()),
            Family::Group => self.0.has_group(address.key()),
            Family::Membership | Family::Grant | Family::Scope | Family::Plain => false,
        }
    }

    /// Whether a declared item is about somebody protected: itself, the ends of a link, or the
    /// principal of a binding. Asked of every item of an organization, so it allocates nothing
    /// for the many.
    pub(super) fn covers_item(&self, item: &Item) -> bool {
        let address = &item.address;
        if self.is_empty() {
            return false;
        }
        match address.member() {
            Some(user) => self.0.has_user(user) || self.0.has_group(address.key()),
            None if address.family() == Family::Grant => {
                self.first(&touched(address, [&item.fields])).is_some()
            }
            None => self.covers(address),
        }
    }

    /// The first protected thing among `touched`.
    pub(super) fn first<'a>(&self, touched: &'a [Address]) -> Option<&'a Address> {
        touched.iter().find(|address| self.covers(address))
    }
}

/// Everyone whom an item of this address with these fields is about: itself, the ends of a link,
/// the principal of a binding, and the names its fields give it (a rename has two).
pub(super) fn touched<'a>(
    address: &Address,
    fields: impl IntoIterator<Item = &'a Fields>,
) -> Vec<Address> {
    let mut touched = vec![address.clone()];
    if let Some((group, user)) = address.ends() {
        touched.extend([group, user]);
    }
    let text = |fields: &'a Fields, name: &str| fields.get(name).and_then(Value::as_str);
    for fields in fields {
        match address.family() {
            Family::Subject | Family::Group => {
                let name = address.kind().spec().name.and_then(|name| text(fields, name));
                touched.extend(name.map(|name| Address::new(address.kind(), Key::new(name))));
            }
            Family::Grant => {
                touched.extend(text(fields, "principal").and_then(|held| held.parse().ok()));
            }
            Family::Membership | Family::Scope | Family::Plain => {}
        }
    }
    touched
}

/// Everyone whom a change is about, before and after it.
pub(super) fn touched_by(change: &Change) -> Vec<Address> {
    touched(&change.address, change.before.iter().chain(&change.after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protection(users: &[&str]) -> Protection {
        let users = users.iter().map(|&user| user.to_owned()).collect();
        Protection::new(&Protected { users, groups: vec!["Root-*".into()] }).unwrap()
    }

    #[test]
    fn names_match_without_case_and_by_glob() {
        let protection = protection(&["BG-One@example.com", "*@recovery.example.com"]);
        for name in ["bg-one@Example.COM", "x/y@recovery.example.com"] {
            assert!(protection.covers(&Address::user(name)), "{name}");
        }
        assert!(!protection.covers(&Address::user("bg-two@example.com")));
        assert!(protection.covers(&Address::group("ROOT-one")));
        assert!(!protection.covers(&Address::user("root-one")));
    }

    #[test]
    fn a_binding_is_about_its_principal() {
        let fields = Fields::from_iter([(
            crate::kind::FieldName::fixed("principal"),
            "user/bg@x.org".into(),
        )]);
        let address: Address = "binding/user/bg@x.org/viewer/-".parse().unwrap();
        assert!(touched(&address, [&fields]).contains(&Address::user("bg@x.org")));
    }

    #[test]
    fn a_pattern_that_is_no_glob_is_an_error() {
        let protected = Protected { users: vec!["[a".into()], groups: vec![] };
        let error = Protection::new(&protected).unwrap_err().to_string();
        assert!(error.contains("`protected.users`: `[a` is not a pattern"), "{error}");
    }
}
