//! Addresses: the stable name of one item.

use std::fmt;
use std::str::FromStr;

use super::{Family, Key, KindName};

/// The stable name of one item: its kind and the keys that tell it from others of that kind.
///
/// Written `user/ada@example.com`, `membership/admins/ada@example.com`,
/// `binding/group/admins/viewer/prod`. A `/` or `%` inside a key is written `%2F` or `%25`.
/// Addresses order by dependency rank first, then by name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    kind: KindName,
    key: Key,
    /// The second key of a link: the member of a membership.
    member: Option<Key>,
}

impl Address {
    /// The address of a thing with one key.
    #[must_use]
    pub const fn new(kind: KindName, key: Key) -> Self {
        Self { kind, key, member: None }
    }

    /// The address of a user.
    #[must_use]
    pub fn user(name: &str) -> Self {
        Self::new(KindName::User, Key::new(name))
    }

    /// The address of a group.
    #[must_use]
    pub fn group(name: &str) -> Self {
        Self::new(KindName::Group, Key::new(name))
    }

    /// The address of the subject of this key.
    #[must_use]
    pub const fn of_subject(key: Key) -> Self {
        Self::new(KindName::User, key)
    }

    /// The address of the group of this key.
    #[must_use]
    pub const fn of_group(key: Key) -> Self {
        Self::new(KindName::Group, key)
    }

    /// The address of the claim of a domain.
    #[must_use]
    pub const fn of_claim(domain: Key) -> Self {
        Self::new(KindName::Domain, domain)
    }

    /// The address of one user in one group.
    #[must_use]
    pub const fn membership(group: Key, user: Key) -> Self {
        Self { kind: KindName::Membership, key: group, member: Some(user) }
    }

    /// The address of a thing whose name is unique within one workspace only.
    #[must_use]
    pub fn in_workspace(kind: KindName, workspace: &str, name: &str) -> Self {
        let escape = |text: &str| text.replace('%', "%25").replace('/', "%2F");
        Self::new(kind, Key::new(&format!("{}/{}", escape(workspace), escape(name))))
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> KindName {
        self.kind
    }

    /// The family of the kind.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.kind.family()
    }

    /// The first key: the user's, the group's; of a membership, the group's.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// The second key: of a membership, the user's.
    #[must_use]
    pub const fn member(&self) -> Option<&Key> {
        self.member.as_ref()
    }

    /// Who holds the role, where this is a binding held by a group or a user.
    #[must_use]
    pub fn principal(&self) -> Option<Self> {
        if self.kind != KindName::Binding {
            return None;
        }
        let mut segments = self.key.as_str().splitn(3, '/');
        let (kind, name) = (segments.next()?.parse::<KindName>().ok()?, segments.next()?);
        // Keys are lower case, the escapes in them too.
        let name = name.replace("%2f", "/").replace("%25", "%");
        matches!(kind, KindName::Group | KindName::User).then(|| Self::new(kind, Key::new(&name)))
    }

    /// The address of the same binding, held by `principal`.
    #[must_use]
    pub fn held_by(&self, principal: &Self) -> Self {
        let rest = self.key.as_str().splitn(3, '/').nth(2).unwrap_or_default();
        let name = principal.key.as_str().replace('%', "%25").replace('/', "%2F");
        Self::new(KindName::Binding, Key::new(&format!("{}/{name}/{rest}", principal.kind)))
    }

    /// The group and the user, where this is a membership.
    #[must_use]
    pub fn ends(&self) -> Option<(Self, Self)> {
        let member = self.member.as_ref()?;
        Some((
            Self::new(KindName::Group, self.key.clone()),
            Self::new(KindName::User, member.clone()),
        ))
    }
}

fn write_segment(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for (at, piece) in text.split_inclusive(['/', '%']).enumerate() {
        let _ = at;
        match piece.as_bytes().last() {
            Some(b'/') => write!(f, "{}%2F", &piece[..piece.len() - 1])?,
            Some(b'%') => write!(f, "{}%25", &piece[..piece.len() - 1])?,
            _ => f.write_str(piece)?,
        }
    }
    Ok(())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind)?;
        if self.kind.spec().key_is_path() {
            return f.write_str(self.key.as_str());
        }
        write_segment(f, self.key.as_str())?;
        if let Some(member) = &self.member {
            f.write_str("/")?;
            write_segment(f, member.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is not an address such as `user/ada@example.com`");
        let (kind, rest) = text.split_once('/').ok_or_else(wrong)?;
        let kind: KindName = kind.parse()?;
        let unescape = |part: &str| Key::new(&part.replace("%2F", "/").replace("%25", "%"));
        if rest.is_empty() {
            return Err(wrong());
        }
        if kind.spec().key_is_path() {
            return Ok(Self::new(kind, Key::new(rest)));
        }
        match (kind.spec().is_link(), rest.split_once('/')) {
            (false, None) => Ok(Self::new(kind, unescape(rest))),
            (true, Some((group, user))) if !user.is_empty() && !user.contains('/') => {
                Ok(Self { kind, key: unescape(group), member: Some(unescape(user)) })
            }
            _ => Err(wrong()),
        }
    }
}

impl serde::Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_written() {
        for address in [
            Address::user("Ada@example.com"),
            Address::group("ops/core 100%"),
            Address::membership(Key::new("ops/core"), Key::new("a%2Fb@example.com")),
        ] {
            assert_eq!(address.to_string().parse::<Address>(), Ok(address));
        }
    }

    #[test]
    fn a_binding_knows_its_principal() {
        let address: Address = "binding/group/ops%2Fcore%2520x/viewer/prod".parse().unwrap();
        assert_eq!(address.principal(), Some(Address::group("ops/core%20x")));
        let moved = address.held_by(&Address::user("a/b%c@x.org"));
        assert_eq!(moved.principal(), Some(Address::user("a/b%c@x.org")));
        assert!(moved.to_string().ends_with("/viewer/prod"), "{moved}");
        let client: Address = "binding/api-client/7/viewer/prod".parse().unwrap();
        assert_eq!(client.principal(), None);
        assert_eq!(Address::user("ada").principal(), None);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "user", "user/", "group/a/b", "membership/a", "role/x", "membership/a/b/c"]
        {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
