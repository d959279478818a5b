//! What is live and cannot be declared: names and values that the files refuse. It is left out by
//! itself, so that one odd name at the target does not keep everybody else out of the files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Importer;
use super::forms::{binding, written_key};
use crate::config::{Diagnostics, Project, Severity, SourceText, parse};
use crate::kind::{Address, Family, FieldName, Key, look_alike_form};
use crate::live::{Live, Object};

/// Objects, and fields of objects, that cannot be declared, by the object's place among those that
/// are live, each with the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undeclarable {
    objects: BTreeMap<usize, (Address, String)>,
    fields: BTreeMap<(usize, FieldName), (Address, String)>,
}

impl Undeclarable {
    /// Whether the object at `place` cannot be declared.
    pub(super) fn has(&self, place: usize) -> bool {
        self.objects.contains_key(&place)
    }

    /// Whether this field of the object at `place` cannot be declared.
    pub(super) fn has_field(&self, place: usize, field: &FieldName) -> bool {
        !self.fields.is_empty() && self.fields.contains_key(&(place, field.clone()))
    }

    /// The objects, in order.
    pub fn objects(&self) -> impl Iterator<Item = &Address> {
        self.objects.values().map(|(address, _)| address)
    }

    /// What is left out and why, a line each.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let objects = self.objects.values().map(|(address, why)| format!("`{address}`: {why}"));
        let field = |((_, field), (address, why)): (&(usize, FieldName), &(Address, String))| {
            format!("`{field}` of `{address}`: {why}")
        };
        objects.chain(self.fields.iter().map(field))
    }
}

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
