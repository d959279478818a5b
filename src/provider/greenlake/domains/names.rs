//! Names: one spelling for a domain, and the names that are mistaken for it.

/// A domain in one spelling: lower case, without the last dot (RFC 4343).
#[must_use]
pub fn fold(domain: &str) -> String {
    let trimmed = domain.trim();
    trimmed.strip_suffix('.').unwrap_or(trimmed).to_ascii_lowercase()
}

/// The mail domain of a `userName`, folded; `None` when it is no address.
#[must_use]
pub fn mail_domain(user_name: &str) -> Option<String> {
    let (local, domain) = user_name.trim().rsplit_once('@')?;
    let domain = fold(domain);
    (!local.is_empty() && !domain.is_empty()).then_some(domain)
}

/// The domain one label up, as long as that has two labels itself.
#[must_use]
pub(super) fn parent(domain: &str) -> Option<&str> {
    let (_, parent) = domain.split_once('.')?;
    parent.contains('.').then_some(parent)
}

/// Where the record of `domain` is put by mistake: below `www`, below a label that other
/// services want, at the parent, and doubled where a zone file's relative name met a full one.
#[must_use]
pub fn elsewhere(domain: &str) -> Vec<String> {
    let domain = fold(domain);
    let mut names: Vec<String> = [
        "www",
        "_hpe-greenlake-domain-verification",
        "hpe-greenlake-domain-verification",
        "_hpe-greenlake",
        "_greenlake",
        "_domain-verification",
    ]
    .iter()
    .map(|label| format!("{label}.{domain}"))
    .collect();
    names.push(format!("{domain}.{domain}"));
    if let Some(parent) = parent(&domain) {
        names.push(format!("{domain}.{parent}"));
        names.push(parent.to_owned());
    }
    names.retain(|name| name.len() <= 253);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_have_one_spelling() {
        assert_eq!(fold(" Example.COM. "), "example.com");
        assert_eq!(mail_domain("Ada@Sub.Example.com").as_deref(), Some("sub.example.com"));
        assert_eq!(mail_domain("\"a@b\"@example.com").as_deref(), Some("example.com"));
        for no_address in ["ada", "@example.com", "ada@", ""] {
            assert_eq!(mail_domain(no_address), None, "{no_address}");
        }
    }

    #[test]
    fn the_top_level_is_never_a_place_to_look() {
        assert_eq!(parent("example.com"), None);
        assert_eq!(parent("sub.example.com"), Some("example.com"));
        let names = elsewhere("sub.example.com");
        assert!(names.contains(&"example.com".to_owned()), "{names:?}");
        assert!(names.contains(&"sub.example.com.example.com".to_owned()), "{names:?}");
        assert!(!elsewhere("example.com").contains(&"com".to_owned()));
    }
}
