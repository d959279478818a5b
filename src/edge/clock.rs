//! The clock, read once a run: everything below takes the time as an argument. And the clock that
//! tokens and rates live by, which goes on while a run goes on.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::Instant;

/// The time now.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A clock that never goes back, and a way to wait by it: what tokens and rates live by. A test
/// gives another.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Instant + Send + Sync>,
    sleep: Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            now: Arc::new(Instant::now),
            sleep: Arc::new(|wait| Box::pin(tokio::time::sleep(wait))),
        }
    }
}

impl Clock {
    /// A clock of one's own.
    #[must_use]
    pub fn new(
        now: Arc<dyn Fn() -> Instant + Send + Sync>,
        sleep: Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>,
    ) -> Self {
        Self { now, sleep }
    }

    pub(super) fn now(&self) -> Instant {
        (self.now)()
    }

    pub(super) async fn sleep(&self, wait: Duration) {
        (self.sleep)(wait).await;
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}
