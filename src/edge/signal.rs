//! Interrupts: the first asks for an orderly end, the second ends at once.
//!
//! A hang-up is one too, unless it is ignored from the start, as under `nohup`. It never ends a run
//! at once: when a terminal closes, the system and the shell may each send one.

#[cfg(unix)]
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

#[cfg(unix)]
use super::files::plain;
use super::terminal;

/// The most bytes of the kernel's own account of a process that are read.
#[cfg(unix)]
const STATUS_BYTES: u64 = 64 << 10;

/// Listens to interrupts (Ctrl-C, SIGTERM, SIGHUP) from the moment it is made: none is lost, and
/// none ends the process any more.
pub struct Interrupts {
    #[cfg(unix)]
    signals: [Option<Signal>; 2],
    #[cfg(unix)]
    hang_up: Option<Signal>,
}

impl Interrupts {
    /// Begins to listen. A signal that the system does not let us hear ends the process as ever.
    #[must_use]
    pub fn listen() -> Self {
        Self {
            // Asked before it is listened to, which ends that it is ignored.
            #[cfg(unix)]
            hang_up: if hears_hang_up() { signal(SignalKind::hangup()).ok() } else { None },
            #[cfg(unix)]
            signals: [SignalKind::interrupt(), SignalKind::terminate()]
                .map(|kind| signal(kind).ok()),
        }
    }

    /// Waits for the next interrupt.
    #[cfg(unix)]
    pub async fn next(&mut self) {
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            () = heard(interrupt) => {}
            () = heard(terminate) => {}
            () = heard(&mut self.hang_up) => {}
        }
    }

    /// Waits for the next interrupt that somebody sent on purpose: no hang-up.
    #[cfg(unix)]
    async fn insisted(&mut self) {
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            () = heard(interrupt) => {}
            () = heard(terminate) => {}
        }
    }

    /// Waits for the next interrupt.
    #[cfg(not(unix))]
    async fn insisted(&mut self) {
        self.next().await;
    }

    /// Waits for the next interrupt.
    #[cfg(not(unix))]
    pub async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(unix)]
async fn heard(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether a hang-up is to be heard: it is not ignored. The kernel says so where it keeps a list of
/// what a process ignores (Linux, `proc_pid_status(5)`); elsewhere a hang-up does what it ever did.
#[cfg(unix)]
fn hears_hang_up() -> bool {
    let status = plain::read(Path::new("/proc/self/status"), STATUS_BYTES).ok();
    let status = status.and_then(|bytes| String::from_utf8(bytes).ok());
    status.is_some_and(|text| ignores_hang_up(&text) == Some(false))
}

/// Whether a process of this status ignores SIGHUP, signal 1: the lowest bit of `SigIgn`.
#[cfg(unix)]
fn ignores_hang_up(status: &str) -> Option<bool> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    Some(u128::from_str_radix(mask.trim(), 16).ok()? & 1 == 1)
}

/// A flag that is set at the first interrupt: what is under way is finished, nothing new is
/// begun. At the second the process ends; the next run converges all the same.
#[must_use]
pub fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let mut interrupts = Interrupts::listen();
    tokio::spawn(async move {
        interrupts.next().await;
        flag.store(true, Ordering::Relaxed);
        terminal::note(
            "\nstopping: what is under way is finished; interrupt again to end at once\n",
        );
        interrupts.insisted().await;
        std::process::exit(130);
    });
    stop
}

#[cfg(test)]
mod tests {
    use super::ignores_hang_up;

    #[test]
    fn the_kernel_says_what_is_ignored() {
        let told =
            |mask: &str| ignores_hang_up(&format!("Name:\tm\nSigIgn:\t{mask}\nSigCgt:\t1\n"));
        assert_eq!(told("0000000000000001"), Some(true));
        assert_eq!(told("0000000000001001"), Some(true));
        assert_eq!(told("0000000000001000"), Some(false), "another signal");
        assert_eq!(told("00000000000000000000000000000001"), Some(true), "128 signals");
        assert_eq!(told("?"), None);
        assert_eq!(ignores_hang_up("Name:\tm\n"), None);
    }
}
