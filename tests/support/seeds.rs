//! Laws: properties that hold for every seed of a generator.
//!
//! `MUSTER_LAW_SEEDS=N` tries another number of seeds, `MUSTER_LAW_SEED=S` tries one. The feature
//! `broad` tries as many as `.ci/run` does, twenty times what `cargo test` has time for.

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
    let given = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, last) = match given(ONE) {
        Some(seed) => (seed, seed + 1),
        None => (0, given(MANY).unwrap_or(share(of_broad) as u64)),
    };
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

/// Whether the environment chose the seeds, so that nothing can be said of how much there was to
/// see.
pub(crate) fn narrowed() -> bool {
    [ONE, MANY].iter().any(|name| std::env::var_os(name).is_some())
}
