//! `target`: the system written to.

use std::collections::{BTreeMap, BTreeSet};

use super::values::path;
use crate::config::decode::{Mapping, is_scalar, json, list, one_of, open_map, text};
use crate::config::names;
use crate::config::node::Node;
use crate::config::patterns::url_problem;
use crate::config::sink::Sink;
use crate::config::words::{DidYouMean, Excerpt};
use crate::config::{CredentialRef, Experiment, Provider, TargetConfig, Workspace};
use crate::kind::Key;

/// The providers.
pub(in crate::config) const PROVIDERS: &[(&str, Provider)] =
    &[("greenlake", Provider::Greenlake), ("scim", Provider::Scim), ("sandbox", Provider::Sandbox)];

/// The keys of the section.
pub(in crate::config) const KEYS: &[&str] = &[
    "provider",
    "url",
    "tokenUrl",
    "credential",
    "profile",
    "dialect",
    "workspaces",
    "workspace",
    "experimental",
    "experimentalUrl",
    "seed",
    "state",
    "personality",
];
/// What is used only when asked for.
pub(in crate::config) const EXPERIMENTS: &[(&str, Experiment)] =
    &[("domains", Experiment::Domains), ("sso", Experiment::Sso)];
/// The keys of a workspace.
pub(in crate::config) const WORKSPACE_KEYS: &[&str] = &["id", "credential", "via"];
/// What objects of a directory are found by.
const NAMES: &[&str] = &["user.userName", "group.displayName"];
const SANDBOX_ONLY: &[&str] = &["seed", "state", "personality"];
const REMOTE_ONLY: &[&str] = &["url", "tokenUrl", "credential", "experimentalUrl"];

/// Reads the section.
pub(super) fn read(node: Node<'_>, sink: &mut Sink) -> Option<TargetConfig> {
    let mapping = Mapping::of(node, "target", KEYS, sink)?;
    let provider = mapping
        .required("provider", "it decides which API is spoken", sink)
        .and_then(|node| one_of(node, "provider", PROVIDERS, sink));
    let url = mapping.get("url").and_then(|node| url(node, "url", sink));
    let token_url = mapping.get("tokenUrl").and_then(|node| self::url(node, "tokenUrl", sink));
    let experimental_url =
        mapping.get("experimentalUrl").and_then(|node| self::url(node, "experimentalUrl", sink));
    let credential = mapping.get("credential").and_then(|node| credential(node, sink));
    let mut word = |key: &str| Some(text(mapping.get(key)?, key, sink)?.to_owned());
    let (profile, personality) = (word("profile"), word("personality"));
    let mut file = |key: &str| path(mapping.get(key)?, key, sink);
    let (seed, state) = (file("seed"), file("state"));
    let dialect = mapping.get("dialect").map(|node| dialect(node, sink)).unwrap_or_default();
    let workspaces =
        mapping.get("workspaces").map(|node| workspaces(node, sink)).unwrap_or_default();
    let workspace = mapping.get("workspace").and_then(|node| {
        let name = text(node, "workspace", sink)?;
        is_known(node, name, &workspaces, sink).then(|| name.to_owned())
    });
    let experimental =
        mapping.get("experimental").map(|node| experiments(node, sink)).unwrap_or_default();
    let provider = provider?;
    keys_fit(mapping, provider, sink);
    Some(TargetConfig {
        provider,
        url,
        token_url,
        credential,
        profile,
        dialect,
        workspaces,
        workspace,
        experimental,
        experimental_url,
        seed,
        state,
        personality,
        source: sink.source(mapping.place()),
    })
}

/// Whether the keys that are written belong to the provider, and those it needs are there.
fn keys_fit(mapping: Mapping<'_>, provider: Provider, sink: &mut Sink) {
    let (foreign, whose) = match provider {
        Provider::Sandbox => (REMOTE_ONLY, "a server on the network"),
        Provider::Scim | Provider::Greenlake => (SANDBOX_ONLY, "the sandbox"),
    };
    for key in foreign {
        if let Some(node) = mapping.get(key) {
            sink.error(
                node.place(),
                "key-without-effect",
                [
                    format_args!("`{key}` has no effect with this provider"),
                    format_args!("it belongs to {whose}"),
                    format_args!("delete it, or change `provider`"),
                ],
            );
        }
    }
    if provider != Provider::Sandbox {
        mapping.required("url", "this provider is reached at a URL", sink);
    }
}

/// The URL is never repeated in a message: it may hold a secret.
fn url(node: Node<'_>, key: &str, sink: &mut Sink) -> Option<String> {
    let written = text(node, key, sink)?;
    let Some(problem) = url_problem(written) else {
        return Some(written.to_owned());
    };
    sink.error(
        node.place(),
        "bad-url",
        [
            format_args!("`{key}` cannot be used: {problem}"),
            format_args!("credentials are sent there"),
            format_args!("write `https://host/path`; plain `http` is for this machine (loopback)"),
        ],
    );
    None
}

/// What does not look like a reference may be the secret itself, so it is not repeated.
fn credential(node: Node<'_>, sink: &mut Sink) -> Option<CredentialRef> {
    let written = text(node, "credential", sink)?;
    let is_variable = |name: &str| {
        !name.is_empty()
            && name.len() <= 128
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    match written.split_once(':') {
        Some(("env", name)) if is_variable(name) => {
            return Some(CredentialRef::Env(name.to_owned()));
        }
        Some(("file", path)) if !path.trim().is_empty() => {
            return Some(CredentialRef::File(path.to_owned()));
        }
        Some(("exec", command)) if !command.trim().is_empty() => {
            return Some(CredentialRef::Exec(command.to_owned()));
        }
        _ => {}
    }
    let what = if written.starts_with("env:") {
        "`credential` does not name a variable; its text is not shown here"
    } else {
        "`credential` does not say where the credential is; its text is not shown here"
    };
    sink.error(
        node.place(),
        "bad-credential",
        [
            format_args!("{what}"),
            format_args!("a secret must never be in this file; if this is one, it has leaked"),
            format_args!("write `env:NAME` (capital letters), `file:PATH` or `exec:COMMAND`"),
        ],
    );
    None
}

fn dialect(node: Node<'_>, sink: &mut Sink) -> BTreeMap<String, serde_json::Value> {
    let mut overrides = BTreeMap::new();
    for (key, value) in open_map(node, "dialect", sink).into_iter().flatten() {
        if is_scalar(key)
            && let Some(value) = json(value, key.text(), sink)
        {
            if key.text() == "unheld" {
                names_are_held(key, &value, sink);
            }
            overrides.insert(key.text().to_owned(), value);
        }
    }
    overrides
}

/// Refuses a dialect that does not hold what objects are found by.
fn names_are_held(key: Node<'_>, unheld: &serde_json::Value, sink: &mut Sink) {
    for name in unheld.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str) {
        if NAMES.iter().any(|one| one.eq_ignore_ascii_case(name)) {
            sink.error(
                key.place(),
                "name-unheld",
                [
                    format_args!("`{name}` cannot be in `target.dialect.unheld`"),
                    format_args!("it is the name that objects are found by: without it none can be created"),
                    format_args!("take `{name}` out; where the target gives objects another name, declare them under that one"),
                ],
            );
        }
    }
}

fn workspaces(node: Node<'_>, sink: &mut Sink) -> BTreeMap<String, Workspace> {
    let mut workspaces = BTreeMap::new();
    let mut vias = Vec::new();
    let mut seen: BTreeMap<Key, &str> = BTreeMap::new();
    for (key, body) in open_map(node, "workspaces", sink).into_iter().flatten() {
        let Some(name) = names::name(key, "workspace", sink) else { continue };
        let Some(mapping) = Mapping::of(body, name, WORKSPACE_KEYS, sink) else { continue };
        report_look_alike(key, name, &seen, sink);
        seen.insert(Key::new(name), name);
        let id = mapping
            .required("id", "the target knows the workspace by its id", sink)
            .and_then(|node| text(node, "id", sink));
        let credential = mapping.get("credential").and_then(|node| credential(node, sink));
        let via = mapping.get("via").and_then(|node| Some((text(node, "via", sink)?, node)));
        vias.extend(via);
        let via = via.map(|(via, _)| via.to_owned());
        if let Some(id) = id {
            workspaces.insert(name.to_owned(), Workspace { id: id.to_owned(), credential, via });
        }
    }
    for (name, node) in vias {
        is_known(node, name, &workspaces, sink);
    }
    workspaces
}

/// Names that differ by case alone: addresses fold them.
fn report_look_alike(key: Node<'_>, name: &str, seen: &BTreeMap<Key, &str>, sink: &mut Sink) {
    let Some(other) = seen.get(&Key::new(name)) else { return };
    sink.error(
        key.place(),
        "repeated-key",
        [
            format_args!(
                "the workspaces `{}` and `{}` are one name",
                Excerpt(other),
                Excerpt(name)
            ),
            format_args!("names compare without case"),
            format_args!("choose another name for one of them"),
        ],
    );
}

/// Whether the workspace that is named exists, said at its place if not.
fn is_known(
    node: Node<'_>,
    name: &str,
    workspaces: &BTreeMap<String, Workspace>,
    sink: &mut Sink,
) -> bool {
    if workspaces.contains_key(name) {
        return true;
    }
    let names: Vec<&str> = workspaces.keys().map(String::as_str).take(50).collect();
    sink.error(
        node.place(),
        "unknown-workspace",
        [
            format_args!("the workspace `{}` is not declared", Excerpt(name)),
            format_args!("workspaces are declared under `target.workspaces`"),
            format_args!("{}", DidYouMean(name, &names)),
        ],
    );
    false
}

fn experiments(node: Node<'_>, sink: &mut Sink) -> BTreeSet<Experiment> {
    let entries = list(node, "experimental", sink).into_iter().flatten();
    entries.filter_map(|entry| one_of(entry, "experimental", EXPERIMENTS, sink)).collect()
}
