//! Laws: properties that hold for every seed of a generator.
//!
//! `MUSTER_LAW_SEEDS=N` tries another number of seeds, or with `A..B` those from A to before B, and
//! `MUSTER_LAW_SEED=S` tries one. The feature `broad` tries as many as `.ci/run` does, twenty times
//! what `cargo test` has time for. `.ci/seeds` tries a million.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const ONE: &str = "MUSTER_LAW_SEED";
const MANY: &str = "MUSTER_LAW_SEEDS";

/// What is tried in this run, of a number that is meant for the broad one; at least 1.
pub(crate) const fn share(of_broad: usize) -> usize {
    let share = if cfg!(feature = "broad") { of_broad } else { of_broad / 20 };
    if share == 0 { 1 } else { share }
}

/// Holds a law against every seed. The lowest that was seen to break it is named, with the line
/// to run again; `test` is the path of the law within the suite.
pub(crate) fn law(test: &str, of_broad: usize, holds: impl Fn(u64) + Sync) {
    let (first, last) = wanted(|name| std::env::var(name).ok(), share(of_broad) as u64);
    assert!(first < last, "a law held against nothing holds nothing");
    let next = AtomicU64::new(first);
    let broken: Mutex<Option<(u64, String)>> = Mutex::default();
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= last {
                return;
            }
            if let Err(cause) = catch_unwind(AssertUnwindSafe(|| holds(seed))) {
                let words = cause.downcast_ref::<String>().cloned();
                let words =
                    words.or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                let mut lowest = broken.lock().unwrap();
                if lowest.as_ref().is_none_or(|(known, _)| seed < *known) {
                    *lowest = Some((seed, words.unwrap_or_default()));
                }
                next.store(last, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    if let Some((seed, words)) = broken.into_inner().unwrap() {
        panic!("{words}\nagain: {ONE}={seed} cargo test --test suite {test}");
    }
}

/// The first seed, and the one after the last. What cannot be read is no default.
fn wanted(given: impl Fn(&str) -> Option<String>, otherwise: u64) -> (u64, u64) {
    let number = |text: &str| -> u64 {
        text.parse().unwrap_or_else(|_| panic!("`{text}` is no number of a seed"))
    };
    if let Some(seed) = given(ONE) {
        let seed = number(&seed);
        return (seed, seed + 1);
    }
    match given(MANY) {
        None => (0, otherwise),
        Some(many) => match many.split_once("..") {
            Some((first, last)) => (number(first), number(last)),
            None => (0, number(&many)),
        },
    }
}

#[test]
fn seeds_are_one_a_number_of_them_or_a_range() {
    let given = |name: &'static str, value: &'static str| {
        move |asked: &str| (asked == name).then(|| value.to_owned())
    };
    assert_eq!(wanted(|_| None, 50), (0, 50));
    assert_eq!(wanted(given(ONE, "7"), 50), (7, 8));
    assert_eq!(wanted(given(MANY, "1000000"), 50), (0, 1_000_000));
    assert_eq!(wanted(given(MANY, "10..20"), 50), (10, 20));
}

/// Whether the environment chose the seeds, so that nothing can be said of how much there was to
/// see.
pub(crate) fn narrowed() -> bool {
    [ONE, MANY].iter().any(|name| std::env::var_os(name).is_some())
}
