//! Role assignments.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::limit::{ALREADY_CREATED, ASSIGNMENTS, QUOTA, RESOURCE_CONFLICT};
use super::scope;
use crate::sandbox::greenlake::call::{Call, required};
use crate::sandbox::greenlake::collection::{self, Resource, answer, found};
use crate::sandbox::greenlake::error::{About, Refusal};
use crate::sandbox::greenlake::page::Size;
use crate::sandbox::greenlake::record::{Assignment, Principal, Role, held};
use crate::sandbox::greenlake::twin::GreenLake;
use crate::sandbox::greenlake::{id, odata};
use crate::sandbox::http::Response;

const SIZE: Size = Size { default: Some(100), most: 200, least: 1 };

impl Resource for Assignment {
    const WHAT: &'static str = "the role assignment";
    const PATH: &'static str = "/authorization/v1beta1/role-assignments";
    const CATEGORY: &'static str = "Authorization";

    fn workspace(&self) -> Option<&str> {
        Some(&self.workspace)
    }
}

/// An assignment as a document; the answers to writes do not say its source.
fn document(row: &Assignment, with_source: bool) -> Value {
    let mut body = json!({
        "id": id::dashed(&row.id),
        "type": "authorization/role-assignment",
        "principal": row.principal.text(),
        "principalMetadata": {
            "id": id::dashed(&row.principal.id),
            "type": format!("identity/{}", row.principal.word()),
        },
        "role": row.role,
        "roleMetadata": {
            "id": id::dashed(&id::derive(&row.role)),
            "type": "authorization/role",
        },
        "scope": row.scope,
        "generation": row.generation,
        "createdAt": format!("{:.6}", row.created),
        "updatedAt": format!("{:.6}", row.updated),
    });
    if with_source {
        body["source"] = if row.external { "EXTERNAL" } else { "LOCAL" }.into();
    }
    body
}

pub(super) fn list(twin: &GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let filter = call.filter().map(Wanted::read).transpose()?;
    let rows: Vec<Arc<Assignment>> = collection::open(twin, call)?
        .filter(|row| filter.as_ref().is_none_or(|wanted| wanted.holds(row)))
        .cloned()
        .collect();
    collection::listing(call, rows, SIZE, |row| document(row, true))
}

/// What a filter asks for: `principal`, `role` and `scope`, each at most once, by `in`.
#[derive(Default)]
struct Wanted {
    principals: Option<Vec<Principal>>,
    roles: Option<Vec<String>>,
    scopes: Option<BTreeSet<String>>,
}

impl Wanted {
    fn read(text: &str) -> Result<Wanted, Refusal> {
        let mut wanted = Wanted::default();
        let found = odata::only_in(text, &["principal", "role", "scope"]);
        for (name, values) in found.map_err(Refusal::filter)? {
            match name {
                "principal" => {
                    let known = values.iter().filter_map(|value| Principal::read(value));
                    wanted.principals = Some(known.collect());
                }
                "role" => wanted.roles = Some(values),
                _ => wanted.scopes = Some(scope::set(&values)),
            }
        }
        Ok(wanted)
    }

    fn holds(&self, row: &Assignment) -> bool {
        self.principals.as_ref().is_none_or(|all| all.contains(&row.principal))
            && self.roles.as_ref().is_none_or(|all| all.contains(&row.role))
            && self.scopes.as_ref().is_none_or(|all| !all.is_disjoint(&scope::set(&row.scope)))
    }
}

pub(super) fn get(twin: &GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    collection::get(twin, call, id, |row| document(row, true))
}

/// The role that a body names.
fn role<'a>(twin: &'a GreenLake, body: &Map<String, Value>) -> Result<&'a Arc<Role>, Refusal> {
    let grn = required(body, "role", 512)?;
    twin.state
        .roles
        .keyed(&grn)
        .ok_or_else(|| Refusal::field("role", format!("there is no role `{grn}`")))
}

/// The principal that a body names.
fn principal(body: &Map<String, Value>) -> Result<Principal, Refusal> {
    let text = required(body, "principal", 256)?;
    Principal::read(&text).ok_or_else(|| {
        let message = format!("`{text}` is no user:ID, user-group:ID or api-client:ID");
        Refusal::field("principal", message)
    })
}

pub(super) fn create(twin: &mut GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let body = call.object()?;
    let workspace = call.workspace()?.to_string();
    let principal = principal(&body)?;
    if !twin.state.knows(&principal) {
        let message = format!("there is no principal `{}`", principal.text());
        return Err(Refusal::field("principal", message));
    }
    let role = Arc::clone(role(twin, &body)?);
    let scope = scope::read(&twin.state, &workspace, &role, &body)?;
    let key = held(&workspace, (&principal, &role.grn), false);
    if let Some(old) = twin.state.assignments.keyed(&key) {
        let copy = scope::set(&old.scope) == scope::set(&scope);
        let code = if copy { ALREADY_CREATED } else { RESOURCE_CONFLICT };
        let message = "the principal holds this role in this workspace already";
        return Err(Refusal::new(409, message).coded(code));
    }
    let held = collection::open::<Assignment>(twin, call)?
        .filter(|row| row.principal == principal)
        .count();
    if held >= ASSIGNMENTS {
        let message = format!(
            "`{}` has {ASSIGNMENTS} role assignments in this workspace, which is the most",
            principal.text()
        );
        let about = About::Part("field", "principal".into());
        return Err(Refusal { about, ..Refusal::new(412, message) }.coded(QUOTA));
    }
    let (serial, id) = collection::next(twin, "assignments");
    let row = Assignment {
        serial,
        id,
        workspace,
        principal,
        role: role.grn.clone(),
        scope,
        external: false,
        generation: 1,
        created: call.now,
        updated: call.now,
    };
    let logged = format!("Role {} was assigned to {}.", role.name, row.principal.text());
    let body = document(&row, false);
    Ok(collection::created(twin, call, row, &body, logged))
}

/// What is only projected here cannot be changed here.
fn writable(row: &Assignment) -> Result<(), Refusal> {
    if row.external {
        let message = "the role assignment is managed in another workspace or organization";
        return Err(Refusal::new(403, message));
    }
    Ok(())
}

pub(super) fn put(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let old = found::<Assignment>(twin, call, id)?;
    let body = call.object()?;
    writable(&old)?;
    let same = id::bare(&required(&body, "id", 64)?) == old.id
        && principal(&body)? == old.principal
        && required(&body, "role", 512)? == old.role;
    if !same {
        let message = "`id`, `principal` and `role` cannot change";
        return Err(Refusal::field("id", message));
    }
    let role = Arc::clone(role(twin, &body)?);
    let scope = scope::read(&twin.state, &old.workspace, &role, &body)?;
    let mut row = old.as_ref().clone();
    row.scope = scope;
    row.generation += 1;
    row.updated = call.now;
    let response = answer(200, &document(&row, false));
    let logged = format!("Role {} of {} was changed.", role.name, row.principal.text());
    collection::put(twin, call, row, logged);
    Ok(response)
}

pub(super) fn delete(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let row = found::<Assignment>(twin, call, id)?;
    writable(&row)?;
    let logged = format!("Role {} was taken from {}.", row.role, row.principal.text());
    Ok(collection::deleted(twin, call, row.as_ref(), logged))
}
