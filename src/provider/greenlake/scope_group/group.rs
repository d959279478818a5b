//! Scope groups of a workspace, as the API shows and takes them (OpenAPI `authorization`,
//! `/scope-groups`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::Desired;
use crate::kind::{Address, FieldName, Fields, Item, Key, KindName};
use crate::provider::converge::Stop;
use crate::provider::scim::call;
use crate::provider::scim::error::sample;
use crate::provider::{Method, Request, Transport};

use super::super::collection::{Collection, Refused, Row};
use super::super::platform::compared;

/// The kind that scope groups are.
pub(in crate::provider::greenlake) const KIND: KindName = KindName::ScopeGroup;
/// The resources one group may have (HPE, "Limits").
pub(super) const MOST_RESOURCES: usize = 500;
pub(super) const PATH: &[&str] = &["authorization", "v1beta1", "scope-groups"];

/// One scope group, without the resources in it.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::provider::greenlake) struct Group {
    pub(in crate::provider::greenlake) id: String,
    pub(in crate::provider::greenlake) name: String,
    #[serde(default)]
    pub(in crate::provider::greenlake) description: Option<String>,
    /// The name by which grants refer to it; a group without one cannot be granted.
    #[serde(default)]
    pub(in crate::provider::greenlake) grn: Option<String>,
    /// What a service wrote into it: sent back as it is, because `PUT` replaces the whole group.
    #[serde(default, rename = "serviceMetadata")]
    pub(super) metadata: Option<Value>,
}

#[cfg(test)]
impl Group {
    /// A group of this id, name and GRN.
    pub(in crate::provider::greenlake) fn of(id: &str, name: &str, grn: Option<String>) -> Self {
        let (id, name) = (id.to_owned(), name.to_owned());
        Self { id, name, description: None, grn, metadata: None }
    }
}

/// Whether a project says anything of scope groups. They are read only then.
pub(in crate::provider::greenlake) fn is_wanted(desired: &Desired) -> bool {
    desired.project.manage.manages(KIND) || desired.of_kind(KIND).next().is_some()
}

/// A declared scope group of one workspace.
pub(in crate::provider::greenlake) struct Declared<'a> {
    /// Its name.
    pub(in crate::provider::greenlake) name: &'a str,
    /// The names it had before, folded.
    pub(in crate::provider::greenlake) former: Vec<Key>,
}

/// The declared scope groups of a workspace.
pub(in crate::provider::greenlake) fn declared<'a>(
    desired: &'a Desired,
    workspace: &str,
) -> Vec<Declared<'a>> {
    let items = desired.of_kind(KIND);
    let items = items.filter(|item| Key::new(&workspace_in(&item.address)) == Key::new(workspace));
    let one = |item: &'a Item| {
        let intent = desired.intents.get(&item.address);
        let former = intent.map(|intent| intent.previously.as_slice()).unwrap_or_default();
        let name = |key: &Key| key.as_str().split_once('/').map(|(_, name)| unescaped(name));
        let former = former.iter().filter_map(name).map(|name| Key::new(&name)).collect();
        Some(Declared { name: item.fields.get("name")?.as_str()?, former })
    };
    items.filter_map(one).collect()
}

/// A segment of a key without its escapes.
fn unescaped(segment: &str) -> String {
    segment.replace("%2f", "/").replace("%25", "%")
}

impl Row for Group {
    fn id(&self) -> &str {
        &self.id
    }
}

/// One resource in a group.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) grn: String,
}

impl Row for Resource {
    fn id(&self) -> &str {
        &self.id
    }
}

/// A group with the resources in it.
pub(super) struct Whole {
    pub(super) group: Group,
    pub(super) resources: Vec<Resource>,
}

impl Whole {
    /// The fields of the group, in the words of `spelled` where these name the same resource.
    pub(super) fn fields(&self, workspace: &str, spelled: &BTreeMap<String, String>) -> Fields {
        let grns = self.resources.iter().map(|one| {
            spelled.get(&compared(&one.grn)).cloned().unwrap_or_else(|| one.grn.clone())
        });
        let scopes: BTreeSet<String> = grns.collect();
        let mut fields = Fields::from_iter([
            (FieldName::fixed("name"), Value::from(self.group.name.as_str())),
            (FieldName::fixed("workspace"), Value::from(workspace)),
            (FieldName::fixed("scopes"), scopes.into_iter().collect()),
        ]);
        if let Some(description) = self.group.description.as_deref().filter(|text| !text.is_empty())
        {
            fields.insert(FieldName::fixed("description"), Value::from(description));
        }
        fields
    }

    /// The resources, in the form in which GRNs are compared.
    pub(super) fn set(&self) -> BTreeSet<String> {
        self.resources.iter().map(|one| compared(&one.grn)).collect()
    }
}

/// The request about one group.
pub(super) fn one(method: Method, id: &str) -> Request {
    let mut request = Request::new(method, PATH);
    request.path.push(id.to_owned());
    request
}

/// The request that changes the resources of a group: `scopes/batch` or `scopes/bulk`.
pub(super) fn many(method: Method, id: &str, which: &str, items: &[Value]) -> Request {
    let mut request = one(method, id);
    request.path.extend(["scopes".to_owned(), which.to_owned()]);
    request.with_body(json!({ "items": items }))
}

/// All scope groups of a workspace.
pub(in crate::provider::greenlake) fn all() -> Collection<'static> {
    Collection { path: PATH, limit: 200, filter: None, may_lack_total: false }
}

/// Reads the resources of a group.
pub(super) async fn resources<T: Transport + Sync>(
    transport: &T,
    id: &str,
) -> Result<Vec<Resource>, Refused> {
    let path = [PATH, &[id, "scopes"]].concat();
    let list =
        Collection { path: &path, limit: MOST_RESOURCES, filter: None, may_lack_total: false };
    list.list(transport).await
}

/// Reads a group with its resources; `None`: there is none of this id.
pub(super) async fn whole<T: Transport + Sync>(
    transport: &T,
    id: &str,
) -> Result<Option<Whole>, Stop> {
    let request = one(Method::Get, id);
    let response = match call::read(transport, &request).await {
        Ok(response) => response,
        Err(trouble) if trouble.status() == Some(404) => return Ok(None),
        Err(trouble) => return Err(trouble.into()),
    };
    let group = decode(&response.body).filter(|group| compared(&group.id) == compared(id));
    let group = group.ok_or_else(|| {
        let (shown, sample) = (request.shown(), sample(response.quotable()));
        Stop::Failed(format!("`{shown}` answered with {sample}, which is not this scope group"))
    })?;
    let resources = resources(transport, id).await;
    match resources {
        Ok(resources) => Ok(Some(Whole { group, resources })),
        Err(refused) if refused.status() == Some(404) => Ok(None),
        Err(refused) => Err(crate::provider::scim::ReadError::from(refused).into()),
    }
}

/// The group that an answer holds.
pub(super) fn decode(body: &[u8]) -> Option<Group> {
    serde_json::from_slice(body).ok()
}

/// The workspace in the address of a scope group.
pub(super) fn workspace_in(address: &Address) -> String {
    let segment = address.key().as_str().split('/').next().unwrap_or_default();
    unescaped(segment)
}

/// The spelling of every declared resource, by the form in which GRNs are compared.
pub(super) fn spelled(item: Option<&Item>) -> BTreeMap<String, String> {
    let scopes = item.and_then(|item| item.fields.get("scopes")?.as_array());
    let texts = scopes.into_iter().flatten().filter_map(Value::as_str);
    texts.map(|grn| (compared(grn), grn.to_owned())).collect()
}

/// The addresses of the scope group that a grant in `workspace` names.
pub(in crate::provider::greenlake) fn addresses(workspace: &str, name: &str) -> Vec<Address> {
    crate::kind::scope_addresses(&Fields::from_iter([
        (FieldName::fixed("workspace"), Value::from(workspace)),
        (FieldName::fixed("scope"), Value::from(vec![name])),
    ]))
}
