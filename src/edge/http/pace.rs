//! Pacing: requests leave no faster than the provider says it takes them, so that hardly any is
//! refused.
//!
//! The window beside it learns what a server takes from its refusals; a provider that publishes
//! its rates need not refuse first. Requests of one bucket leave in the order in which they came.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock as Time;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use crate::edge::clock::Clock;
use crate::provider::{Bucket, BucketKey, Request, TransportError};

use super::waits::Waits;
use super::window::MOST;

/// Requests of a bucket that leave at once after a pause. It is as many as may be refused when
/// the server counts strictly, and it makes up for timers that wake late.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);

/// Which bucket a request is of; `None`: nobody publishes how fast the server takes it.
pub(in crate::edge) type BucketOf = Box<dyn Fn(&Request) -> Option<Bucket> + Send + Sync>;

/// Keeps what goes out under one credential to the published rates.
pub(in crate::edge) struct Pace {
    clock: Clock,
    start: Instant,
    bucket_of: BucketOf,
    lanes: Mutex<BTreeMap<BucketKey, Arc<Lane>>>,
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Elapsed, NoOpMiddleware<Duration>>;

/// One bucket.
struct Lane {
    limiter: Limiter,
    /// Held by whoever is next.
    turn: tokio::sync::Mutex<()>,
    /// The server said that it takes no more until then.
    held_until: Mutex<Option<Instant>>,
}

impl Lane {
    fn held_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.held_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the server takes nothing yet.
    fn held_for(&self, now: Instant) -> Option<Duration> {
        let until = *self.held_until();
        until.map(|until| until.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }
}

/// The time since the pace was set.
#[derive(Clone)]
struct Elapsed {
    clock: Clock,
    start: Instant,
}

impl Time for Elapsed {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.start)
    }
}

impl Pace {
    pub(in crate::edge) fn new(clock: Clock, bucket_of: BucketOf) -> Self {
        Self { start: clock.now(), clock, bucket_of, lanes: Mutex::default() }
    }

    /// Waits until the request may leave. Only the time for which the server said that a bucket
    /// is empty is taken out of `waits`: the pace is our own.
    ///
    /// # Errors
    ///
    /// [`TransportError::TooLong`] where so much is not left.
    pub(super) async fn wait(
        &self,
        request: &Request,
        waits: &Waits,
    ) -> Result<(), TransportError> {
        let Some(lane) = self.lane_of(request) else { return Ok(()) };
        let _turn = lane.turn.lock().await;
        while let Some(wait) = lane.held_for(self.clock.now()) {
            waits.take(self.clock.now(), wait)?;
            self.clock.sleep(wait).await;
        }
        while let Err(early) = lane.limiter.check() {
            let wait = early.wait_time_from(lane.limiter.clock().now());
            // Timers count whole milliseconds.
            self.clock.sleep(wait + Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// A good answer to this request said that the bucket is empty for so long: others of the
    /// bucket wait, and nobody else. False where the request has no bucket.
    pub(super) fn hold(&self, request: &Request, wait: Duration) -> bool {
        let Some(lane) = self.lane_of(request) else { return false };
        let until = self.clock.now() + wait.min(MOST);
        let mut held = lane.held_until();
        *held = Some(held.map_or(until, |before| before.max(until)));
        true
    }

    fn lane_of(&self, request: &Request) -> Option<Arc<Lane>> {
        (self.bucket_of)(request).and_then(|bucket| self.lane(&bucket))
    }

    /// The lane of a bucket; `None` where the rate is none that could be kept.
    fn lane(&self, bucket: &Bucket) -> Option<Arc<Lane>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(&bucket.key) {
            return Some(Arc::clone(lane));
        }
        let interval = Duration::try_from_secs_f64(60.0 / bucket.per_minute).ok()?;
        let quota = Quota::with_period(interval)?.allow_burst(BURST);
        let time = Elapsed { clock: self.clock.clone(), start: self.start };
        let limiter = RateLimiter::direct_with_clock(quota, time);
        let lane =
            Arc::new(Lane { limiter, turn: Default::default(), held_until: Mutex::default() });
        lanes.insert(bucket.key, Arc::clone(&lane));
        Some(lane)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use futures::executor::block_on;

    use super::*;
    use crate::provider::Method;

    /// Time that moves when somebody sleeps: the milliseconds since its start.
    fn virtual_time() -> (Clock, Arc<AtomicU64>) {
        let millis: Arc<AtomicU64> = Arc::default();
        let (start, of_now, of_sleep) = (Instant::now(), Arc::clone(&millis), Arc::clone(&millis));
        let clock = Clock::new(
            Arc::new(move || start + Duration::from_millis(of_now.load(Ordering::SeqCst))),
            Arc::new(move |wait: Duration| {
                let millis = u64::try_from(wait.as_millis()).unwrap();
                of_sleep.fetch_add(millis, Ordering::SeqCst);
                Box::pin(async {})
            }),
        );
        (clock, millis)
    }

    fn paced(per_minute: f64) -> (Pace, Arc<AtomicU64>) {
        let (clock, millis) = virtual_time();
        let bucket_of = move |request: &Request| {
            let limited = request.path.first().is_some_and(|first| first == "Users");
            let key = BucketKey { endpoint: "Users", method: Some(request.method) };
            limited.then_some(Bucket { key, per_minute })
        };
        (Pace::new(clock, Box::new(bucket_of)), millis)
    }

    fn send(pace: &Pace, method: Method, path: &str, times: usize) {
        let request = Request::new(method, &[path]);
        (0..times).for_each(|_| block_on(pace.wait(&request, &Waits::default())).unwrap());
    }

    #[test]
    fn a_bucket_is_emptied_at_its_rate_and_others_are_not_held_up() {
        let (pace, millis) = paced(1_000.0);
        send(&pace, Method::Post, "Users", 1_000);
        let took = millis.load(Ordering::SeqCst);
        assert!((59_500..=60_500).contains(&took), "{took} ms");
        send(&pace, Method::Get, "Users", 4);
        send(&pace, Method::Post, "Groups", 10_000);
        assert_eq!(millis.load(Ordering::SeqCst), took, "other buckets, and none");
    }

    #[test]
    fn after_a_pause_a_few_leave_at_once_and_no_more() {
        let (pace, millis) = paced(60.0);
        send(&pace, Method::Get, "Users", 4);
        assert_eq!(millis.load(Ordering::SeqCst), 0);
        millis.fetch_add(3_600_000, Ordering::SeqCst);
        send(&pace, Method::Get, "Users", 5);
        let waited = millis.load(Ordering::SeqCst) - 3_600_000;
        assert!((1_000..1_010).contains(&waited), "{waited} ms");
    }

    #[test]
    fn an_empty_bucket_holds_its_own_requests_and_no_others() {
        let (pace, millis) = paced(60_000.0);
        let get = Request::new(Method::Get, &["Users"]);
        assert!(pace.hold(&get, Duration::from_secs(7)));
        assert!(pace.hold(&get, Duration::from_secs(2)), "the longer one counts");
        send(&pace, Method::Post, "Users", 4);
        assert_eq!(millis.load(Ordering::SeqCst), 0);
        send(&pace, Method::Get, "Users", 1);
        assert_eq!(millis.load(Ordering::SeqCst), 7_000);
        assert!(!pace.hold(&Request::new(Method::Get, &["Groups"]), Duration::from_secs(1)));
    }

    #[test]
    fn only_what_the_server_wants_is_taken_out_of_what_a_run_may_wait() {
        let (pace, millis) = paced(60.0);
        let get = Request::new(Method::Get, &["Users"]);
        let waits = Waits::new(Duration::from_secs(10));
        let send = || block_on(pace.wait(&get, &waits));
        (0..100).for_each(|_| send().unwrap());
        assert!(millis.load(Ordering::SeqCst) > 90_000, "our own pace is free");
        pace.hold(&get, Duration::from_secs(10));
        assert_eq!(send(), Ok(()));
        pace.hold(&get, Duration::from_secs(1));
        let before = millis.load(Ordering::SeqCst);
        assert!(matches!(send(), Err(TransportError::TooLong(_))));
        assert_eq!(millis.load(Ordering::SeqCst), before, "not a moment is waited");
    }

    #[test]
    fn a_rate_that_is_none_holds_nobody_up() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let (pace, millis) = paced(rate);
            send(&pace, Method::Get, "Users", 100);
            assert_eq!(millis.load(Ordering::SeqCst), 0, "{rate}");
        }
    }
}
