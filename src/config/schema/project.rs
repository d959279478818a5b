//! The schema of the project file.

use serde_json::{Value, json};

use super::parts::{closed, named, properties, string, strings, words};
use crate::config::project_file::{
    BREAK_GLASS_KEYS, DEFAULT_AT_LEAST, EXPERIMENTS, MEMBER_MODES, PROVIDERS, SCHEDULE_KEYS,
    SEVERITIES, TARGET_KEYS, WORKSPACE_KEYS, manage_keys, manage_keys_of, removals,
};
use crate::kind::{Family, KindName};

/// The schema of a file with `keys`.
pub(super) fn schema(keys: &[&str]) -> Value {
    let properties = properties(keys, |key| match key {
        "organization" => Some(string("the organization's name")),
        "target" => Some(target()),
        "manage" => Some(manage()),
        "protected" => Some(protected()),
        "administrators" => Some(administrators()),
        "breakGlass" => Some(named("accounts for the worst day, by userName", &break_glass())),
        "privileged" => Some(strings("globs over the names of privileged roles")),
        "approvers" => {
            Some(strings("who may approve waivers, beside the declared users: names or addresses"))
        }
        "rules" => Some(named("what is said to single guardrails, by id", &rule())),
        "roles" => Some(named("short names for roles", &string("a GRN, or `provider.name`"))),
        "dns" => Some(dns()),
        "schedule" => Some(schedule()),
        "limits" => Some(limits()),
        "policies" => Some(strings("folders of policies, beside the built-in ones")),
        "sources" => Some(strings("folders or files of desired state; all beside it if left out")),
        _ => None,
    });
    closed("the project", properties, &["organization", "target"])
}

fn target() -> Value {
    let keys = properties(TARGET_KEYS, |key| match key {
        "provider" => Some(words(PROVIDERS, "which API it speaks")),
        "url" => Some(string("its base URL")),
        "tokenUrl" => Some(string("where OAuth 2.0 tokens come from")),
        "credential" => Some(credential()),
        "profile" => Some(string("the SCIM dialect by name")),
        "dialect" => {
            Some(json!({ "type": "object", "description": "single lines of the dialect's table" }))
        }
        "workspaces" => Some(named("workspaces by name", &workspace())),
        "workspace" => Some(string("the workspace the directory is read through, by name")),
        "experimental" => Some(json!({
            "type": "array",
            "items": words(EXPERIMENTS, "a part without a published contract"),
            "description": "what is used although its provider published no contract for it",
        })),
        "experimentalUrl" => Some(string("the base URL of the experimental parts")),
        "seed" => Some(string("the sandbox's first state, a JSON file")),
        "state" => Some(string("where the sandbox keeps its state")),
        "personality" => Some(string("which server the sandbox takes after")),
        _ => None,
    });
    closed("the system written to", keys, &["provider"])
}

fn credential() -> Value {
    json!({
        "type": "string",
        "pattern": "^(env:[A-Z_][A-Z0-9_]*|file:.+|exec:.+)$",
        "description": "where the credential is; never the secret itself",
    })
}

fn workspace() -> Value {
    let keys = properties(WORKSPACE_KEYS, |key| match key {
        "id" => Some(string("its id at the target")),
        "credential" => Some(credential()),
        "via" => Some(string("the MSP workspace whose token is exchanged, by name")),
        _ => None,
    });
    closed("a workspace", keys, &["id"])
}

fn break_glass() -> Value {
    let keys = properties(BREAK_GLASS_KEYS, |key| match key {
        "tested" => Some(string("the day somebody last signed in with it")),
        _ => Some(string("who answers for it")),
    });
    closed("a break-glass account: protected, and looked after by hand", keys, &[])
}

fn rule() -> Value {
    json!({
        "type": "object",
        "properties": {
            "severity": words(SEVERITIES, "what its findings do"),
            "off": string("why the rule is turned off"),
        },
        "description": "parameters by their names (`muster policy explain RULE`)",
    })
}

fn dns() -> Value {
    let keys = properties(&["resolvers"], |_| Some(strings("addresses of resolvers")));
    closed("who is asked about domains", keys, &[])
}

fn schedule() -> Value {
    let about = "whether a scheduled apply of a refused plan makes the changes that only take access \
                 away";
    let keys =
        properties(SCHEDULE_KEYS, |_| Some(json!({ "type": "boolean", "description": about })));
    closed("what a scheduled apply does", keys, &[])
}

fn manage() -> Value {
    let keys = manage_keys();
    let keys = properties(&keys, |key| match KindName::of_plural(key) {
        Some(kind) => Some(managed(kind)),
        None => Some(words(
            MEMBER_MODES,
            "whether others may be members too: `exact` removes them, those outside `manage` as well",
        )),
    });
    closed("the jurisdiction: what may be created, changed and removed", keys, &[])
}

fn managed(kind: KindName) -> Value {
    let keys = manage_keys_of(kind.family());
    let about = format!("the action for one of the {} that is no longer declared", kind.plural());
    let properties = properties(keys, |key| match key {
        "domains" => Some(strings("globs over the part of the userName after the `@`")),
        "names" => Some(strings("globs over names")),
        "except" => Some(strings("globs over names that are left alone")),
        _ => Some(words(removals(kind), &about)),
    });
    let required = if keys.len() > 1 { &keys[..1] } else { &[] };
    let about = match kind.family() {
        Family::Grant => format!(
            "the managed {}; where this is left out they are compared and never written",
            kind.plural()
        ),
        Family::Subject | Family::Group | Family::Membership | Family::Scope | Family::Plain => {
            format!("the managed {}", kind.plural())
        }
    };
    closed(&about, properties, required)
}

fn protected() -> Value {
    let keys = properties(&["users", "groups"], |_| Some(strings("globs over names")));
    closed("never planned, never written", keys, &[])
}

fn administrators() -> Value {
    let keys = properties(&["roles", "groups", "atLeast", "margin"], |key| match key {
        "roles" => Some(strings(
            "roles, by name, whose holders are administrators; not for a part of a workspace, nor \
             through a group in a group",
        )),
        "groups" => Some(strings(
            "globs over groups whose own members are administrators; not those of groups in them",
        )),
        "margin" => Some(json!({ "type": "integer", "minimum": 0, "description":
            "how many more must remain where other tools remove administrators too" })),
        _ => Some(json!({ "type": "integer", "minimum": 1, "default": DEFAULT_AT_LEAST,
            "description": format!("how many must remain; {DEFAULT_AT_LEAST} where it is left out") })),
    });
    closed("who counts as an administrator", keys, &[])
}

fn limits() -> Value {
    let brake = |of: &str| {
        let about = format!(
            "`10%`, `50` or `10% or 50` (whichever is smaller); a percentage is of the managed items \
             of the kind that are live{of}, and of fewer than ten it allows two (`0` allows none)"
        );
        json!({
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^ *([0-9]+ *%?|[0-9]+ *% +or +[0-9]+) *$" },
            ],
            "description": about,
        })
    };
    let kind = closed(
        "limits of one kind",
        properties(&["remove", "update"], |key| {
            Some(brake(if key == "remove" { " and in use" } else { "" }))
        }),
        &[],
    );
    let kinds: Vec<&str> = KindName::ALL.iter().map(|kind| kind.plural()).collect();
    closed("how much one plan may do", properties(&kinds, |_| Some(kind.clone())), &[])
}
