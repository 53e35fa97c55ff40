//! Writes the audit lines.

use std::convert::Infallible;
use std::io::{self, Write};
use std::thread;

use tokio::sync::mpsc::{OwnedPermit, Receiver, Sender, channel};
use tokio::sync::oneshot;

/// How many lines wait for the writer. Requests wait when there are more.
const WAITING: usize = 4096;

/// Where the lines go.
#[derive(Clone, Debug)]
pub(crate) struct Audit(Option<Sender<Message>>);

#[derive(Debug)]
enum Message {
    Line(Vec<u8>),
    /// All lines before it have been written when this is dropped.
    Written(oneshot::Sender<Infallible>),
}

/// The place of a line among those that wait. Without an audit there is none.
#[derive(Debug)]
pub(crate) struct Place(Option<OwnedPermit<Message>>);

impl Place {
    /// No place.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Has `line` written, if there is an audit.
    pub(crate) fn write(self, line: impl FnOnce() -> Option<Vec<u8>>) {
        if let Some(place) = self.0
            && let Some(line) = line()
        {
            place.send(Message::Line(line));
        }
    }
}

impl Audit {
    /// Drops all lines.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Writes the lines to `writer` on a separate thread.
    pub(crate) fn to(writer: impl Write + Send + 'static) -> io::Result<Self> {
        let (sender, receiver) = channel(WAITING);
        let thread = thread::Builder::new().name("audit".to_owned());
        thread.spawn(move || write(writer, receiver))?;
        Ok(Self(Some(sender)))
    }

    /// Waits for a place for the line of a request.
    pub(crate) async fn reserve(&self) -> Place {
        let Some(sender) = self.0.clone() else {
            return Place::none();
        };
        // It fails only if the writer's thread has ended.
        Place(sender.reserve_owned().await.ok())
    }

    /// Waits until all lines are written.
    pub(crate) async fn flush(&self) {
        if let Some(sender) = &self.0 {
            let (written, wait) = oneshot::channel();
            let _ = sender.send(Message::Written(written)).await;
            let _ = wait.await;
        }
    }
}

/// Writes the lines that have arrived, and flushes when no more have.
fn write(mut writer: impl Write, mut receiver: Receiver<Message>) {
    while let Some(first) = receiver.blocking_recv() {
        let (mut lines, mut waiting) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Line(line) => lines.extend_from_slice(&line),
                Message::Written(written) => waiting.push(written),
            }
            next = receiver.try_recv().ok();
        }
        if writer
            .write_all(&lines)
            .and_then(|()| writer.flush())
            .is_err()
        {
            tracing::error!(
                name: "multi_auth_proxy.audit_failed",
                "an audit line could not be written"
            );
        }
        drop(waiting);
    }
}
