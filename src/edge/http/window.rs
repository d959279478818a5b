//! The window: how many requests are in flight, and when none may be
//! (additive increase, multiplicative decrease; incidents, family G).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::waits::Waits;
use crate::provider::TransportError;

/// Requests in flight before anything is known of the server.
const START: f64 = 4.0;
/// The longest time for which the window closes: for good.
pub(super) const MOST: Duration = Duration::from_secs(365 * 86_400);
/// What the window shrinks to when the server wants less.
const DECREASE: f64 = 0.7;

/// How many requests may be in flight, and whether any may.
pub(super) struct Window {
    state: Mutex<State>,
    moved: Notify,
}

struct State {
    ceiling: f64,
    limit: f64,
    in_flight: usize,
    /// Answers since the window last grew.
    answered: f64,
    /// Requests that began before this do not shrink it again: they saw the same trouble.
    shrunk_at: Option<Instant>,
    closed_until: Option<Instant>,
}

/// How a request ended, as far as the window is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// With an answer.
    Answered,
    /// The server wants less: 429, 503, or no answer in time.
    Throttled,
    /// In a way that says nothing of how busy the server is.
    Nothing,
}

impl State {
    fn new(ceiling: usize) -> Self {
        let ceiling = f64::from(u32::try_from(ceiling.max(1)).unwrap_or(u32::MAX));
        Self {
            ceiling,
            limit: START.min(ceiling),
            in_flight: 0,
            answered: 0.0,
            shrunk_at: None,
            closed_until: None,
        }
    }

    /// Takes a place, or says until when to wait: `None` until somebody leaves.
    fn try_enter(&mut self, now: Instant) -> Result<(), Option<Instant>> {
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Err(Some(until));
        }
        #[expect(clippy::cast_precision_loss, reason = "a few requests at most")]
        if self.in_flight as f64 + 1.0 > self.limit {
            return Err(None);
        }
        self.in_flight += 1;
        Ok(())
    }

    fn leave(&mut self, began: Instant, now: Instant, outcome: Outcome, later: Option<Duration>) {
        match outcome {
            Outcome::Answered => {
                self.answered += 1.0;
                if self.answered >= self.limit {
                    self.answered = 0.0;
                    self.limit = (self.limit + 1.0).min(self.ceiling);
                }
            }
            Outcome::Throttled if self.shrunk_at.is_none_or(|at| began >= at) => {
                self.limit = (self.limit * DECREASE).max(1.0);
                self.answered = 0.0;
                self.shrunk_at = Some(now);
            }
            Outcome::Throttled | Outcome::Nothing => {}
        }
        if let Some(later) = later {
            // A server may ask for more than can be reckoned with; it is not waited for.
            let until = now + later.min(MOST);
            self.closed_until = Some(self.closed_until.map_or(until, |closed| closed.max(until)));
        }
    }
}

impl Window {
    /// A window of at most `ceiling` requests.
    pub(super) fn new(ceiling: usize) -> Self {
        Self { state: Mutex::new(State::new(ceiling)), moved: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place. The time in which the server wants nothing is taken out of `waits`.
    ///
    /// # Errors
    ///
    /// [`TransportError::TooLong`] where so much is not left.
    pub(super) async fn enter(&self, waits: &Waits) -> Result<Permit<'_>, TransportError> {
        loop {
            let moved = self.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            let now = Instant::now();
            let tried = self.state().try_enter(now);
            match tried {
                Ok(()) => return Ok(Permit { window: self, began: now, is_left: false }),
                Err(Some(until)) => {
                    waits.take(now, until.saturating_duration_since(now))?;
                    tokio::time::sleep_until(until).await;
                }
                Err(None) => moved.await,
            }
        }
    }
}

/// A place in the window. Dropped without a word, as by a cancelled request, it is just free.
pub(super) struct Permit<'a> {
    window: &'a Window,
    began: Instant,
    is_left: bool,
}

impl Permit<'_> {
    /// Leaves, and says how it went.
    pub(super) fn leave(mut self, outcome: Outcome, later: Option<Duration>) {
        self.is_left = true;
        self.free(outcome, later);
    }

    fn free(&self, outcome: Outcome, later: Option<Duration>) {
        let mut state = self.window.state();
        state.in_flight = state.in_flight.saturating_sub(1);
        state.leave(self.began, Instant::now(), outcome, later);
        drop(state);
        self.window.moved.notify_waiters();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.is_left {
            self.free(Outcome::Nothing, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_by_one_a_full_window_and_shrinks_once_a_round() {
        let mut state = State::new(8);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for _ in 0..4 {
            state.leave(at(0), at(1), Outcome::Answered, None);
        }
        assert!((state.limit - 5.0).abs() < f64::EPSILON);
        for _ in 0..100 {
            state.leave(at(0), at(1), Outcome::Answered, None);
        }
        assert!((state.limit - 8.0).abs() < f64::EPSILON);
        state.leave(at(1), at(2), Outcome::Throttled, None);
        state.leave(at(1), at(2), Outcome::Throttled, None);
        assert!((state.limit - 5.6).abs() < 1e-9);
        for _ in 0..50 {
            state.leave(at(3), at(3), Outcome::Throttled, None);
        }
        assert!((state.limit - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn it_closes_as_a_whole_until_the_time_is_over() {
        let mut state = State::new(8);
        let start = Instant::now();
        state.leave(start, start, Outcome::Throttled, Some(Duration::from_secs(60)));
        state.leave(start, start, Outcome::Throttled, Some(Duration::from_secs(5)));
        let until = start + Duration::from_secs(60);
        assert_eq!(state.try_enter(start + Duration::from_secs(59)), Err(Some(until)));
        assert_eq!(state.try_enter(until), Ok(()));
    }

    #[test]
    fn no_more_than_the_window_are_in_flight() {
        let mut state = State::new(2);
        let now = Instant::now();
        assert_eq!(state.try_enter(now), Ok(()));
        assert_eq!(state.try_enter(now), Ok(()));
        assert_eq!(state.try_enter(now), Err(None));
    }

    #[tokio::test]
    async fn a_closed_window_is_waited_for_only_as_long_as_there_is() {
        let window = Window::new(8);
        let waits = Waits::new(Duration::from_secs(60));
        let permit = window.enter(&waits).await.unwrap();
        // A good answer that says when to ask again closes it as well.
        permit.leave(Outcome::Answered, Some(Duration::from_millis(5)));
        assert!(window.enter(&waits).await.is_ok(), "5 ms are there");
        for later in [Duration::from_secs(3_600), Duration::MAX] {
            let permit = Window::new(8);
            let first = permit.enter(&waits).await.unwrap();
            first.leave(Outcome::Throttled, Some(later));
            let waits = Waits::new(Duration::from_secs(60));
            let entered = permit.enter(&waits).await.map(|_| ());
            assert!(matches!(entered, Err(TransportError::TooLong(_))), "{later:?}");
            assert!(waits.over().is_some());
        }
    }
}
