//! Every way in which a plan may take a role from muster's own account `bot`, and the ways that do
//! not.

use std::collections::BTreeSet;

use serde_json::json;

use crate::kind::{Address, KindName};
use crate::live::{Capabilities, Live, Member, Object};
use crate::plan::tests::{capabilities, group, live_with, object, planned, user};
use crate::plan::{Finding, Level, Plan};

const PROJECT: &str = "roles: { fleet: compute-ops-mgmt.administrator }\n\
    manage:\n\
    \x20 users: { domains: [example.com], onRemove: delete }\n\
    \x20 groups: { names: ['*'], onRemove: delete }\n\
    \x20 scopeGroups: { names: ['prod/*'], onRemove: delete }\n\
    \x20 bindings: { onRemove: delete }\n";

/// The declaration of muster's account and its groups where nothing is taken away.
const KEPT: &str = "users: { bot@example.com: {}, ada@example.com: {} }\n\
    groups:\n\
    \x20 bots: { members: [bot@example.com, ada@example.com] }\n\
    \x20 spare: { members: [bot@example.com, ada@example.com] }\n";

fn bound(holder: &str, role: &str, workspace: &str, scope: &[&str]) -> Object {
    let mut fields = json!({"principal": holder, "role": role, "workspace": workspace});
    if !scope.is_empty() {
        fields["scope"] = json!(scope);
    }
    object(KindName::Binding, &format!("{holder}/{role}/{workspace}"), &fields, None)
}

fn greenlake() -> Capabilities {
    Capabilities {
        own: BTreeSet::from([Address::user("bot@example.com")]),
        full_roles: &["ccs.account-admin"],
        read_only_roles: &["ccs.observer"],
        ..capabilities()
    }
}

/// `bot` and `ada` are in the groups `bots` and `spare`; these bindings, and a set of servers.
fn live(bindings: Vec<Object>) -> Live {
    let both = || vec![Member::Known(0), Member::Known(1)];
    let mut objects = vec![user("bot@example.com"), user("ada@example.com")];
    objects.extend([group("bots", both()), group("spare", both())]);
    let servers = json!({"name": "emea", "workspace": "prod", "scopes": ["grn:a", "grn:b"]});
    objects.push(object(KindName::ScopeGroup, "prod/emea", &servers, None));
    objects.extend(bindings);
    live_with(objects, greenlake())
}

fn own(plan: &Plan) -> Vec<&Finding> {
    plan.findings.iter().filter(|finding| finding.id == super::ID).collect()
}

const EMEA: &str = "scopeGroups: { prod/emea: { scopes: ['grn:a', 'grn:b'] } }\n";

/// The finding on a plan for what is live and these files.
fn told(bindings: Vec<Object>, files: &str) -> Option<Finding> {
    let plan = planned(PROJECT, files, &live(bindings));
    let found = own(&plan);
    assert!(found.len() <= 1, "{found:#?}");
    found.first().map(|finding| {
        assert_eq!(finding.level, Level::Deny);
        assert!(!finding.addresses.is_empty(), "{finding:#?}");
        (*finding).clone()
    })
}

fn fleet(holder: &str) -> Vec<Object> {
    vec![bound(holder, "fleet", "prod", &[])]
}

/// The change that ends a way, what is live, what the files say, and a part of the remedy.
type Case = (&'static str, Vec<Object>, String, &'static str);

const GIVEN: &str = "bindings: [{ role: fleet, group: bots, workspace: prod";

fn bindings_end() -> Vec<Case> {
    let scoped = |scope: &[&str]| vec![bound("group/bots", "fleet", "prod", scope)];
    vec![
        (
            "binding deleted",
            fleet("group/bots"),
            format!("{KEPT}{EMEA}"),
            "keep `- { role: fleet, group: bots, workspace: prod }`",
        ),
        (
            "held directly",
            fleet("user/bot@example.com"),
            format!("{KEPT}{EMEA}"),
            "keep `- { role: fleet, user: bot@example.com, workspace: prod }`",
        ),
        (
            "time over",
            fleet("group/bots"),
            format!("{KEPT}{EMEA}{GIVEN}, until: 2026-11-20 }}]\n"),
            "change `from` and `until` of `binding/group/bots/fleet/prod` at identity.yaml:6",
        ),
        (
            "not begun",
            fleet("group/bots"),
            format!("{KEPT}{EMEA}{GIVEN}, from: 2026-12-20 }}]\n"),
            "so that it holds today",
        ),
        (
            "scope given",
            fleet("group/bots"),
            format!("{KEPT}{EMEA}{GIVEN}, scope: emea }}]\n"),
            "leave `scope` of `binding/group/bots/fleet/prod` out",
        ),
        (
            "scope narrowed",
            scoped(&["emea", "apac"]),
            format!("{KEPT}{EMEA}{GIVEN}, scope: [apac] }}]\n"),
            "keep `scope: [emea, apac]`",
        ),
        (
            "contents of the scope",
            scoped(&["emea"]),
            format!(
                "{KEPT}scopeGroups: {{ prod/emea: {{ scopes: ['grn:a', 'grn:c'] }} }}\n{GIVEN}, scope: emea }}]\n"
            ),
            "keep `scopes: [\"grn:a\",\"grn:b\"]` of `scope-group/prod/emea`",
        ),
    ]
}

fn groups_end() -> Vec<Case> {
    vec![
        (
            "membership removed",
            fleet("group/bots"),
            format!("{}{EMEA}{GIVEN} }}]\n", KEPT.replacen("[bot@example.com, ada", "[ada", 1)),
            "keep `- bot@example.com` in the `members` of `bots`",
        ),
        (
            "membership over",
            fleet("group/bots"),
            format!(
                "{}{EMEA}{GIVEN} }}]\n",
                KEPT.replacen(
                    "[bot@example.com,",
                    "[{ user: bot@example.com, until: 2026-11-01, reason: r },",
                    1
                )
            ),
            "change `from` and `until` of `membership/bots/bot@example.com`",
        ),
        (
            "group deleted",
            fleet("group/bots"),
            format!(
                "{}{EMEA}",
                KEPT.replace("\x20 bots: { members: [bot@example.com, ada@example.com] }\n", "")
            ),
            "keep `bots: { members: [bot@example.com] }` under `groups`",
        ),
    ]
}

fn others_do_not_help() -> Vec<Case> {
    vec![
        (
            "another holder instead",
            fleet("group/bots"),
            format!(
                "{KEPT}{EMEA}bindings: [{{ role: fleet, user: ada@example.com, workspace: prod }}]\n"
            ),
            "another account",
        ),
        (
            "the administrator of another workspace",
            [fleet("group/bots"), vec![bound("group/spare", "ccs.account-admin", "main", &[])]]
                .concat(),
            format!(
                "{KEPT}{EMEA}bindings: [{{ role: ccs.account-admin, group: spare, workspace: main }}]\n"
            ),
            "another account",
        ),
        (
            "the same role for another part",
            vec![
                bound("group/bots", "fleet", "prod", &["emea"]),
                bound("group/spare", "fleet", "prod", &["apac"]),
            ],
            format!(
                "{KEPT}{EMEA}bindings: [{{ role: fleet, group: spare, workspace: prod, scope: apac }}]\n"
            ),
            "another account",
        ),
        (
            "a role that reads stays",
            [fleet("group/bots"), vec![bound("group/spare", "ccs.observer", "prod", &[])]].concat(),
            format!(
                "{KEPT}{EMEA}bindings: [{{ role: ccs.observer, group: spare, workspace: prod }}]\n"
            ),
            "another account",
        ),
    ]
}

#[test]
fn no_way_in_which_a_role_is_held_may_end() {
    let cases = [bindings_end(), groups_end(), others_do_not_help()].concat();
    for (what, bindings, files, remedy) in cases {
        let found = told(bindings, &files).unwrap_or_else(|| panic!("{what}: nothing is said"));
        assert!(found.message.contains("would lose `fleet` in `prod`"), "{what}: {found:#?}");
        assert!(found.remedy.contains(remedy), "{what}: {found:#?}");
    }
}

/// The thing that stays or changes, what is live, and what the files say.
type Harmless = (&'static str, Vec<Object>, String);

fn held_in_another_way() -> Vec<Harmless> {
    let both =
        |role: &str| [fleet("group/bots"), vec![bound("group/spare", role, "prod", &[])]].concat();
    let keeps =
        |role: &str| format!("bindings: [{{ role: {role}, group: spare, workspace: prod }}]\n");
    let parts = |bots: &[&str], spare: &[&str]| {
        vec![
            bound("group/bots", "fleet", "prod", bots),
            bound("group/spare", "fleet", "prod", spare),
        ]
    };
    vec![
        ("the same role", both("fleet"), format!("{KEPT}{EMEA}{}", keeps("fleet"))),
        (
            "the administrator's",
            both("ccs.account-admin"),
            format!("{KEPT}{EMEA}{}", keeps("ccs.account-admin")),
        ),
        (
            "a wider scope",
            parts(&["emea"], &["emea", "apac"]),
            format!(
                "{KEPT}{EMEA}bindings: [{{ role: fleet, group: spare, workspace: prod, scope: [emea, apac] }}]\n"
            ),
        ),
        (
            "the resources of the scope by themselves",
            parts(&["emea"], &["grn:a", "grn:b"]),
            format!(
                "{KEPT}{EMEA}bindings: [{{ role: fleet, group: spare, workspace: prod, scope: ['grn:a', 'grn:b'] }}]\n"
            ),
        ),
        (
            "widened in place",
            parts(&["emea"], &["apac"]),
            format!(
                "{KEPT}{EMEA}bindings: [{{ role: fleet, group: bots, workspace: prod, scope: [emea, north] }}, {{ role: fleet, group: spare, workspace: prod, scope: apac }}]\n"
            ),
        ),
        (
            "to the whole",
            parts(&["emea"], &["apac"]),
            format!(
                "{KEPT}{EMEA}bindings: [{{ role: fleet, group: bots, workspace: prod }}, {{ role: fleet, group: spare, workspace: prod, scope: apac }}]\n"
            ),
        ),
    ]
}

fn no_loss() -> Vec<Harmless> {
    let renamed = KEPT.replace("\x20 bots: {", "\x20 robots: { previously: [bots],");
    vec![
        (
            "a role that only reads",
            vec![bound("group/bots", "ccs.observer", "prod", &[])],
            format!("{KEPT}{EMEA}"),
        ),
        (
            "a group renamed",
            fleet("group/bots"),
            format!(
                "{renamed}{EMEA}bindings: [{{ role: fleet, group: robots, workspace: prod }}]\n"
            ),
        ),
        (
            "another's membership",
            fleet("group/bots"),
            format!(
                "{}{EMEA}bindings: [{{ role: fleet, group: bots, workspace: prod }}]\n",
                KEPT.replace(", ada@example.com]", "]")
            ),
        ),
        (
            "nothing at all",
            fleet("group/bots"),
            format!("{KEPT}{EMEA}bindings: [{{ role: fleet, group: bots, workspace: prod }}]\n"),
        ),
    ]
}

#[test]
fn what_is_held_in_another_way_is_not_lost() {
    for (what, bindings, files) in [held_in_another_way(), no_loss()].concat() {
        assert_eq!(told(bindings, &files), None, "{what}");
    }
}

#[test]
fn what_replaces_a_role_is_given_in_a_change_before() {
    let replaced = [
        "{ role: fleet, group: spare, workspace: prod }",
        "{ role: fleet, user: bot@example.com, workspace: prod }",
        "{ role: ccs.account-admin, group: spare, workspace: prod }",
    ];
    for binding in replaced {
        let files = format!("{KEPT}{EMEA}bindings: [{binding}]\n");
        let found = told(fleet("group/bots"), &files).unwrap();
        assert!(found.remedy.starts_with("do it in two changes"), "{binding}: {found:#?}");
        let first = format!(
            "{KEPT}{EMEA}bindings: [{binding}, {{ role: fleet, group: bots, workspace: prod }}]\n"
        );
        assert_eq!(told(fleet("group/bots"), &first), None, "{binding}");
    }
}

#[test]
fn an_alias_that_looks_like_another_role_is_not_believed() {
    let project = PROJECT.replace("roles: {", "roles: { ccs.account-admin: ccs.observer,");
    let role = bound("group/bots", "ccs.account-admin", "prod", &[]);
    let plan = planned(&project, &format!("{KEPT}{EMEA}"), &live(vec![role]));
    assert_eq!(own(&plan).len(), 1, "{:#?}", plan.findings);
}

#[test]
fn the_account_itself_is_neither_removed_nor_renamed() {
    let cases = [
        ("users: { ada@example.com: {} }\n", "delete it"),
        ("users: { ada@example.com: {}, bot@example.com: { active: false } }\n", "deactivate it"),
        (
            "users: { ada@example.com: {}, new@example.com: { previously: [bot@example.com] } }\n",
            "give it another name to sign in with",
        ),
    ];
    for (users, what) in cases {
        let files = format!("{users}{EMEA}");
        let plan = planned(PROJECT, &files, &live(vec![]));
        let found = own(&plan);
        assert!(
            found.len() == 1 && found[0].message.contains(what),
            "{what}: {:#?}",
            plan.findings
        );
    }
    let title = KEPT.replace("bot@example.com: {}", "bot@example.com: { title: Robot }");
    assert_eq!(own(&planned(PROJECT, &title, &live(vec![]))), Vec::<&Finding>::new());
}

#[test]
fn where_roles_are_not_shown_every_group_may_be_what_lets_it_write() {
    let both = || vec![Member::Known(0), Member::Known(1)];
    let objects = || vec![user("bot@example.com"), user("ada@example.com"), group("bots", both())];
    let mut scim = greenlake();
    scim.refused_kinds.insert(KindName::Binding, "no roles".to_owned());
    let project =
        PROJECT.replace("\x20 scopeGroups: { names: ['prod/*'], onRemove: delete }\n", "");
    let users = "users: { bot@example.com: {}, ada@example.com: {} }\n";
    for (groups, count) in [
        ("groups: { bots: { members: [ada@example.com] } }\n", 1),
        ("", 1),
        ("groups: { bots: { members: [bot@example.com] } }\n", 0),
        ("groups: { robots: { previously: [bots], members: [bot@example.com] } }\n", 0),
    ] {
        let live = live_with(objects(), scim.clone());
        let plan = planned(&project, &format!("{users}{groups}"), &live);
        assert_eq!(own(&plan).len(), count, "{groups}: {:#?}", plan.findings);
    }
}
