//! Accepts connections and serves requests on each, until the server is dropped.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::recorded::ClientCertificate;
use crate::server::listen::Listener;
use crate::server::site::Site;

/// Accepts connections until it is aborted, which closes them too.
pub(super) async fn accept(listener: Listener, site: Arc<Site>) {
    let (socket, tls) = listener.into_parts();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(open(stream, tls.clone(), Arc::clone(&site)));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// A failed handshake is not reported here: the client has the error.
async fn open(stream: TcpStream, tls: Option<TlsAcceptor>, site: Arc<Site>) {
    let Some(tls) = tls else {
        return serve(stream, site, None).await;
    };
    if let Ok(stream) = tls.accept(stream).await {
        let certificates = stream.get_ref().1.peer_certificates();
        let certificate = certificates.and_then(<[_]>::first);
        let certificate = certificate.map(|certificate| Bytes::copy_from_slice(certificate));
        serve(stream, site, certificate).await;
    }
}

/// `certificate` is the client's.
async fn serve<S>(stream: S, site: Arc<Site>, certificate: Option<Bytes>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let hang_up = Arc::new(Notify::new());
    let service = service_fn(|mut request: Request<Incoming>| {
        let certificate = certificate.clone().map(ClientCertificate);
        if let Some(certificate) = certificate {
            request.extensions_mut().insert(certificate);
        }
        answer(request, Arc::clone(&site), Arc::clone(&hang_up))
    });
    let server = Builder::new(TokioExecutor::new());
    let connection = server.serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = connection => {}
        () = hang_up.notified() => {}
    }
}

async fn answer(
    request: Request<Incoming>,
    site: Arc<Site>,
    hang_up: Arc<Notify>,
) -> Result<Response, Infallible> {
    if let Ok(response) = site.answer(request).await {
        return Ok(response);
    }
    hang_up.notify_one();
    pending().await
}
