//! Memberships: a million of them, resolved by number and spread over threads.

use super::{InFile, World};
use crate::config::node::Place;
use crate::config::section::GroupDecl;
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::config::{parallel, suggest::Suggester};
use crate::kind::{Address, Fields, Item, Key, KindName};

/// What is wrong with a member.
enum Problem<'t> {
    /// Nobody of this name is declared.
    Unknown(&'t str),
    /// The group has the user already, at this place.
    Repeated(&'t str, Place),
}

/// One run of groups, resolved.
struct Run<'t> {
    items: Vec<Item>,
    problems: Vec<(usize, Place, Problem<'t>)>,
}

/// The memberships, in runs that follow each other in the order of their addresses.
pub(super) fn resolve(world: &World<'_>, workers: usize, sinks: &mut [Sink]) -> Vec<Vec<Item>> {
    let index = Index::of(world);
    let runs: Vec<&[InFile<GroupDecl<'_>>]> =
        world.groups.chunks(world.groups.len().div_ceil(workers.max(1) * 8).max(1)).collect();
    let shared: &[Sink] = sinks;
    let resolved = parallel::map(&runs, workers, |run| {
        let mut out = Run { items: Vec::new(), problems: Vec::new() };
        for (file, group) in *run {
            members_of(group, (*file, &shared[*file]), &index, &mut out);
        }
        out
    });
    let mut suggester = Suggester::new();
    let mut items = Vec::with_capacity(resolved.len());
    for run in resolved {
        for (file, place, problem) in &run.problems {
            report(problem, (*place, &mut sinks[*file]), &index, &mut suggester, world.is_whole);
        }
        items.push(run.items);
    }
    items
}

fn members_of<'t>(
    group: &GroupDecl<'t>,
    (file, sink): (usize, &Sink),
    index: &Index<'_>,
    out: &mut Run<'t>,
) {
    let Some(members) = &group.members else { return };
    let mut resolved: Vec<(u32, u32)> = Vec::with_capacity(members.len());
    for (at, member) in members.iter().enumerate() {
        match index.find(member.user) {
            Some(user) => resolved.push((user, at as u32)),
            None => out.problems.push((file, member.place, Problem::Unknown(member.user))),
        }
    }
    // Users are in the order of their keys, so the order of the numbers is that of the addresses.
    resolved.sort_unstable();
    out.items.reserve(resolved.len());
    let mut last: Option<(u32, u32)> = None;
    for (user, at) in resolved {
        let member = &members[at as usize];
        if let Some((twin, first)) = last
            && twin == user
        {
            let first = members[first as usize].place;
            out.problems.push((file, member.place, Problem::Repeated(member.user, first)));
            continue;
        }
        last = Some((user, at));
        let address =
            Address::membership(group.declared.key.clone(), index.keys[user as usize].clone());
        let mut item = Item::new(address, Fields::new());
        item.grant.clone_from(&member.grant);
        item.source = Some(sink.source(member.place));
        out.items.push(item);
    }
}

fn report(
    problem: &Problem<'_>,
    (place, sink): (Place, &mut Sink),
    index: &Index<'_>,
    suggester: &mut Suggester,
    is_whole: bool,
) {
    match problem {
        Problem::Unknown(_) if !is_whole => {}
        Problem::Unknown(user) => {
            let remedy = suggester.unknown(user, KindName::User, index.names());
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
        Problem::Repeated(user, first) => {
            let first = sink.source(*first);
            sink.error_also(
                place,
                "repeated-member",
                [
                    format_args!("`{}` is a member of this group twice", Excerpt(user)),
                    format_args!(
                        "the two may differ in when and why, and nothing says which counts"
                    ),
                    format_args!("keep one of the two"),
                ],
                (first, "first listed here"),
            );
        }
    }
}

/// The declared users by number.
pub(super) struct Index<'w> {
    keys: Vec<&'w Key>,
}

impl<'w> Index<'w> {
    /// The users of `world`, which are in the order of their keys.
    pub(super) fn of(world: &'w World<'_>) -> Self {
        Self { keys: world.users.iter().map(|(_, user)| &user.key).collect() }
    }

    /// The number of the user that is written `name`.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        let folded;
        let name = if name.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()) {
            name
        } else {
            folded = Key::new(name);
            folded.as_str()
        };
        self.keys.binary_search_by(|key| key.as_str().cmp(name)).ok().map(|at| at as u32)
    }

    /// All keys.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.as_str())
    }
}
