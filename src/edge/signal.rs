//! Interrupts: the first asks for an orderly end, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::terminal;

/// Listens to interrupts (Ctrl-C, SIGTERM) from the moment it is made: none is lost, and none
/// ends the process any more.
pub struct Interrupts {
    #[cfg(unix)]
    signals: [Option<Signal>; 2],
}

impl Interrupts {
    /// Begins to listen. A signal that the system does not let us hear ends the process as ever.
    #[must_use]
    pub fn listen() -> Self {
        Self {
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
        }
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
        interrupts.next().await;
        std::process::exit(130);
    });
    stop
}
