//! Work that takes seconds and that nobody should notice: judging a month, writing a document of all of it.
//!
//! It runs on threads of a lower priority, as many as there are cores, so that while a city is judged whoever asks for
//! a line gets it as fast as ever: the kernel lets the others go first.

use std::io;
use std::sync::LazyLock;
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How far their priority is below that of the others; a tenth of the processor's time is left to them where all is
/// wanted.
const NICE: i32 = 10;

static THREADS: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    ThreadPoolBuilder::new()
        .thread_name(|number| format!("background-{number}"))
        .start_handler(|_| lower_priority())
        .build()
        .inspect_err(
            |error| tracing::warn!(%error, "no threads of a lower priority; judging has that of requests"),
        )
        .ok()
});

/// Does `work` there; what it does in parallel is done there, too. It goes on if nobody waits for it.
pub(crate) fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    tokio::task::spawn_blocking(move || match &*THREADS {
        Some(threads) => threads.install(work),
        None => work(),
    })
}

/// Drives `work` to its end on a thread of its own, for work that waits for the catalog between what it computes. On the
/// threads of requests its computing would hold up whoever they serve.
///
/// # Errors
/// Where no thread can be had, or `work` panics.
pub(crate) async fn drive<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> io::Result<T> {
    let runtime = Handle::current();
    let (done, ends) = oneshot::channel();
    thread::Builder::new().name("document".to_owned()).spawn(move || {
        lower_priority();
        // Nobody may be waiting any more.
        let _ = done.send(runtime.block_on(work));
    })?;
    ends.await.map_err(|_| io::Error::other("the thread that did it panicked"))
}

/// On Linux the priority is that of the calling thread. Where it cannot be lowered it stays.
fn lower_priority() {
    let now = rustix::process::getpriority_process(None).unwrap_or_default();
    let _ = rustix::process::setpriority_process(None, now + NICE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn threads_have_a_lower_priority_and_a_panic_is_an_error() {
        let of_request = rustix::process::getpriority_process(None).unwrap();
        let of_background = run(|| rustix::process::getpriority_process(None).unwrap()).await.unwrap();
        assert_eq!(of_background, (of_request + NICE).min(19));
        assert!(run(|| panic!("as planned")).await.unwrap_err().is_panic());
        assert_eq!(run(|| 2 + 2).await.unwrap(), 4, "and the threads go on");
    }

    #[tokio::test]
    async fn a_future_is_driven_at_a_lower_priority_and_may_use_the_others() {
        let of_request = rustix::process::getpriority_process(None).unwrap();
        let work = async { (rustix::process::getpriority_process(None).unwrap(), run(|| 1).await.unwrap()) };
        assert_eq!(drive(work).await.unwrap(), ((of_request + NICE).min(19), 1));
        assert!(drive(async { panic!("as planned") }).await.is_err());
    }
}
