//! Tokens that are renewed ahead of their end, one renewal at a time, however many wait
//! (incidents, family I).

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::header::HeaderValue;
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Clock;
use super::header::header;
use crate::edge::http::Waits;
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
    /// How long the server asked to wait, where it did.
    pub(super) wait: Option<Duration>,
}

/// A token that is fetched when it is needed, and renewed before it ends.
pub(super) struct Renewed {
    asker: Box<dyn Asker>,
    clock: Clock,
    /// Held while a token is fetched, so that everybody waits for one fetch.
    token: Mutex<Option<Token>>,
    /// The time that the run waits for its servers, this one among them.
    waits: OnceLock<Arc<Waits>>,
}

struct Token {
    header: HeaderValue,
    renew_at: Instant,
    ends_at: Instant,
}

impl Renewed {
    pub(super) fn new(asker: Box<dyn Asker>, clock: Clock) -> Self {
        Self { asker, clock, token: Mutex::new(None), waits: OnceLock::new() }
    }

    /// Takes its waits out of what a run waits in all.
    pub(super) fn charge(&self, waits: &Arc<Waits>) {
        self.waits.get_or_init(|| Arc::clone(waits));
    }

    /// A token that will last a little.
    pub(super) async fn token(&self) -> Result<HeaderValue, Box<Diagnostic>> {
        let mut held = self.token.lock().await;
        let now = self.clock.now();
        if let Some(token) = held.as_ref().filter(|token| now < token.renew_at) {
            return Ok(token.header.clone());
        }
        let is_needed = held.as_ref().is_none_or(|old| now + MARGIN >= old.ends_at);
        match (self.fetch(is_needed).await, held.as_mut()) {
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

    /// Asks until there is a token. One that `is_needed` is waited for, or the run is over; for
    /// another one nobody waits longer than can be paid for.
    async fn fetch(&self, is_needed: bool) -> Result<Token, Box<Diagnostic>> {
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
            let wait = refused.wait.unwrap_or(Duration::from_millis(500) * 2_u32.pow(tries));
            if let Some(waits) = self.waits.get() {
                let now = self.clock.now();
                let paid = if is_needed { waits.take(now, wait) } else { waits.afford(now, wait) };
                if let Err(error) = paid {
                    let what = format!("{}; {error}", refused.error.what);
                    let remedy =
                        "run it again later, or let it wait longer, as with `--max-wait 2h`".into();
                    return Err(Box::new(Diagnostic { what, remedy, ..*refused.error }));
                }
            }
            self.clock.sleep(wait).await;
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
        wait: Option<Duration>,
    }

    impl Asker for Endpoint {
        fn ask(&self) -> BoxFuture<'_, Result<Granted, Refused>> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let now = self.time.seconds();
            Box::pin(async move {
                if (self.down.0..self.down.1).contains(&now) {
                    let error = crate::edge::credential::header::refused("down", "wait");
                    return Err(Refused { error, is_passing: true, wait: self.wait });
                }
                let token = SecretString::from((now + self.life).to_string());
                Ok(Granted { token, life: Some(self.life) })
            })
        }
    }

    fn renewed(life: u64, down: (u64, u64)) -> (Renewed, Virtual, Arc<AtomicU64>) {
        let time = Virtual::new();
        let asked: Arc<AtomicU64> = Arc::default();
        let endpoint =
            Endpoint { time: time.clone(), life, asked: Arc::clone(&asked), down, wait: None };
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

    /// An endpoint that wants so long a wait until it is up again, for a run that waits for a
    /// minute in all.
    fn busy(wait: Option<u64>, down: (u64, u64)) -> (Renewed, Virtual, Arc<AtomicU64>, Arc<Waits>) {
        let (time, asked) = (Virtual::new(), Arc::<AtomicU64>::default());
        let wait = wait.map(Duration::from_secs);
        let endpoint =
            Endpoint { time: time.clone(), life: 900, asked: Arc::clone(&asked), down, wait };
        let renewed = Renewed::new(Box::new(endpoint), time.clock());
        let waits = Arc::new(Waits::new(Duration::from_secs(60)));
        renewed.charge(&waits);
        (renewed, time, asked, waits)
    }

    #[test]
    fn waits_for_a_token_are_taken_out_of_the_run() {
        // Its own pauses: one, two and four seconds.
        let (renewed, time, _, waits) = busy(None, (0, 7));
        assert!(block_on(renewed.token()).is_ok());
        assert_eq!(time.seconds(), 7);
        let now = time.clock().now();
        assert!(waits.afford(now, Duration::from_secs(53)).is_ok(), "7 of 60 s are spent");
        let end = now + Duration::from_secs(53);
        assert!(waits.take(end, Duration::from_secs(1)).is_err(), "and now all of them");
        // What the server asks for, and no request before.
        let (renewed, time, asked, _) = busy(Some(30), (0, 30));
        assert!(block_on(renewed.token()).is_ok());
        assert_eq!((time.seconds(), asked.load(Ordering::SeqCst)), (30, 2));
    }

    #[test]
    fn a_token_endpoint_that_asks_for_too_much_is_not_waited_for() {
        let (renewed, time, asked, waits) = busy(Some(3_600), (0, 9_000));
        let error = block_on(renewed.token()).unwrap_err();
        assert!(
            error.what.contains("a wait of 1h") && error.what.contains("--max-wait"),
            "{error}"
        );
        assert_eq!((time.seconds(), asked.load(Ordering::SeqCst)), (0, 1));
        assert!(waits.over().is_some(), "nothing more is sent");
        // A token that holds is used as long as it does.
        let (renewed, time, _, waits) = busy(Some(3_600), (700, 9_000));
        block_on(renewed.token()).unwrap();
        time.pass(800);
        let header = block_on(renewed.token()).unwrap();
        assert_eq!((end_of(&header), waits.over()), (900, None));
        time.pass(100);
        assert!(block_on(renewed.token()).is_err());
        assert!(waits.over().is_some());
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
