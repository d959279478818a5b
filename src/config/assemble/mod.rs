//! All files together → [`Desired`]: repeated names, references, jurisdiction.

mod bindings;
mod context;
mod index;
mod members;
mod references;
mod scope;
mod unique;

use std::collections::BTreeMap;

use super::node::Place;
use super::project_file::parse_project;
use super::section::{self, Declared, GroupDecl, Part};
use super::sink::Sink;
use super::{Desired, Diagnostics, Intent, Items, Members, MembersDefault, Project, SourceText};
use crate::kind::{Address, Item, KindName};

/// A thing and the number of the file that declares it.
type InFile<T> = (usize, T);

/// Everything declared, each name once, in the order of the keys.
struct World<'t> {
    users: Vec<InFile<Declared<'t>>>,
    groups: Vec<InFile<GroupDecl<'t>>>,
    domains: Vec<InFile<Declared<'t>>>,
    bindings: Vec<InFile<section::BindingDecl<'t>>>,
    /// The users by name.
    index: index::Index,
    /// Whether every file could be read: only then is a name that is not there missing.
    is_whole: bool,
}

/// Reads the project file and all files of desired state: what is desired, and warnings. The
/// order of `sources` does not matter; `workers` is how many threads may read at a time.
///
/// # Errors
///
/// Every problem found in any file, each with its place.
pub fn parse(
    project_file: &SourceText,
    sources: &[SourceText],
    workers: usize,
) -> Result<(Desired, Diagnostics), Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let project = match parse_project(project_file) {
        Ok((project, warnings)) => {
            diagnostics.extend(warnings);
            Some(project)
        }
        Err(errors) => {
            diagnostics.extend(errors);
            None
        }
    };
    let mut ordered: Vec<&SourceText> = sources.iter().collect();
    ordered.sort_by(|a, b| a.name.cmp(&b.name));
    let trees = super::parallel::map(&ordered, workers, |source| {
        let mut sink = Sink::new(&source.name);
        let tree = super::parse::read(source, &mut sink);
        (tree, sink, super::digest::sha256_hex(&source.bytes))
    });
    let read = super::parallel::map(&trees, workers, |(tree, sink, _)| {
        let mut sink = sink.clone();
        let part = tree.as_ref().map(|tree| section::read(tree, &mut sink));
        (part, sink)
    });
    let is_whole = read.iter().all(|(part, _)| part.is_some());
    let (parts, mut sinks): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    scope::check_sources(project.as_ref(), project_file, &ordered, &mut diagnostics);
    let says_something = parts.iter().flatten().any(|part| part.says_something);
    if is_whole && !says_something && !ordered.is_empty() {
        scope::report_nothing_declared(project_file, &mut diagnostics);
    }
    let (world, waivers) = gather(parts, is_whole, &mut sinks);
    let assembled = assemble(world, project.as_ref(), workers, &mut sinks);
    let mut digests: BTreeMap<String, String> = trees
        .into_iter()
        .zip(&ordered)
        .map(|((_, _, digest), source)| (source.name.to_string(), digest))
        .collect();
    digests.insert(project_file.name.to_string(), super::digest::sha256_hex(&project_file.bytes));
    for sink in sinks {
        sink.drain_into(&mut diagnostics);
    }
    match project {
        Some(project) if !diagnostics.has_errors() => {
            let items = Items::of(assembled.items);
            let desired = Desired { project, items, intents: assembled.intents, waivers, digests };
            Ok((desired, diagnostics))
        }
        _ => Err(diagnostics),
    }
}

fn gather<'t>(
    parts: Vec<Option<Part<'t>>>,
    is_whole: bool,
    sinks: &mut [Sink],
) -> (World<'t>, Vec<super::Waiver>) {
    let (mut users, mut groups, mut domains) = (Vec::new(), Vec::new(), Vec::new());
    let (mut bindings, mut waivers) = (Vec::new(), Vec::new());
    for (file, part) in parts.into_iter().enumerate() {
        let Some(part) = part else { continue };
        users.extend(part.users.into_iter().map(|one| (file, one)));
        groups.extend(part.groups.into_iter().map(|one| (file, one)));
        domains.extend(part.domains.into_iter().map(|one| (file, one)));
        bindings.extend(part.bindings.into_iter().map(|one| (file, one)));
        waivers.extend(part.waivers);
    }
    let users = unique::unique(users, KindName::User, |one| one, sinks);
    let groups = unique::unique(groups, KindName::Group, |one| &one.declared, sinks);
    let domains = unique::unique(domains, KindName::Domain, |one| one, sinks);
    let index = index::Index::of(&users);
    (World { users, groups, domains, bindings, index, is_whole }, waivers)
}

/// What comes of it: items in the order of their addresses, in runs.
struct Assembled {
    items: Vec<Vec<Item>>,
    intents: BTreeMap<Address, Intent>,
}

fn assemble(
    world: World<'_>,
    project: Option<&Project>,
    workers: usize,
    sinks: &mut [Sink],
) -> Assembled {
    let default_mode = project.map(|project| project.manage.members).unwrap_or_default();
    let memberships = members::resolve(&world, workers, sinks);
    let bindings = bindings::resolve(&world, project, sinks);
    references::check(&world, sinks);
    if let Some(project) = project {
        scope::check_jurisdiction(&world, project, sinks);
        context::check(&world, project, sinks);
    }
    let intents = intents(&world, default_mode);
    let item = |kind: KindName, (file, declared): InFile<Declared<'_>>| {
        let mut item = Item::new(Address::new(kind, declared.key), declared.fields);
        item.source = sinks.get(file).map(|sink| sink.source(declared.place));
        item
    };
    let World { users, groups, domains, .. } = world;
    let groups = groups.into_iter().map(|(file, group)| (file, group.declared));
    let mut items: Vec<Vec<Item>> = vec![
        domains.into_iter().map(|one| item(KindName::Domain, one)).collect(),
        users.into_iter().map(|one| item(KindName::User, one)).collect(),
        groups.map(|one| item(KindName::Group, one)).collect(),
    ];
    items.extend(memberships);
    items.push(bindings);
    Assembled { items, intents }
}

fn intents(world: &World<'_>, default_mode: MembersDefault) -> BTreeMap<Address, Intent> {
    let former = |declared: &Declared<'_>| -> Vec<_> {
        declared.previously.iter().map(|(key, _): &(_, Place)| key.clone()).collect()
    };
    let users = world.users.iter().filter(|(_, user)| !user.previously.is_empty());
    let users = users.map(|(_, user)| {
        let intent = Intent { previously: former(user), members: Members::Unmanaged };
        (Address::new(KindName::User, user.key.clone()), intent)
    });
    let groups = world.groups.iter().map(|(_, group)| {
        let members = match (&group.members, group.mode.unwrap_or(default_mode)) {
            (None, _) => Members::Unmanaged,
            (Some(_), MembersDefault::Exact) => Members::Exact,
            (Some(_), MembersDefault::Additive) => Members::Additive,
        };
        let intent = Intent { previously: former(&group.declared), members };
        (Address::new(KindName::Group, group.declared.key.clone()), intent)
    });
    users.chain(groups).collect()
}

impl<'t> World<'t> {
    /// The group of this key.
    fn group(&self, key: &crate::kind::Key) -> Option<&InFile<GroupDecl<'t>>> {
        let found = self.groups.binary_search_by(|(_, group)| group.declared.key.cmp(key));
        found.ok().and_then(|at| self.groups.get(at))
    }

    /// Whether a group of this key is declared.
    fn has_group(&self, key: &crate::kind::Key) -> bool {
        self.group(key).is_some()
    }
}
