//! The time that a run waits for its server, all waits together: `Retry-After`, rate headers,
//! pauses after a failure. Our own pace does not count, for nobody asked for it.
//!
//! Waits that overlap are counted once: it is the time in which something of the run waits. A
//! server that asks for more than is left is not waited for at all, and nothing more is sent.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::provider::TransportError;

/// The time that a run waits for its server where `--max-wait` does not say.
pub const MAX_WAIT: Duration = Duration::from_secs(15 * 60);

/// The rest of the time that one run waits for its server.
#[derive(Debug)]
pub(in crate::edge) struct Waits {
    most: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: Duration,
    /// Until when waiting is paid for.
    paid_until: Option<Instant>,
    /// Why nothing more is sent.
    over: Option<String>,
}

impl Waits {
    /// A run that waits so long, and no longer.
    pub(in crate::edge) fn new(most: Duration) -> Self {
        Self { most, state: Mutex::new(State { left: most, paid_until: None, over: None }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a wait that begins now out of what is left. Where so much is not left, the run is over.
    pub(in crate::edge) fn take(&self, now: Instant, wait: Duration) -> Result<(), TransportError> {
        let taken = self.afford(now, wait);
        if let Err(TransportError::TooLong(why)) = &taken {
            self.state().over.get_or_insert_with(|| why.clone());
        }
        taken
    }

    /// The same for a wait that the run can do without.
    pub(in crate::edge) fn afford(
        &self,
        now: Instant,
        wait: Duration,
    ) -> Result<(), TransportError> {
        let mut state = self.state();
        if let Some(why) = &state.over {
            return Err(TransportError::TooLong(why.clone()));
        }
        let paid =
            state.paid_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let more = wait.saturating_sub(paid);
        match state.left.checked_sub(more) {
            Some(left) => {
                state.left = left;
                if !more.is_zero() {
                    // An end beyond all reckoning was not affordable.
                    state.paid_until = now.checked_add(wait);
                }
                Ok(())
            }
            None => Err(TransportError::TooLong(too_long(wait, state.left, self.most))),
        }
    }

    /// Refuses once nothing more is to be sent.
    pub(super) fn are_left(&self) -> Result<(), TransportError> {
        self.over().map_or(Ok(()), |why| Err(TransportError::TooLong(why)))
    }

    /// Why nothing more is sent, once the server asked for more than was left.
    pub(in crate::edge) fn over(&self) -> Option<String> {
        self.state().over.clone()
    }
}

impl Default for Waits {
    fn default() -> Self {
        Self::new(MAX_WAIT)
    }
}

fn too_long(wait: Duration, left: Duration, most: Duration) -> String {
    let (wait, left, most) = (shown(wait), shown(left), shown(most));
    let of = if left == most { String::new() } else { format!("{left} are left of the ") };
    format!(
        "the server wants a wait of {wait}, and {of}{most} that this run may wait for it in all; \
         run it again later, or let it wait longer (`--max-wait`)"
    )
}

/// A wait as `--max-wait` takes it.
fn shown(wait: Duration) -> String {
    let seconds = wait.as_secs();
    let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let some = parts.iter().filter(|(count, _)| *count > 0);
    let text: String = some.map(|(count, unit)| format!("{count}{unit}")).collect();
    match text.as_str() {
        "" if wait.is_zero() => "0s".to_owned(),
        "" => format!("{}ms", wait.as_millis()),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn waits_are_bounded_as_a_whole_and_not_one_by_one() {
        let waits = Waits::new(15 * MINUTE);
        let mut now = Instant::now();
        for _ in 0..3 {
            assert_eq!(waits.take(now, 5 * MINUTE), Ok(()));
            now += 5 * MINUTE;
        }
        let Err(TransportError::TooLong(why)) = waits.take(now, Duration::from_secs(1)) else {
            panic!("a sixteenth minute")
        };
        assert!(why.contains("a wait of 1s, and 0s are left of the 15m"), "{why}");
        assert!(why.contains("--max-wait"));
        assert_eq!(waits.over(), Some(why));
        assert!(waits.take(now, Duration::ZERO).is_err(), "what is over stays over");
    }

    #[test]
    fn waits_at_the_same_time_are_one_wait() {
        let waits = Waits::new(MINUTE);
        let now = Instant::now();
        for after in [0, 10, 30, 59] {
            let began = now + Duration::from_secs(after);
            assert_eq!(waits.take(began, Duration::from_secs(60 - after)), Ok(()), "{after}");
        }
        assert_eq!(waits.take(now, MINUTE), Ok(()));
        assert!(waits.take(now + MINUTE, Duration::from_millis(1)).is_err());
        let waits = Waits::new(MINUTE);
        assert_eq!(waits.take(now, Duration::from_secs(40)), Ok(()));
        let later = now + Duration::from_secs(20);
        assert_eq!(waits.take(later, Duration::from_secs(40)), Ok(()), "20 s more");
        assert!(waits.take(later, Duration::from_secs(41)).is_err());
    }

    #[test]
    fn a_wait_that_is_too_long_takes_nothing_and_ends_it() {
        let waits = Waits::new(15 * MINUTE);
        let now = Instant::now();
        assert_eq!(waits.are_left(), Ok(()));
        let error = waits.take(now, Duration::MAX).unwrap_err().to_string();
        assert!(error.contains("and 15m that this run may wait for it in all"), "{error}");
        assert!(waits.are_left().is_err());
        assert!(Waits::new(Duration::ZERO).take(now, Duration::from_millis(1)).is_err());
        assert_eq!(shown(Duration::from_secs(5_430)), "1h30m30s");
    }
}
