//! Finds what is live and cannot be declared, by trying.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::forms::{binding, written_key};
use super::importer::Importer;
use super::undeclarable::Undeclarable;
use crate::config::{Diagnostics, Project, Severity, SourceText, parse};
use crate::kind::{Address, Family, Key, look_alike_form};
use crate::live::{Live, Object};

/// Tries every object by itself: what the reader of the files says of it decides.
///
/// # Errors
///
/// What `to_yaml` says.
pub fn undeclarable<E>(
    project_file: &SourceText,
    (project, live): (&Project, &Live),
    to_yaml: impl Fn(&Value) -> Result<String, E>,
) -> Result<Undeclarable, E> {
    let nothing = Undeclarable::default();
    let mut importer = Importer::new(project, live, &nothing);
    importer.choose();
    let refusal = |document: &Value| refusal(project_file, document, &to_yaml);
    let objects = live.objects().iter();
    let holders: Holders<'_> =
        objects.map(|one| (Address::new(one.kind, one.key.clone()), one)).collect();
    let mut found = Undeclarable::default();
    let mut seen: BTreeSet<Address> = BTreeSet::new();
    for &place in &importer.kept {
        let Some(object) = live.objects().get(place) else { continue };
        let address = Address::new(object.kind, object.key.clone());
        if let Some(why) = refusal(&alone(object, Map::new(), &holders))? {
            found.objects.insert(place, (address, why));
            continue;
        }
        // The reader of the files refuses the second of two that look alike.
        let form = Key::new(&look_alike_form(&object.key));
        if !seen.insert(Address::new(object.kind, form)) {
            let why = "its name looks like another one's".to_owned();
            found.objects.insert(place, (address, why));
            continue;
        }
        let Value::Object(body) = importer.fields(place, object) else { continue };
        if refusal(&alone(object, body, &holders))?.is_none() {
            continue;
        }
        for field in object.fields.keys() {
            let Value::Object(body) = importer.field(place, object, field) else { continue };
            if let Some(why) = refusal(&alone(object, body, &holders))? {
                found.fields.insert((place, field.clone()), (address.clone(), why));
            }
        }
    }
    Ok(found)
}

/// The live objects by their addresses.
type Holders<'a> = BTreeMap<Address, &'a Object>;

/// One object in a document of its own, with these fields.
fn alone(object: &Object, body: Map<String, Value>, holders: &Holders<'_>) -> Value {
    match object.kind.family() {
        Family::Grant => {
            let address = Address::new(object.kind, object.key.clone());
            let holder = address.principal().and_then(|holder| holders.get(&holder));
            let Some(holder) = holder else { return json!({}) };
            let mut document = json!({ holder.kind.plural(): { written_key(holder): {} } });
            document["bindings"] = json!([binding(object, holder)]);
            document
        }
        Family::Subject | Family::Group | Family::Membership | Family::Scope | Family::Plain => {
            json!({ object.kind.plural(): { written_key(object): body } })
        }
    }
}

/// Why the files cannot hold this document; `None`: they can.
fn refusal<E>(
    project_file: &SourceText,
    document: &Value,
    to_yaml: &impl Fn(&Value) -> Result<String, E>,
) -> Result<Option<String>, E> {
    const NAME: &str = "import.yaml";
    let source = SourceText { name: Arc::from(NAME), bytes: to_yaml(document)?.into_bytes() };
    let Err(found) = parse(project_file, &[source], 1) else { return Ok(None) };
    Ok(first(&found, NAME))
}

/// The first error in the file of this name.
fn first(found: &Diagnostics, file: &str) -> Option<String> {
    let is_it = |one: &crate::config::Diagnostic| {
        one.severity == Severity::Error
            && one.source.as_ref().is_some_and(|source| &*source.file == file)
    };
    found.sorted().into_iter().find(is_it).map(|one| one.what)
}
