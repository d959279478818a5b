//! A live organization as YAML that a person can review: sorted, one file a group, only what
//! `manage` asks for, and such that the plan after it is empty.

mod forms;
mod importer;
mod trial;
mod undeclarable;

use std::collections::BTreeMap;

use serde_json::Value;

use self::importer::Importer;
pub use self::trial::undeclarable;
pub use self::undeclarable::Undeclarable;
use crate::config::Project;
use crate::kind::KindName;
use crate::live::Live;

/// What a live organization says, as files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The text of each file, by its path inside the folder they go to.
    pub files: BTreeMap<String, String>,
    /// How many things of each kind were written.
    pub written: BTreeMap<KindName, u64>,
    /// How many were left out, by kind and reason.
    pub left_out: BTreeMap<(KindName, String), u64>,
}

/// Writes what is live and managed, and can be declared. `to_yaml` turns one document into YAML.
///
/// # Errors
///
/// What `to_yaml` says.
pub fn import<E>(
    project: &Project,
    live: &Live,
    undeclarable: &Undeclarable,
    to_yaml: impl Fn(&Value) -> Result<String, E>,
) -> Result<Imported, E> {
    let mut importer = Importer::new(project, live, undeclarable);
    let documents = importer.documents();
    let files = documents.iter().map(|(path, document)| Ok((path.clone(), to_yaml(document)?)));
    let files = files.collect::<Result<_, E>>()?;
    let Importer { written, left_out, .. } = importer;
    Ok(Imported { files, written, left_out })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::json;

    use super::forms::{path, said};
    use crate::config::{SourceText, parse};
    use crate::kind::Address;

    fn source(name: &str, text: &str) -> SourceText {
        SourceText { name: Arc::from(name), bytes: text.as_bytes().to_vec() }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn what_a_target_says_is_what_the_file_says(
            title in "[ -~\u{e4}\u{f6}\u{20ac}]{1,40}",
            number in "[-+.0-9eExXoO_:]{1,12}",
        ) {
            // A text of blanks is never imported: `blanks_are_not_imported`.
            prop_assume!(!title.trim().is_empty());
            let document = json!({"users": {"ada@x.org": {"title": title, "nickName": number}}});
            let text = serde_yaml::to_string(&document).unwrap();
            let project = source("muster.yaml", "organization: a\ntarget: { provider: sandbox }\n\
                manage: { users: { domains: ['*'] } }\n");
            let (desired, _) = parse(&project, &[source("users.yaml", &text)], 1).unwrap();
            let ada = desired.items.get(&Address::user("ada@x.org")).unwrap();
            prop_assert_eq!(ada.fields.get("title").unwrap(), &document["users"]["ada@x.org"]["title"]);
            prop_assert_eq!(ada.fields.get("nickName").unwrap(), &document["users"]["ada@x.org"]["nickName"]);
        }
    }

    #[test]
    fn blanks_are_not_imported() {
        assert_eq!(said(&json!(" ")), None);
        assert_eq!(said(&json!({"givenName": "\u{a0}"})), None);
        let name = json!({"givenName": " ", "familyName": " Lovelace"});
        assert_eq!(said(&name), Some(json!({"familyName": " Lovelace"})));
        assert_eq!(said(&json!([" "])), Some(json!([" "])));
    }

    #[test]
    fn every_group_has_a_file_of_its_own() {
        let mut taken = BTreeSet::new();
        let paths: Vec<String> = ["Ops", "ops", "a/b", "..", "\u{fc}", "con"]
            .iter()
            .map(|name| path(name, &mut taken))
            .collect();
        let wanted = ["ops", "ops-2", "a-b", "group", "group-2", "con"];
        assert_eq!(paths, wanted.map(|name| format!("groups/{name}.yaml")));
    }
}
