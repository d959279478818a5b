//! Role names: one role, however it is written.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the GRN of a predefined HPE GreenLake role begins with; what follows is `provider.name`.
/// Source: HPE GreenLake resource notation.
pub const PREDEFINED_ROLE_PREFIX: &str = "grn:glp/providers/authorization/roles/";

/// The aliases of `roles:` in `muster.yaml`. A role is written as an alias, as `provider.name`,
/// or as a GRN; all three are one role, and reports show the shortest of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    grns: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
}

/// Whether `text` is a predefined role's `provider.name`: two or more parts of letters, digits,
/// `-` and `_`.
fn is_predefined(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    text.contains('.') && text.split('.').all(is_part)
}

fn resolve(written: &str) -> Option<String> {
    if written.starts_with("grn:") {
        return Some(written.to_owned());
    }
    is_predefined(written).then(|| format!("{PREDEFINED_ROLE_PREFIX}{written}"))
}

impl Roles {
    /// Takes the aliases; what one stands for is a GRN or a `provider.name`. Those that stand for
    /// neither are left out and given back.
    #[must_use]
    pub fn new(aliases: &BTreeMap<String, String>) -> (Self, Vec<&str>) {
        let mut roles = Self::default();
        let mut wrong = Vec::new();
        for (alias, role) in aliases {
            match resolve(role) {
                Some(grn) => {
                    // Of two aliases for one role the first in order names it.
                    roles.names.entry(grn.clone()).or_insert_with(|| alias.clone());
                    roles.grns.insert(alias.clone(), grn);
                }
                None => wrong.push(alias.as_str()),
            }
        }
        (roles, wrong)
    }

    /// The GRN of a role as it is written; `None`: it is no alias, no `provider.name` and no GRN.
    #[must_use]
    pub fn grn_of(&self, written: &str) -> Option<String> {
        self.grns.get(written).cloned().or_else(|| resolve(written))
    }

    /// The name people know the role of this GRN by.
    #[must_use]
    pub fn name_of(&self, grn: &str) -> String {
        if let Some(alias) = self.names.get(grn) {
            return alias.clone();
        }
        match grn.strip_prefix(PREDEFINED_ROLE_PREFIX) {
            Some(name) if is_predefined(name) => name.to_owned(),
            _ => grn.to_owned(),
        }
    }

    /// The one name of a role as it is written; what names no role stays as it is.
    #[must_use]
    pub fn canonical(&self, written: &str) -> String {
        self.grn_of(written).map_or_else(|| written.to_owned(), |grn| self.name_of(&grn))
    }

    /// The aliases, in order.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.grns.keys().map(String::as_str)
    }
}

/// The same value with every text in it replaced by what `written` makes of it. Parameters of rules
/// hold names of roles in lists and maps of any depth.
#[must_use]
pub fn with_texts(value: &Value, written: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => written(text).into(),
        Value::Array(items) => items.iter().map(|item| with_texts(item, written)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, item)| (key.clone(), with_texts(item, written))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_role_has_one_name_however_it_is_written() {
        let grn = "grn:glp/providers/authorization/roles/compute-ops-mgmt.administrator";
        let custom = "grn:glp/workspaces/3f/regions/default/providers/authorization/custom-roles/7";
        let aliases = BTreeMap::from([
            ("com-admin".to_owned(), grn.to_owned()),
            ("fleet".to_owned(), "compute-ops-mgmt.administrator".to_owned()),
            ("wrong".to_owned(), "nothing".to_owned()),
        ]);
        let (roles, wrong) = Roles::new(&aliases);
        assert_eq!(wrong, ["wrong"]);
        for written in ["com-admin", "fleet", "compute-ops-mgmt.administrator", grn] {
            assert_eq!(roles.canonical(written), "com-admin");
            assert_eq!(roles.grn_of(written).as_deref(), Some(grn));
        }
        assert_eq!(roles.canonical(custom), custom);
        assert_eq!(roles.canonical("ccs.account-admin"), "ccs.account-admin");
        assert_eq!(roles.grn_of("viewer"), None);
        assert_eq!(roles.canonical("viewer"), "viewer");
    }
}
