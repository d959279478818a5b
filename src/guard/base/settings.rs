//! The settings of a guard by their meaning: lists in order, roles by their GRN.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{
    Brake, BreakGlass, KindLimits, ManagedKind, MembersDefault, OnRemove, Project, RuleConfig,
    Selection, TargetConfig, Waiver,
};
use crate::guard::rego::{PolicyFile, PolicySet};
use crate::kind::{Roles, with_texts, written};

/// Every setting, by the keys that lead to it.
pub(super) type Settings = BTreeMap<Vec<String>, String>;

/// The keys of what the base alone decides.
pub(super) const OF_THE_BASE: [&str; 4] = ["organization", "target", "dns", "schedule"];

/// The settings of a project, its waivers and its own policies.
pub(super) fn settings(
    project: &Project,
    waivers: &[Waiver],
    policies: &[&PolicyFile],
) -> Settings {
    let mut all = Settings::new();
    let mut say = |keys: &[&str], value: String| {
        all.insert(keys.iter().map(|&key| key.to_owned()).collect(), value);
    };
    target(project, &mut say);
    people(project, &mut say);
    manage(project, &mut say);
    for (kind, limits) in &project.limits.0 {
        let KindLimits { remove, update } = *limits;
        say(&["limits", kind.plural(), "remove"], brake(remove));
        say(&["limits", kind.plural(), "update"], brake(update));
    }
    for (rule, config) in &project.governance.rules {
        say(&["rules", rule], rule_config(config, &project.roles));
    }
    for file in policies {
        say(&["policies", &file.path], content(file));
    }
    // Two waivers may be of one rule and for the same: each of them counts.
    let mut by_name: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for waiver in waivers {
        let name = format!("{} for {}", waiver.rule, waiver.applies_to);
        by_name.entry(name).or_default().insert(words(waiver));
    }
    for (name, all) in by_name {
        say(&["waivers", &name], all.into_iter().collect::<Vec<_>>().join("; "));
    }
    all
}

/// A file of a policy by its size and digest, whatever ends its lines.
fn content(file: &PolicyFile) -> String {
    let text = file.text.replace("\r\n", "\n");
    let lines = text.lines().count();
    let one = PolicyFile { path: String::new(), text };
    let digest = PolicySet { folders: Vec::new(), files: vec![one] }.digest();
    format!("{lines} lines, {}", digest.get(..12).unwrap_or(&digest))
}

/// Settings of people and roles.
fn people(project: &Project, say: &mut impl FnMut(&[&str], String)) {
    let grn = |role: &String| project.roles.grn_of(role).unwrap_or_else(|| role.clone());
    let administrators = &project.administrators;
    say(&["administrators", "roles"], list(administrators.roles.iter().map(grn)));
    say(&["administrators", "groups"], list(administrators.groups.iter().cloned()));
    say(&["administrators", "atLeast"], administrators.at_least.to_string());
    say(&["administrators", "margin"], administrators.margin.to_string());
    let governance = &project.governance;
    let accounts: Vec<String> = governance
        .break_glass
        .values()
        .map(|account| crate::config::literal_glob(&account.written))
        .collect();
    let users = project.protected.users.iter().filter(|user| !accounts.contains(user));
    say(&["protected", "users"], list(users.cloned()));
    say(&["protected", "groups"], list(project.protected.groups.iter().cloned()));
    say(&["approvers"], list(governance.approvers.iter().cloned()));
    say(&["privileged"], list(governance.privileged.iter().map(grn)));
    for (name, account) in &governance.break_glass {
        let BreakGlass { tested, owner, .. } = account;
        let tested = tested.map_or_else(|| "never".to_owned(), written);
        let owner = owner.as_deref().unwrap_or("nobody");
        say(&["breakGlass", name.as_str()], format!("tested {tested}, owner {owner}"));
    }
    for alias in project.roles.aliases() {
        say(&["roles", alias], project.roles.grn_of(alias).unwrap_or_default());
    }
}

fn manage(project: &Project, say: &mut impl FnMut(&[&str], String)) {
    for (kind, managed) in &project.manage.kinds {
        let ManagedKind { select, on_remove } = managed;
        let selected = match select {
            Selection::All => "all".to_owned(),
            Selection::Domains(domains) => list(domains.iter().cloned()),
            Selection::Names { names, except } if except.is_empty() => list(names.iter().cloned()),
            Selection::Names { names, except } => {
                format!("{} but {}", list(names.iter().cloned()), list(except.iter().cloned()))
            }
        };
        let removal = match on_remove {
            OnRemove::Report => "report",
            OnRemove::Deactivate => "deactivate",
            OnRemove::Delete => "delete",
        };
        say(&["manage", kind.plural()], selected);
        say(&["manage", kind.plural(), "onRemove"], removal.to_owned());
    }
    let members = match project.manage.members {
        MembersDefault::Exact => "exact",
        MembersDefault::Additive => "additive",
    };
    say(&["manage", "members"], members.to_owned());
}

/// The settings that the base alone decides.
fn target(project: &Project, say: &mut impl FnMut(&[&str], String)) {
    let TargetConfig {
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
        source: _,
    } = &project.target;
    say(&["organization"], project.organization.clone());
    say(&["target", "provider"], format!("{provider:?}").to_lowercase());
    let texts = [
        ("url", url),
        ("tokenUrl", token_url),
        ("profile", profile),
        ("workspace", workspace),
        ("experimentalUrl", experimental_url),
        ("seed", seed),
        ("state", state),
        ("personality", personality),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            say(&["target", key], text.clone());
        }
    }
    if let Some(credential) = credential {
        say(&["target", "credential"], reference(credential));
    }
    for (line, value) in dialect {
        say(&["target", "dialect", line], value.to_string());
    }
    for (name, workspace) in workspaces {
        let credential = workspace.credential.as_ref().map(|one| format!(", {}", reference(one)));
        let via = workspace.via.as_ref().map(|via| format!(", via {via}"));
        let (credential, via) = (credential.unwrap_or_default(), via.unwrap_or_default());
        say(&["target", "workspaces", name], format!("{}{credential}{via}", workspace.id));
    }
    let experimental = experimental.iter().map(|one| format!("{one:?}").to_lowercase());
    say(&["target", "experimental"], list(experimental));
    say(&["schedule", "revocationsFirst"], project.revocations_first.to_string());
    say(&["dns", "resolvers"], list(project.resolvers.iter().map(ToString::to_string)));
}

/// Where a credential is to be had: a name, never the secret.
fn reference(credential: &crate::config::CredentialRef) -> String {
    use crate::config::CredentialRef::{Env, Exec, File};
    match credential {
        Env(name) => format!("env:{name}"),
        File(path) => format!("file:{path}"),
        Exec(command) => format!("exec:{command}"),
    }
}

/// The entries in order. One that could be read as several is quoted, so that two lists which read
/// the same are the same.
fn list(entries: impl Iterator<Item = String>) -> String {
    let quoted = |entry: String| match entry.contains([',', '"', ' ']) || entry == "none" {
        true => format!("{entry:?}"),
        false => entry,
    };
    let entries: BTreeSet<String> = entries.map(quoted).collect();
    match entries.is_empty() {
        true => "none".to_owned(),
        false => entries.into_iter().collect::<Vec<_>>().join(", "),
    }
}

fn brake(brake: Brake) -> String {
    match (brake.percent, brake.count) {
        (Some(percent), Some(count)) => format!("{percent}% or {count}"),
        (Some(percent), None) => format!("{percent}%"),
        (None, Some(count)) => count.to_string(),
        (None, None) => "none".to_owned(),
    }
}

fn rule_config(config: &RuleConfig, roles: &Roles) -> String {
    let RuleConfig { parameters, severity, off, source: _ } = config;
    // By its GRN: an alias may mean another role by now.
    let grn = |text: &str| roles.grn_of(text).unwrap_or_else(|| text.to_owned());
    let mut said: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}: {}", with_texts(value, &grn)))
        .collect();
    said.extend(severity.map(|severity| format!("severity: {severity:?}").to_lowercase()));
    said.extend(off.as_ref().map(|reason| format!("off: {reason}")));
    said.join(", ")
}

fn words(waiver: &Waiver) -> String {
    let Waiver { until, reason, approved_by, at_most, .. } = waiver;
    format!("at most {at_most} until {}, approved by {approved_by}: {reason}", written(*until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SourceText, parse};

    #[test]
    fn lists_that_read_the_same_are_the_same() {
        let said = |entries: &[&str]| list(entries.iter().map(|&entry| entry.to_owned()));
        let lists: [&[&str]; 7] = [
            &["a", "b"],
            &["a, b"],
            &["\"a", "b\""],
            &["a", "b", "c"],
            &["a, b", "c"],
            &["none"],
            &[],
        ];
        let all: BTreeSet<String> = lists.into_iter().map(said).collect();
        assert_eq!(all.len(), lists.len(), "{all:?}");
        assert_eq!(said(&["b", "a", "b"]), said(&["a", "b"]));
    }

    #[test]
    fn every_part_of_a_waiver_and_of_a_rule_is_told() {
        let files = |more: &str| {
            let text =
                |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
            let project = format!(
                "organization: acme\ntarget: {{ provider: sandbox, personality: greenlake }}\n\
                 manage: {{ groups: {{ names: ['*'] }} }}\n{more}"
            );
            let people = text("people.yaml", "users: {}\n");
            parse(&text("muster.yaml", &project), &[people], 1).map(|(desired, _)| desired).unwrap()
        };
        let rules = [
            "",
            "rules: { privileged-until: { maxDays: 3 } }",
            "rules: { privileged-until: { maxDays: 4 } }",
            "rules: { privileged-until: { maxDays: 3, severity: warn } }",
            "rules: { privileged-until: { off: later } }",
            "rules: { privileged-until: { off: never } }",
        ];
        let told = rules.map(|rules| settings(&files(rules).project, &[], &[]));
        assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), rules.len(), "{told:#?}");
        let one = Waiver {
            rule: "limit/users/remove".to_owned(),
            applies_to: "user/a".to_owned(),
            until: "2026-12-31T00:00:00Z".parse().unwrap(),
            reason: "why".to_owned(),
            approved_by: "ada".to_owned(),
            at_most: 1,
            source: crate::kind::Source { file: "w.yaml".into(), line: 1, column: 1 },
        };
        let others = [
            one.clone(),
            Waiver { until: "2027-12-31T00:00:00Z".parse().unwrap(), ..one.clone() },
            Waiver { reason: "else".to_owned(), ..one.clone() },
            Waiver { approved_by: "bob".to_owned(), ..one.clone() },
            Waiver { at_most: 2, ..one },
        ];
        assert_eq!(others.iter().map(words).collect::<BTreeSet<_>>().len(), others.len());
    }
}
