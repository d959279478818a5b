//! Bindings: who they name, and that no two are the same.

use std::collections::BTreeMap;

use super::World;
use crate::config::Project;
use crate::config::section::BindingDecl;
use crate::config::sink::Sink;
use crate::config::suggest::Suggester;
use crate::config::words::{DidYouMean, Excerpt};
use crate::kind::{Address, BindingSpec, Item, Key, KindName, Principal};

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
        let item = item(binding, sink);
        if let Some(first) = items.get(&item.address) {
            report_repeated(binding, first, sink);
            continue;
        }
        items.insert(item.address.clone(), item);
    }
    items.into_values().collect()
}

fn item(binding: &BindingDecl<'_>, sink: &Sink) -> Item {
    let (kind, name, _) = binding.principal;
    let key = Key::new(name);
    let principal =
        if kind == KindName::User { Principal::User(key) } else { Principal::Group(key) };
    let spec = BindingSpec {
        principal,
        role: binding.role.to_owned(),
        workspace: binding.workspace.map(|(workspace, _)| workspace.to_owned()),
        scope: binding.scope.map(str::to_owned),
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
        (world.has_group(&key), "unknown-group")
    };
    if is_declared {
        return;
    }
    let remedy = if kind == KindName::User {
        suggester.unknown(name, kind, world.index.names())
    } else {
        let groups = world.groups.iter().map(|(_, group)| group.declared.key.as_str());
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

fn check_workspace(binding: &BindingDecl<'_>, project: Option<&Project>, sink: &mut Sink) {
    let (Some((name, place)), Some(project)) = (binding.workspace, project) else { return };
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
        format_args!("one binding is one role, one holder and one place"),
        format_args!("keep one of the two"),
    ];
    match &first.source {
        Some(source) => {
            let also = (source.clone(), "first given here");
            sink.error_also(binding.place, "repeated-binding", words, also);
        }
        None => sink.error(binding.place, "repeated-binding", words),
    }
}
