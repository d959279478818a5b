//! The runtime that waits for the network.

use tokio::task::JoinHandle;

/// Runs a future to its end on a runtime of its own.
///
/// # Errors
///
/// In words, when the system gives no threads to wait on.
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no runtime: {error}"))?;
    Ok(runtime.block_on(work))
}

/// Computes something on a thread of its own, so that the network is not kept waiting meanwhile.
///
/// # Errors
///
/// In words, when the computation panicked.
pub async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|error| format!("this is a bug: {error}"))
}

/// Begins a task that goes on by itself; it must be called from within the runtime.
#[expect(clippy::disallowed_methods, reason = "this is the edge: it owns the runtime")]
pub(super) fn spawn<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    tokio::spawn(work)
}
