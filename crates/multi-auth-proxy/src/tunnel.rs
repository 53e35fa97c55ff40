//! Opens tunnels (RFC 9110, 9.3.6). The bytes of a tunnel to another host pass untouched. The proxy
//! reads the requests in a tunnel to a vendor: it ends TLS with a certificate that it issues.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Parts;
use http::{Response, StatusCode, Version};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::caller::{Identity, KnownCaller, Peer, take_token};
use crate::connection::Connection;
use crate::destination::Destination;
use crate::failure::problem_of_connection;
use crate::handle::refuse;
use crate::problem::{Kind, Problem};
use crate::proxy::Shared;
use crate::record::Record;
use crate::response::ResponseBody;
use crate::route::Route;
use crate::state::State;
use crate::telemetry::connection_failed;
use crate::upgrade::pass;

/// How long the TLS handshake of a caller may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// A tunnel whose requests the proxy reads.
#[derive(Debug)]
pub(crate) struct Tunnel {
    pub(crate) destination: Destination,
    /// The identity of the caller that opened it.
    pub(crate) opener: Identity,
}

/// A tunnel that the caller may open.
enum Permitted {
    /// Its bytes go to a host.
    Untouched(Destination),
    /// The proxy reads its requests.
    Read(Arc<ServerConfig>, Tunnel),
}

/// Opens the tunnel that `parts` asks for.
pub(crate) async fn open(
    shared: &Arc<Shared>,
    state: &State,
    connection: Connection,
    mut parts: Parts,
    mut record: Record,
) -> Response<ResponseBody> {
    let upgrade = parts.extensions.remove::<OnUpgrade>();
    let permitted = permit(shared, state, &connection.peer, &mut parts, &mut record);
    let (permitted, permit) = match permitted {
        Ok(permitted) => permitted,
        Err(problem) => return refuse(&problem, record),
    };
    let Some(caller) = upgrade else {
        return refuse(&unsupported(), record);
    };
    match permitted {
        Permitted::Untouched(destination) => {
            let host = match state.tunnels.connect(&destination).await {
                Ok(host) => host,
                Err(error) => return refuse(&problem_of_connection(&*error), record),
            };
            record.respond(StatusCode::OK);
            let host = async { Ok(host) };
            pass(Arc::clone(shared), connection, record, permit, caller, host);
        }
        Permitted::Read(tls, tunnel) => {
            record.respond(StatusCode::OK);
            record.complete();
            drop(record);
            // The proxy waits for the requests in the tunnel.
            let open = connection.server.open();
            tokio::spawn(async move {
                if let Ok(caller) = caller.await {
                    read(tls, tunnel, TokioIo::new(caller), connection, permit).await;
                }
                drop(open);
            });
        }
    }
    Response::new(ResponseBody::empty())
}

/// Finds the caller, removes its token, and applies its rules.
fn permit(
    shared: &Shared,
    state: &State,
    peer: &Peer,
    parts: &mut Parts,
    record: &mut Record,
) -> Result<(Permitted, Option<OwnedSemaphorePermit>), Problem> {
    let framing = [CONTENT_LENGTH, TRANSFER_ENCODING];
    if framing.iter().any(|name| parts.headers.contains_key(name)) {
        return Err(Problem::new(
            Kind::BadBody,
            "a request for a tunnel has no body",
        ));
    }
    // A tunnel over HTTP/2 would be one of many on its connection.
    if matches!(peer, Peer::Tunnel(_)) || parts.version == Version::HTTP_2 {
        return Err(unsupported());
    }
    let destination = Destination::of(parts);
    let destination = destination.ok_or_else(|| {
        let detail = "the target of CONNECT is not a host and a port";
        Problem::new(Kind::UnknownHost, detail)
    })?;
    record.set_tunnel(&destination);
    let token = take_token(&mut parts.headers, &mut None)?;
    let identity = peer.identity(token);
    let found = state.callers.find(identity.as_ref());
    let caller = found.map_err(|problem| problem.of_kind(Kind::NoProxyCredential))?;
    record.set_caller(&caller, identity.clone());
    let tls = shared.tls_of(state, &caller, &destination)?;
    let permitted = match (tls, identity) {
        (Some(tls), Some(opener)) => {
            let tunnel = Tunnel {
                destination,
                opener,
            };
            Permitted::Read(tls, tunnel)
        }
        _ => Permitted::Untouched(destination),
    };
    Ok((permitted, caller.admit()?))
}

impl Shared {
    /// TLS for a tunnel whose requests the proxy reads. `None` if its bytes may pass untouched.
    ///
    /// With a certificate authority, a tunnel to a vendor is read or refused: a program has the
    /// caller's token in the place of the key, which the vendor would see otherwise.
    fn tls_of(
        &self,
        state: &State,
        caller: &KnownCaller,
        destination: &Destination,
    ) -> Result<Option<Arc<ServerConfig>>, Problem> {
        let settings = &caller.settings;
        let refused = |detail| Err(Problem::new(Kind::TunnelNotAllowed, detail));
        if let Some(authority) = &self.authority
            && state.routes.has_host(destination)
        {
            let may_call = |route: &Route| {
                let mut rules = settings.rules().iter();
                rules.any(|rule| rule.vendor_name() == route.name)
            };
            let mut routes = state.routes.at_destination(destination);
            let is_read =
                routes.any(|route| may_call(route)) && authority.covers(&destination.host);
            let tls = is_read
                .then(|| authority.server(&destination.host))
                .flatten();
            return match tls {
                Some(tls) => Ok(Some(tls)),
                None => refused("this host of a vendor has no tunnel for the caller"),
            };
        }
        if !settings.allows_tunnel(&destination.host, destination.port) {
            return refused("`tunnels` of the caller does not have this host and port");
        }
        Ok(None)
    }
}

fn unsupported() -> Problem {
    Problem::new(Kind::Method, "this connection cannot become a tunnel")
}

/// Serves the requests in a tunnel to a vendor. The handshake has a place among the caller's
/// requests at once, as each request has.
async fn read<S>(
    tls: Arc<ServerConfig>,
    tunnel: Tunnel,
    stream: S,
    connection: Connection,
    permit: Option<OwnedSemaphorePermit>,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let handshake = timeout(HANDSHAKE_TIMEOUT, TlsAcceptor::from(tls).accept(stream));
    let shaken = connection.or_end(handshake).await;
    drop(permit);
    match shaken {
        Some(Ok(Ok(stream))) => connection.within(tunnel).serve(stream).await,
        Some(Ok(Err(error))) => connection_failed(&error),
        Some(Err(late)) => connection_failed(&late),
        None => {}
    }
}
