//! Canaries: a document about nothing but what a rule's header says, on which the rule must find
//! something. A rule that cannot fire is no guard.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::access::AccessView;
use super::header::{BreakGlassView, SCHEMA, WaiverView, WorkspaceView};
use super::index::{BindingView, DomainView, GroupView, PathView, UserView};
use super::{ActionView, GrantView};
use crate::kind::KindName;

/// The instant of every canary: 2026-11-21T12:00:00Z.
const NOW: (&str, i64) = ("2026-11-21T12:00:00Z", 1_795_262_400_000_000_000);

/// The document that says `overlay` and nothing else: top-level keys replace those of an empty
/// document, and whatever is put into its lists and maps is completed, so that every key is there.
#[must_use]
pub(in crate::guard) fn document(overlay: &Value, settings: &Value) -> Value {
    let mut document = empty();
    document["settings"] = settings.clone();
    for (key, value) in overlay.as_object().into_iter().flatten() {
        let whole = match key.as_str() {
            "users" => each(value, |user| {
                let mut user = over(&UserView::default(), user);
                for paths in ["roles", "rolesBefore"] {
                    user[paths] = each(&user[paths], |path| over(&PathView::default(), path));
                }
                user
            }),
            "groups" => each(value, |group| over(&GroupView::default(), group)),
            "bindings" => each(value, |binding| over(&BindingView::default(), binding)),
            "domains" => each(value, |domain| over(&DomainView::default(), domain)),
            "breakGlass" => each(value, |account| over(&BreakGlassView::default(), account)),
            "workspaces" => each(value, |workspace| over(&WorkspaceView::default(), workspace)),
            "waivers" => each(value, |waiver| over(&WaiverView::default(), waiver)),
            "access" => each(value, |list| each(list, |one| over(&AccessView::default(), one))),
            "changes" => each(value, change),
            _ => value.clone(),
        };
        merge(&mut document[key.as_str()], whole);
    }
    document
}

fn empty() -> Value {
    json!({
        "schema": SCHEMA, "point": "plan", "organization": "canary", "target": "canary",
        "holds": KindName::ALL, "now": NOW.0, "nowNs": NOW.1, "actor": "", "run": "local",
        "protected": { "users": [], "groups": [] },
        "administrators": { "roles": [], "groups": [], "before": [], "after": [] },
        "privileged": [], "breakGlass": {}, "settings": {}, "waivers": [], "workspaces": {},
        "summary": { "create": 0, "update": 0, "delete": 0 },
        "users": {}, "groups": {}, "bindings": {}, "domains": {},
        "access": { "gained": [], "lost": [] }, "changes": [],
    })
}

fn change(overlay: &Value) -> Value {
    let empty = json!({
        "address": "", "kind": "", "action": ActionView::Create, "before": null, "after": {},
        "fields": [], "reason": "", "removes": false, "touchesProtected": false,
        "managedBy": "", "source": null, "grant": GrantView::default(),
    });
    over(&empty, overlay)
}

fn over(empty: &impl Serialize, overlay: &Value) -> Value {
    let mut whole = serde_json::to_value(empty).unwrap_or_default();
    merge(&mut whole, overlay.clone());
    whole
}

/// Every value of a list or map, made whole; anything else as it is.
fn each(value: &Value, whole: impl Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(whole).collect(),
        Value::Object(items) => {
            items.iter().map(|(key, item)| (key.clone(), whole(item))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// Objects are laid over one another; anything else replaces.
fn merge(base: &mut Value, overlay: Value) {
    match (base, overlay) {
        (Value::Object(base), Value::Object(overlay)) => {
            for (key, value) in overlay {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, overlay) => *base = overlay,
    }
}
