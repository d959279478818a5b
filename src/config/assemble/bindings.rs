//! Bindings: who they name, and that no two are the same.

use std::collections::BTreeMap;

use super::World;
use crate::config::Project;
use crate::config::role_name::check_role;
use crate::config::section::BindingDecl;
use crate::config::sink::Sink;
use crate::config::suggest::Suggester;
use crate::config::words::{DidYouMean, Excerpt};
use crate::kind::{Address, BindingSpec, Item, Key, KindName, Principal, WHOLE_WORKSPACE};

/// The bindings, in the order of their addresses.
pub(super) fn resolve(
    world: &World<'_>,
    project: Option<&Project>,
    sinks: &mut [Sink],
) -> Vec<Item> {
    let mut suggester = Suggester::new();
    let mut items: BTreeMap<Address, Item> = BTreeMap::new();
    for (file, binding) in &world.bindings {
        let sink = &mut sinks[*file];
        if world.is_whole {
            check_principal(binding, world, &mut suggester, sink);
        }
        check_workspace(binding, project, sink);
        if let Some(project) = project.filter(|project| project.target.speaks_greenlake()) {
            check_role(binding.role, binding.place, &project.roles, &project.file, sink);
        }
        let item = item(binding, project, sink);
        if let Some(first) = items.get(&item.address) {
            report_repeated(binding, first, sink);
            continue;
        }
        items.insert(item.address.clone(), item);
    }
    items.into_values().collect()
}

fn item(binding: &BindingDecl<'_>, project: Option<&Project>, sink: &Sink) -> Item {
    let (kind, name, _) = binding.principal;
    let key = Key::new(name);
    let principal =
        if kind == KindName::User { Principal::User(key) } else { Principal::Group(key) };
    let spec = BindingSpec {
        principal,
        role: project.map_or_else(
            || binding.role.to_owned(),
            |project| project.roles.canonical(binding.role),
        ),
        workspace: workspace(binding, project).map(str::to_owned),
        scope: binding.scope.iter().flatten().map(|scope| place(scope, binding, project)).collect(),
        owner: binding.owner.map(|(owner, _)| owner.to_owned()),
    };
    let mut item = Item::new(spec.address(), spec.fields());
    item.grant.clone_from(&binding.grant);
    item.source = Some(sink.source(binding.place));
    item
}

fn check_principal(
    binding: &BindingDecl<'_>,
    world: &World<'_>,
    suggester: &mut Suggester,
    sink: &mut Sink,
) {
    let (kind, name, place) = binding.principal;
    let key = Key::new(name);
    let (is_declared, check) = if kind == KindName::User {
        (world.index.find(name).is_some(), "unknown-user")
    } else {
        (world.find(kind, &key).is_some(), "unknown-group")
    };
    if is_declared {
        return;
    }
    let remedy = if kind == KindName::User {
        suggester.unknown(name, kind, world.index.names())
    } else {
        let groups = world.groups().iter().map(|(_, group)| group.key.as_str());
        suggester.unknown(name, kind, groups)
    };
    sink.error(
        place,
        check,
        [
            format_args!("the binding's {kind} `{}` is not declared", Excerpt(name)),
            format_args!("a role cannot be given to nobody"),
            format_args!("{remedy}"),
        ],
    );
}

/// A scope as it is compared: the workspace's own GRN is the workspace.
fn place(scope: &str, binding: &BindingDecl<'_>, project: Option<&Project>) -> String {
    let name = workspace(binding, project);
    let id = project.zip(name).and_then(|(project, name)| project.target.workspaces.get(name));
    let plain = |text: &str| text.replace('-', "").to_ascii_lowercase();
    let is_whole = scope
        .strip_prefix("grn:glp/workspaces/")
        .zip(id)
        .is_some_and(|(scope, id)| plain(scope) == plain(&id.id));
    if is_whole { WHOLE_WORKSPACE.to_owned() } else { scope.to_owned() }
}

/// The workspace it holds in: the one it names, or the only one there is.
fn workspace<'a>(binding: &BindingDecl<'a>, project: Option<&'a Project>) -> Option<&'a str> {
    let only = || {
        let project = project.filter(|project| project.target.speaks_greenlake())?;
        let mut names = project.target.workspaces.keys();
        names.next().filter(|_| names.next().is_none()).map(String::as_str)
    };
    binding.workspace.map(|(workspace, _)| workspace).or_else(only)
}

fn check_workspace(binding: &BindingDecl<'_>, project: Option<&Project>, sink: &mut Sink) {
    let Some(project) = project else { return };
    if project.target.speaks_greenlake() && workspace(binding, Some(project)).is_none() {
        sink.error(
            binding.place,
            "missing-key",
            [
                format_args!("the binding does not say in which `workspace` it holds"),
                format_args!(
                    "roles are held in one workspace each, and the project has several or none"
                ),
                format_args!("add `workspace: …`, one of `target.workspaces` in {}", project.file),
            ],
        );
    }
    let Some((name, place)) = binding.workspace else { return };
    let known = &project.target.workspaces;
    if known.is_empty() || known.contains_key(name) {
        return;
    }
    let names: Vec<&str> = known.keys().map(String::as_str).take(50).collect();
    sink.error(
        place,
        "unknown-workspace",
        [
            format_args!("the workspace `{}` is not declared", Excerpt(name)),
            format_args!("workspaces are declared under `target.workspaces` in {}", project.file),
            format_args!("{}", DidYouMean(name, &names)),
        ],
    );
}

fn report_repeated(binding: &BindingDecl<'_>, first: &Item, sink: &mut Sink) {
    let (kind, name, _) = binding.principal;
    let words = [
        format_args!("the {kind} `{}` is given `{}` twice", Excerpt(name), Excerpt(binding.role)),
        format_args!(
            "one binding is one role, one holder and one workspace, with one `from` and one `until`"
        ),
        format_args!(
            "keep one of the two: several parts of a workspace are a list under `scope`, and a second \
             window of time is written when the first one is over"
        ),
    ];
    match &first.source {
        Some(source) => {
            let also = (source.clone(), "first given here");
            sink.error_also(binding.place, "repeated-binding", words, also);
        }
        None => sink.error(binding.place, "repeated-binding", words),
    }
}
