//! Joins the connections of a caller and a vendor after a change of the protocol (WebSocket).

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio::sync::OwnedSemaphorePermit;

use crate::connection::Connection;
use crate::record::Record;

/// Both ends of a request whose protocol changes.
pub(crate) struct Ends {
    pub(crate) caller: OnUpgrade,
    pub(crate) vendor: OnUpgrade,
}

impl Ends {
    /// Passes bytes both ways until one side or the proxy ends. The request ends then.
    pub(crate) fn join(
        self,
        connection: Connection,
        mut record: Record,
        permit: Option<OwnedSemaphorePermit>,
    ) {
        tokio::spawn(async move {
            let (caller, vendor) = tokio::try_join!(self.caller, self.vendor)?;
            let (mut caller, mut vendor) = (TokioIo::new(caller), TokioIo::new(vendor));
            let copied = connection.or_end(copy_bidirectional(&mut caller, &mut vendor));
            if let Some(Ok((_, to_caller))) = copied.await {
                record.count(usize::try_from(to_caller).unwrap_or(usize::MAX));
                record.complete();
            }
            drop((record, permit));
            Ok::<_, hyper::Error>(())
        });
    }
}
