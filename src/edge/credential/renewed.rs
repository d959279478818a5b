//! Tokens that are renewed ahead of their end, one renewal at a time, however many wait
//! (incidents, family I).

use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::header::HeaderValue;
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Clock;
use super::header::header;
use crate::kind::Diagnostic;

/// A token's life where the server does not say, in seconds.
const DEFAULT_LIFE: u64 = 300;
/// How long before its end a token is renewed, at least, in seconds.
const AHEAD: u64 = 60;
/// How often a token is asked for.
const TRIES: u32 = 4;
/// How long a renewal that failed is left alone while the old token still holds.
const REST: Duration = Duration::from_secs(10);
/// How near its end a token is not relied on any more.
const MARGIN: Duration = Duration::from_secs(5);

/// Asks for one token, once.
pub(super) trait Asker: Send + Sync {
    /// The token, or why there is none.
    fn ask(&self) -> BoxFuture<'_, Result<Granted, Refused>>;
}

/// A token as it was given.
pub(super) struct Granted {
    pub(super) token: SecretString,
    /// How long it lives, in seconds, where the server says so.
    pub(super) life: Option<u64>,
}

/// Why there is no token.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) error: Box<Diagnostic>,
    /// Whether another try may help.
    pub(super) is_passing: bool,
}

/// A token that is fetched when it is needed, and renewed before it ends.
pub(super) struct Renewed {
    asker: Box<dyn Asker>,
    clock: Clock,
    /// Held while a token is fetched, so that everybody waits for one fetch.
    token: Mutex<Option<Token>>,
}

struct Token {
    header: HeaderValue,
    renew_at: Instant,
    ends_at: Instant,
}

impl Renewed {
    pub(super) fn new(asker: Box<dyn Asker>, clock: Clock) -> Self {
        Self { asker, clock, token: Mutex::new(None) }
    }

    /// A token that will last a little.
    pub(super) async fn token(&self) -> Result<HeaderValue, Box<Diagnostic>> {
        let mut held = self.token.lock().await;
        let now = self.clock.now();
        if let Some(token) = held.as_ref().filter(|token| now < token.renew_at) {
            return Ok(token.header.clone());
        }
        match (self.fetch().await, held.as_mut()) {
            (Ok(token), _) => {
                let header = token.header.clone();
                *held = Some(token);
                Ok(header)
            }
            // The renewal came ahead of time: what is there holds a little longer.
            (Err(_), Some(old)) if self.clock.now() + MARGIN < old.ends_at => {
                old.renew_at = self.clock.now() + REST;
                Ok(old.header.clone())
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Forgets a token that was refused, unless it was replaced in between.
    pub(super) async fn forget(&self, refused: Option<&HeaderValue>) {
        let mut held = self.token.lock().await;
        let is_it = |token: &Token| refused.is_none_or(|refused| token.header == *refused);
        if held.as_ref().is_some_and(is_it) {
            *held = None;
        }
    }

    async fn fetch(&self) -> Result<Token, Box<Diagnostic>> {
        let mut tries = 0;
        loop {
            tries += 1;
            let asked = self.clock.now();
            let refused = match self.asker.ask().await {
                Ok(granted) => return token(&granted, asked),
                Err(refused) => refused,
            };
            if tries == TRIES || !refused.is_passing {
                return Err(refused.error);
            }
            self.clock.sleep(Duration::from_millis(500) * 2_u32.pow(tries)).await;
        }
    }
}

/// A token is renewed a minute before its end, or after four fifths of its life, whichever is
/// earlier; one that lives no two minutes, after half of its life.
fn token(granted: &Granted, asked: Instant) -> Result<Token, Box<Diagnostic>> {
    let life = granted.life.unwrap_or(DEFAULT_LIFE).min(86_400);
    let ahead = AHEAD.max(life / 5);
    let used = life.saturating_sub(ahead).max(life / 2);
    Ok(Token {
        header: header(&granted.token)?,
        renew_at: asked + Duration::from_secs(used),
        ends_at: asked + Duration::from_secs(life),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use futures::executor::block_on;

    use super::*;

    /// Time that moves when somebody sleeps, and when the test says so.
    #[derive(Clone)]
    struct Virtual {
        start: Instant,
        millis: Arc<AtomicU64>,
    }

    impl Virtual {
        fn new() -> Self {
            Self { start: Instant::now(), millis: Arc::default() }
        }

        fn pass(&self, seconds: u64) {
            self.millis.fetch_add(seconds * 1_000, Ordering::SeqCst);
        }

        fn seconds(&self) -> u64 {
            self.millis.load(Ordering::SeqCst) / 1_000
        }

        fn clock(&self) -> Clock {
            let (of_now, of_sleep) = (self.clone(), self.clone());
            Clock::new(
                Arc::new(move || {
                    let millis = of_now.millis.load(Ordering::SeqCst);
                    of_now.start + Duration::from_millis(millis)
                }),
                Arc::new(move |wait: Duration| {
                    let millis = u64::try_from(wait.as_millis()).unwrap();
                    of_sleep.millis.fetch_add(millis, Ordering::SeqCst);
                    Box::pin(async {})
                }),
            )
        }
    }

    /// An endpoint whose tokens say when they end; it fails between two instants.
    struct Endpoint {
        time: Virtual,
        life: u64,
        asked: Arc<AtomicU64>,
        down: (u64, u64),
    }

    impl Asker for Endpoint {
        fn ask(&self) -> BoxFuture<'_, Result<Granted, Refused>> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let now = self.time.seconds();
            Box::pin(async move {
                if (self.down.0..self.down.1).contains(&now) {
                    let error = crate::edge::credential::header::refused("down", "wait");
                    return Err(Refused { error, is_passing: true });
                }
                let token = SecretString::from((now + self.life).to_string());
                Ok(Granted { token, life: Some(self.life) })
            })
        }
    }

    fn renewed(life: u64, down: (u64, u64)) -> (Renewed, Virtual, Arc<AtomicU64>) {
        let time = Virtual::new();
        let asked: Arc<AtomicU64> = Arc::default();
        let endpoint = Endpoint { time: time.clone(), life, asked: Arc::clone(&asked), down };
        (Renewed::new(Box::new(endpoint), time.clock()), time, asked)
    }

    fn end_of(header: &HeaderValue) -> u64 {
        header.to_str().unwrap().trim_start_matches("Bearer ").parse().unwrap()
    }

    #[test]
    fn an_apply_of_twenty_minutes_crosses_the_end_of_a_token_unseen() {
        let (renewed, time, asked) = renewed(899, (0, 0));
        while time.seconds() < 20 * 60 {
            let header = block_on(renewed.token()).unwrap();
            assert!(end_of(&header) >= time.seconds() + 60, "at {} s", time.seconds());
            time.pass(1);
        }
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn an_endpoint_that_is_down_does_no_harm_while_the_token_holds() {
        let (renewed, time, _) = renewed(900, (700, 880));
        while time.seconds() < 20 * 60 {
            let header = block_on(renewed.token()).unwrap();
            assert!(end_of(&header) > time.seconds(), "at {} s", time.seconds());
            time.pass(1);
        }
        let (renewed, time, _) = self::renewed(900, (700, 5_000));
        block_on(renewed.token()).unwrap();
        time.pass(900);
        assert_eq!(block_on(renewed.token()).unwrap_err().what, "down");
    }

    #[test]
    fn many_wait_for_one_renewal_and_a_refused_token_is_forgotten_once() {
        let (renewed, time, asked) = renewed(900, (0, 0));
        let all = || futures::future::join_all((0..50).map(|_| renewed.token()));
        let first = block_on(all()).remove(0).unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        time.pass(30);
        // Fifty requests saw the same 401.
        for _ in 0..50 {
            block_on(renewed.forget(Some(&first)));
            block_on(renewed.token()).unwrap();
        }
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_token_that_hardly_lives_is_used_for_half_of_its_life() {
        let (renewed, time, asked) = renewed(30, (0, 0));
        for _ in 0..15 {
            block_on(renewed.token()).unwrap();
            time.pass(1);
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        block_on(renewed.token()).unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }
}
