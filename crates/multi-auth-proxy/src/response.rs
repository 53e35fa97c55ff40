//! The body of a response to a caller.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use multi_auth_tower::PeekedBody;
use pin_project_lite::pin_project;
use tokio::sync::OwnedSemaphorePermit;

use crate::BoxError;
use crate::record::Record;
use crate::scan::Scanned;

pub(crate) type VendorBody = PeekedBody<Scanned<Incoming>>;

pin_project! {
    /// A body that completes the record of its request when it ends.
    pub(crate) struct ResponseBody {
        #[pin]
        source: Source,
        record: Option<Record>,
        // The caller's place among its requests at once.
        permit: Option<OwnedSemaphorePermit>,
    }
}

pin_project! {
    #[project = SourceProjection]
    enum Source {
        Vendor { #[pin] body: VendorBody },
        Proxy { #[pin] body: Full<Bytes> },
    }
}

impl ResponseBody {
    pub(crate) fn of_vendor(
        body: VendorBody,
        record: Record,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Self {
        let body = Self {
            source: Source::Vendor { body },
            record: Some(record),
            permit,
        };
        body.completed_if_ended()
    }

    pub(crate) fn of_proxy(body: Full<Bytes>, record: Record) -> Self {
        Self {
            source: Source::Proxy { body },
            record: Some(record),
            permit: None,
        }
    }

    /// The body of a response that changes the protocol.
    pub(crate) fn empty() -> Self {
        Self {
            source: Source::Proxy {
                body: Full::default(),
            },
            record: None,
            permit: None,
        }
    }

    /// A body without frames is never polled.
    fn completed_if_ended(mut self) -> Self {
        if self.is_end_stream() {
            complete(&mut self.record);
            self.permit = None;
        }
        self
    }
}

fn complete(record: &mut Option<Record>) {
    if let Some(mut record) = record.take() {
        record.complete();
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        let frame = match this.source.as_mut().project() {
            SourceProjection::Vendor { body } => {
                ready!(body.poll_frame(cx)).map(|frame| frame.map_err(Into::into))
            }
            SourceProjection::Proxy { body } => {
                ready!(body.poll_frame(cx)).map(|frame| frame.map_err(Into::into))
            }
        };
        if let (Some(Ok(frame)), Some(record)) = (&frame, this.record.as_mut()) {
            record.count(frame.data_ref().map_or(0, Bytes::len));
        }
        let has_ended = match &*this.source {
            Source::Vendor { body } => body.is_end_stream(),
            Source::Proxy { body } => body.is_end_stream(),
        };
        if frame.is_none() || has_ended {
            complete(this.record);
            *this.permit = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Vendor { body } => body.is_end_stream(),
            Source::Proxy { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Vendor { body } => body.size_hint(),
            Source::Proxy { body } => body.size_hint(),
        }
    }
}
