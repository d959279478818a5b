//! All files together → [`Desired`]: repeated names, references, jurisdiction.

mod bindings;
mod context;
mod in_file;
mod index;
mod members;
mod references;
mod scope;
mod unique;
mod world;

use std::collections::BTreeMap;

use self::in_file::InFile;
use self::world::World;
use super::node::Place;
use super::project_file::parse_project;
use super::section::{self, Declared, MembersDecl, Part};
use super::sink::Sink;
use super::{Desired, Diagnostics, Intent, Items, Members, MembersDefault, Project, SourceText};
use crate::kind::{Address, Family, Item, KindName};

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
    parse_under(project_file, sources, workers, None)
}

/// The same for a change to `base`, which decides the target.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_under(
    project_file: &SourceText,
    sources: &[SourceText],
    workers: usize,
    base: Option<&Project>,
) -> Result<(Desired, Diagnostics), Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let project = match parse_project(project_file) {
        Ok((mut project, warnings)) => {
            diagnostics.extend(warnings);
            if let Some(base) = base {
                project.take_target(base);
            }
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
    let mut named: BTreeMap<KindName, Vec<InFile<Declared<'t>>>> = BTreeMap::new();
    let (mut bindings, mut waivers) = (Vec::new(), Vec::new());
    for (file, part) in parts.into_iter().enumerate() {
        let Some(part) = part else { continue };
        for (kind, declared) in part.named {
            named.entry(kind).or_default().extend(declared.into_iter().map(|one| (file, one)));
        }
        bindings.extend(part.bindings.into_iter().map(|one| (file, one)));
        waivers.extend(part.waivers);
    }
    for (kind, declared) in &mut named {
        *declared = unique::unique(std::mem::take(declared), *kind, sinks);
    }
    let subjects = named.get(&KindName::User).map(Vec::as_slice).unwrap_or_default();
    let index = index::Index::of(subjects);
    (World { named, bindings, index, is_whole }, waivers)
}

/// The result: the items of each kind in the order of their addresses, in runs.
struct Assembled {
    items: BTreeMap<KindName, Vec<Vec<Item>>>,
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
    let named = world.named.into_iter();
    let mut items: BTreeMap<KindName, Vec<Vec<Item>>> = named
        .map(|(kind, all)| (kind, vec![all.into_iter().map(|one| item(kind, one)).collect()]))
        .collect();
    items.insert(KindName::Membership, memberships);
    items.insert(KindName::Binding, vec![bindings]);
    Assembled { items, intents }
}

fn intents(world: &World<'_>, default_mode: MembersDefault) -> BTreeMap<Address, Intent> {
    let former = |declared: &Declared<'_>| -> Vec<_> {
        declared.previously.iter().map(|(key, _): &(_, Place)| key.clone()).collect()
    };
    let intent = |(kind, one): (KindName, &Declared<'_>)| {
        let said = one.members.as_deref();
        let members = said.map_or(Members::Unmanaged, |members| mode_of(members, default_mode));
        let is_default = said.is_some_and(|members| members.mode.is_none());
        let is_said = !one.previously.is_empty() || kind.family() == Family::Group;
        let intent = || Intent { previously: former(one), members, is_default };
        is_said.then(|| (Address::new(kind, one.key.clone()), intent()))
    };
    world.all().filter_map(|(kind, (_, one))| intent((kind, one))).collect()
}

fn mode_of(members: &MembersDecl<'_>, default_mode: MembersDefault) -> Members {
    match (&members.list, members.mode.unwrap_or(default_mode)) {
        (None, _) => Members::Unmanaged,
        (Some(_), mode) => mode.into(),
    }
}
