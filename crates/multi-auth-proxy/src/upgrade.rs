//! Joins the connections of a caller and a vendor after a change of the protocol (WebSocket).

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;

/// Passes bytes both ways, once both sides have changed the protocol.
pub(crate) fn join(caller: OnUpgrade, vendor: OnUpgrade) {
    tokio::spawn(async move {
        let (caller, vendor) = tokio::try_join!(caller, vendor)?;
        let (mut caller, mut vendor) = (TokioIo::new(caller), TokioIo::new(vendor));
        // An error is the end of one side, and the drop ends the other.
        let _ = copy_bidirectional(&mut caller, &mut vendor).await;
        Ok::<_, hyper::Error>(())
    });
}
