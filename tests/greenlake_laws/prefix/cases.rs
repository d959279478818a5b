//! The cases that are tried one by one: up to six people, each of whom stays, leaves or joins, by
//! every way and by every change that takes a way; and as few who remain as the guard permits.

use super::super::rng::Rng;
use super::case::{BY_GROUP, Case, DIRECT, EACH, NAMED, Person, Ways, Whole};

/// What becomes of those who leave.
#[derive(Clone, Copy)]
struct Fate {
    /// Their ways, one after the other.
    before: [Ways; 3],
    /// What they keep of them and get beside; `None`: their account goes.
    after: Option<Ways>,
    whole: Whole,
    deactivates: bool,
}

/// All cases, in an order that spreads every sort of them over the whole.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for at_least in 1..=3 {
        for margin in 0..=2 {
            let stay = at_least + margin;
            for leave in 1..=6_usize.saturating_sub(stay) {
                for join in [0, stay] {
                    let people = [stay - join, leave, join];
                    cases.extend(fates().iter().flat_map(|fate| {
                        let of = |staying| case((at_least, margin), people, *fate, staying);
                        [of(false), of(true)]
                    }));
                }
            }
        }
    }
    cases.extend(too_few());
    // The numbers of cases are no multiples of this one.
    let count = cases.len();
    assert!(!count.is_multiple_of(STRIDE));
    (0..count).map(|at| cases[at * STRIDE % count].clone()).collect()
}

/// A prime number.
const STRIDE: usize = 1_009;

/// Those in which one who remains loses one way of several, and less remain than the margin asks
/// for: whoever lets them pass lets others take the last way.
fn too_few() -> Vec<Case> {
    let is_one = |fate: &Fate| {
        let [one, ..] = fate.before;
        fate.whole == Whole::Nothing && fate.after.is_some_and(|after| after != 0 && after != one)
    };
    let fates: Vec<Fate> = fates().into_iter().filter(is_one).collect();
    let mut cases = Vec::new();
    for (at_least, margin) in (1..=3).flat_map(|least| [(least, 1), (least, 2)]) {
        let people = [at_least + margin - 2, 1, 0];
        let of =
            |fate: &Fate| [false, true].map(|mixed| case((at_least, margin), people, *fate, mixed));
        cases.extend(fates.iter().flat_map(of));
    }
    cases
}

fn fates() -> Vec<Fate> {
    let each = EACH.map(|way| [way; 3]);
    let all = NAMED | BY_GROUP | DIRECT;
    let fate = |before, after| Fate { before, after, whole: Whole::Nothing, deactivates: false };
    let mut fates = Vec::new();
    for before in each.into_iter().chain([EACH]) {
        let goes = fate(before, None);
        fates.extend([fate(before, Some(0)), goes, Fate { deactivates: true, ..goes }]);
    }
    for (one, other) in EACH.into_iter().flat_map(|one| EACH.map(|other| (one, other))) {
        if one != other {
            // One way of two is taken; or one is exchanged for the other.
            fates.extend([fate([one | other; 3], Some(other)), fate([one; 3], Some(other))]);
        }
    }
    fates.extend([fate([all; 3], Some(0)), fate([all; 3], None)]);
    for whole in Whole::ALL {
        let way = match whole {
            Whole::Nothing => continue,
            Whole::AdminsGo | Whole::AdminsRenamed => NAMED,
            _ => BY_GROUP,
        };
        fates.push(Fate { whole, ..fate([way; 3], Some(way)) });
    }
    fates
}

/// The case of so many who stay, leave and join.
fn case(
    (at_least, margin): (usize, usize),
    [stay, leave, join]: [usize; 3],
    fate: Fate,
    is_mixed: bool,
) -> Case {
    // Whoever stays does so by the way that others lose, or by all of them in turn; but not by one
    // that nobody has any more.
    let ended = if fate.whole == Whole::Nothing { 0 } else { fate.before[0] };
    let mut ways: Vec<Ways> = EACH.into_iter().filter(|way| *way != ended).collect();
    if !is_mixed {
        ways.retain(|way| ended != 0 || fate.before[0] & way != 0);
        ways.truncate(1);
    }
    let way = |at: usize| ways[at % ways.len()];
    let staying = (0..stay).map(|at| Person { before: way(at), after: Some(way(at)) });
    let leaving = (0..leave).map(|at| Person { before: fate.before[at % 3], after: fate.after });
    let joining = (0..join).map(|at| Person { before: 0, after: Some(way(at)) });
    let people = staying.chain(leaving).chain(joining).collect();
    let (whole, deactivates) = (fate.whole, fate.deactivates);
    Case { people, whole, at_least, margin, deactivates }
}

/// A case of all there are: up to six people, whatever they were and will be.
pub(crate) fn drawn(number: u64) -> Case {
    let mut rng = Rng::new(number);
    let people = (0..1 + rng.below(6)).map(|_| {
        let before = if rng.chance(85) { 1 + rng.below(7) as Ways } else { 0 };
        let after = match rng.below(10) {
            0..4 => Some(before),
            4..6 => Some(rng.below(8) as Ways),
            6..8 => Some(before & rng.below(8) as Ways),
            _ => None,
        };
        Person { before, after }
    });
    let people = people.collect();
    let whole = if rng.chance(50) { Whole::Nothing } else { *rng.pick(&Whole::ALL) };
    let (at_least, margin) = (1 + rng.below(3), rng.below(3));
    Case { people, whole, at_least, margin, deactivates: rng.chance(20) }
}
