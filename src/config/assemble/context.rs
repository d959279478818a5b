//! What groups and domains say for the guardrails alone: roles and tenants that must be there. A
//! typo in them would be found by nobody, or be judged as somebody else's.

use super::World;
use crate::config::Project;
use crate::config::role_name::check_role;
use crate::config::section::Declared;
use crate::config::sink::Sink;
use crate::config::words::{DidYouMean, Excerpt};
use crate::kind::KindName;

/// Checks them all.
pub(super) fn check(world: &World<'_>, project: &Project, sinks: &mut [Sink]) {
    if project.target.speaks_greenlake() {
        for (file, group) in world.groups() {
            let baseline = group.fields.get("baseline").and_then(|roles| roles.as_array());
            for role in baseline.into_iter().flatten().filter_map(|role| role.as_str()) {
                check_role(role, group.place, &project.roles, &project.file, &mut sinks[*file]);
            }
        }
    }
    for (file, domain) in world.of_kind(KindName::Domain) {
        check_tenant(domain, project, &mut sinks[*file]);
    }
}

fn check_tenant(domain: &Declared<'_>, project: &Project, sink: &mut Sink) {
    let known = &project.target.workspaces;
    let tenant = domain.fields.get("tenant").and_then(|tenant| tenant.as_str());
    let Some(tenant) = tenant.filter(|tenant| !known.contains_key(*tenant)) else { return };
    if known.is_empty() {
        return;
    }
    let names: Vec<&str> = known.keys().map(String::as_str).take(50).collect();
    // Only a warning: a tenant may be looked after by another program.
    sink.warning(
        domain.place,
        "unknown-tenant",
        [
            format_args!("the tenant `{}` is no workspace of this project", Excerpt(tenant)),
            format_args!("workspaces are declared under `target.workspaces` in {}", project.file),
            format_args!("{}", DidYouMean(tenant, &names)),
        ],
    );
}

#[cfg(test)]
mod tests {
    use crate::config::{SourceText, parse};

    /// What is wrong with a project of HPE GreenLake's twin, as `check line:column what`.
    fn wrong(project: &str, files: &str) -> Vec<String> {
        let text = |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
        let project = format!(
            "organization: acme\ntarget: {{ provider: sandbox, personality: greenlake, workspaces: {{ main: {{ id: w1 }} }} }}\nroles: {{ admin: ccs.account-admin }}\nmanage: {{ groups: {{ names: ['*'] }} }}\n{project}"
        );
        let parsed = parse(&text("muster.yaml", &project), &[text("a.yaml", files)], 1);
        let found = parsed.map_or_else(|found| found, |(_, warnings)| warnings);
        let word = |one: crate::config::Diagnostic| {
            let place = one.source.map_or((0, 0), |source| (source.line, source.column));
            format!("{} {}:{} {}", one.id, place.0, place.1, one.what)
        };
        found.sorted().into_iter().map(word).collect()
    }

    #[test]
    fn a_typo_in_a_role_that_is_looked_after_is_an_error() {
        let fine = "administrators: { roles: [admin, ccs.x] }\nprivileged: [admin, 'adm*', 'c?s', grn:a]\n";
        let groups = "groups: { g: { baseline: [admin, ccs.observer] } }\n";
        assert_eq!(wrong(fine, groups), Vec::<String>::new());
        assert_eq!(
            wrong("administrators: { roles: [adminn] }\n", "users: {}\n"),
            ["unknown-role 5:27 `adminn` names no role"]
        );
        assert_eq!(
            wrong("privileged:\n  - admin\n  - adminn\n", "users: {}\n"),
            ["unknown-role 7:5 `adminn` names no role"]
        );
        assert_eq!(
            wrong("", "groups:\n  g: { baseline: [obsever, admin] }\n"),
            ["unknown-role 2:3 `obsever` names no role"]
        );
    }

    #[test]
    fn a_tenant_that_is_no_workspace_here_is_said() {
        let said = |tenant: &str| {
            let all = wrong("", &format!("domains:\n  x.example: {{ tenant: {tenant} }}\n"));
            all.into_iter().filter(|one| one.starts_with("unknown-")).collect::<Vec<_>>()
        };
        let expected = ["unknown-tenant 2:3 the tenant `man` is no workspace of this project"];
        assert_eq!(said("man"), expected);
        assert_eq!(said("main"), Vec::<String>::new());
    }
}
