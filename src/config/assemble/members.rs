//! Memberships: a million of them, resolved by number and spread over threads.

use super::index::Index;
use super::{InFile, World};
use crate::config::section::{Declared, MemberDecl};
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::config::{parallel, suggest::Suggester};
use crate::kind::{Address, Fields, Item, KindName};

/// What is wrong with a member: numbers only, because a hostile file has millions of them.
struct Problem {
    /// The group, by its place in the run.
    group: u32,
    /// The member, by its place in the group.
    member: u32,
    /// The member of the same group that it repeats; without one, nobody of its name is declared.
    twin: Option<u32>,
}

/// One run of groups, resolved.
struct Run {
    items: Vec<Item>,
    problems: Vec<Problem>,
}

/// The memberships, in runs that follow each other in the order of their addresses.
pub(super) fn resolve(world: &World<'_>, workers: usize, sinks: &mut [Sink]) -> Vec<Vec<Item>> {
    let index = &world.index;
    let groups = world.groups();
    let runs: Vec<&[InFile<Declared<'_>>]> =
        groups.chunks(groups.len().div_ceil(workers.max(1) * 8).max(1)).collect();
    let shared: &[Sink] = sinks;
    let resolved = parallel::map(&runs, workers, |run| {
        let count = run.iter().filter_map(|(_, group)| list(group)).map(<[_]>::len).sum();
        let mut out = Run { items: Vec::with_capacity(count), problems: Vec::new() };
        for (at, (file, group)) in (0..).zip(*run) {
            members_of((at, group), &shared[*file], index, &mut out);
        }
        out
    });
    let mut suggester = Suggester::new();
    let mut items = Vec::with_capacity(resolved.len());
    for (run, resolved) in runs.iter().zip(resolved) {
        for problem in &resolved.problems {
            let (file, group) = &run[problem.group as usize];
            report(problem, group, (world, &mut suggester), &mut sinks[*file]);
        }
        items.push(resolved.items);
    }
    items
}

/// The declared members of a group; `None`: not managed.
fn list<'a, 't>(group: &'a Declared<'t>) -> Option<&'a [MemberDecl<'t>]> {
    group.members.as_deref().and_then(|members| members.list.as_deref())
}

fn members_of((number, group): (u32, &Declared<'_>), sink: &Sink, index: &Index, out: &mut Run) {
    let Some(members) = list(group) else { return };
    let mut resolved: Vec<(u32, u32)> = Vec::with_capacity(members.len());
    for (at, member) in (0..).zip(members) {
        match index.find(member.user) {
            Some(user) => resolved.push((user, at)),
            None => out.problems.push(Problem { group: number, member: at, twin: None }),
        }
    }
    // Users are in the order of their keys, so the order of the numbers is that of the addresses.
    resolved.sort_unstable();
    let mut last: Option<(u32, u32)> = None;
    for (user, at) in resolved {
        let member = &members[at as usize];
        if let Some((twin, first)) = last
            && twin == user
        {
            out.problems.push(Problem { group: number, member: at, twin: Some(first) });
            continue;
        }
        last = Some((user, at));
        let address = Address::membership(group.key.clone(), index.key(user));
        let mut item = Item::new(address, Fields::new());
        item.grant.clone_from(&member.grant);
        item.source = Some(sink.source(member.place));
        out.items.push(item);
    }
}

fn report(
    problem: &Problem,
    group: &Declared<'_>,
    (world, suggester): (&World<'_>, &mut Suggester),
    sink: &mut Sink,
) {
    let members = list(group).unwrap_or_default();
    let Some(member) = members.get(problem.member as usize) else { return };
    let (user, place) = (member.user, member.place);
    if let Some(twin) = problem.twin.and_then(|twin| members.get(twin as usize)) {
        let first = sink.source(twin.place);
        sink.error_also(
            place,
            "repeated-member",
            [
                format_args!("`{}` is a member of this group twice", Excerpt(user)),
                format_args!("the two may differ in when and why, and nothing says which counts"),
                format_args!("keep one of the two"),
            ],
            (first, "first listed here"),
        );
    } else if world.is_whole {
        let remedy = suggester.unknown(user, KindName::User, world.index.names());
        sink.error(
            place,
            "unknown-user",
            [
                format_args!("the member `{}` is not a declared user", Excerpt(user)),
                format_args!("a misspelt name would never get, or never lose, its access"),
                format_args!("{remedy}"),
            ],
        );
    }
}
