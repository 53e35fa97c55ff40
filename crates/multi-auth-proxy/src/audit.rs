//! Writes the audit lines, many at once.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

/// How many lines wait for the writer. Requests wait when there are more.
const WAITING: usize = 4096;

/// How long the writer collects lines: to wake it for each line costs more than the rest of the
/// line.
const COLLECTED_FOR: Duration = Duration::from_millis(20);

/// Where the lines go. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Audit(Option<Arc<Queue>>);

/// The lines that wait.
#[derive(Debug)]
struct Queue {
    waiting: Mutex<Waiting>,
    /// Notified for the first line, when there are many, and for a flush.
    arrived: Condvar,
    /// Notified when lines have been written.
    has_room: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    count: usize,
    /// Dropped when the lines before them are written.
    flushes: Vec<oneshot::Sender<()>>,
    /// There will be no more lines.
    has_ended: bool,
}

impl Audit {
    /// Drops all lines.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Writes the lines to `writer` on a separate thread.
    pub(crate) fn to(writer: impl Write + Send + 'static) -> io::Result<Self> {
        let queue = Arc::new(Queue {
            waiting: Mutex::default(),
            arrived: Condvar::new(),
            has_room: Notify::new(),
        });
        let thread = thread::Builder::new().name("audit".to_owned());
        let written = Arc::clone(&queue);
        let subscriber = tracing::dispatcher::get_default(Clone::clone);
        thread.spawn(move || {
            tracing::dispatcher::with_default(&subscriber, || written.write_to(writer));
        })?;
        Ok(Self(Some(queue)))
    }

    /// Waits while the writer falls behind: a request begins only if its line can be written.
    ///
    /// A request that waits holds no place: callers could take all of them.
    pub(crate) async fn has_room(&self) {
        let Some(queue) = &self.0 else {
            return;
        };
        loop {
            let written = queue.has_room.notified();
            if queue.lock().count < WAITING {
                return;
            }
            written.await;
        }
    }

    /// Has a line written, if there is an audit.
    pub(crate) fn write(&self, line: impl FnOnce(&mut Vec<u8>)) {
        let Some(queue) = &self.0 else {
            return;
        };
        let mut waiting = queue.lock();
        line(&mut waiting.lines);
        waiting.count += 1;
        let is_due = [1, WAITING / 2].contains(&waiting.count);
        drop(waiting);
        if is_due {
            queue.arrived.notify_one();
        }
    }

    /// Waits until all lines are written.
    pub(crate) async fn flush(&self) {
        if let Some(queue) = &self.0 {
            let (written, wait) = oneshot::channel();
            queue.lock().flushes.push(written);
            queue.arrived.notify_one();
            let _ = wait.await;
        }
    }

    /// Ends the writer's thread, once all lines are written.
    pub(crate) fn end(&self) {
        if let Some(queue) = &self.0 {
            queue.lock().has_ended = true;
            queue.arrived.notify_one();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, mut writer: impl Write) {
        loop {
            let Waiting {
                lines,
                flushes,
                has_ended,
                ..
            } = self.next();
            if writer
                .write_all(&lines)
                .and_then(|()| writer.flush())
                .is_err()
            {
                tracing::error!(
                    name: "multi_auth.proxy.audit_failed",
                    "audit lines could not be written"
                );
            }
            self.has_room.notify_waiters();
            drop(flushes);
            if has_ended {
                return;
            }
        }
    }

    /// Waits for lines, and collects them for a while.
    fn next(&self) -> Waiting {
        let is_idle = |waiting: &mut Waiting| {
            waiting.count == 0 && waiting.flushes.is_empty() && !waiting.has_ended
        };
        let is_calm = |waiting: &mut Waiting| {
            waiting.count < WAITING / 2 && waiting.flushes.is_empty() && !waiting.has_ended
        };
        let waiting = self.arrived.wait_while(self.lock(), is_idle);
        let waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .arrived
            .wait_timeout_while(waiting, COLLECTED_FOR, is_calm);
        let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *waiting)
    }
}
