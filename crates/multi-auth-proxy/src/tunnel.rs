//! Opens tunnels (RFC 9110, 9.3.6): to a host that the caller may reach, whose bytes pass
//! untouched, or to a vendor, whose requests the proxy reads with a certificate of its own
//! authority.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Parts;
use http::{Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::caller::{KnownCaller, Peer, take_token};
use crate::connection::Connection;
use crate::destination::Destination;
use crate::failure::problem_of_connection;
use crate::handle::refuse;
use crate::problem::{Kind, Problem};
use crate::proxy::Shared;
use crate::record::Record;
use crate::response::ResponseBody;
use crate::state::State;
use crate::telemetry::connection_failed;
use crate::upgrade::pass;

/// How long the TLS handshake of a caller may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// A tunnel whose requests the proxy reads.
#[derive(Debug)]
pub(crate) struct Tunnel {
    pub(crate) destination: Destination,
    /// The name of the caller that opened it.
    pub(crate) caller: String,
}

/// What becomes of a tunnel that the caller may open.
enum Opened {
    /// Its bytes go to a host.
    Untouched(TokioIo<TcpStream>, Option<OwnedSemaphorePermit>),
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
    let opened = match admit(shared, state, &connection.peer, &mut parts, &mut record) {
        Ok(Admitted::Read(tls, tunnel)) => Ok(Opened::Read(tls, tunnel)),
        Ok(Admitted::Untouched(destination, permit)) => {
            let connected = state.tunnels.connect(&destination).await;
            let connected = connected.map_err(|error| problem_of_connection(&*error));
            connected.map(|stream| Opened::Untouched(stream, permit))
        }
        Err(problem) => Err(problem),
    };
    let (caller, opened) = match (upgrade, opened) {
        (Some(caller), Ok(opened)) => (caller, opened),
        (None, Ok(_)) => return refuse(&unsupported(), record),
        (_, Err(problem)) => return refuse(&problem, record),
    };
    record.respond(StatusCode::OK);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let caller = TokioIo::new(caller.await?);
        match opened {
            Opened::Untouched(vendor, permit) => {
                pass(
                    &shared,
                    connection,
                    record,
                    permit,
                    caller,
                    vendor.into_inner(),
                )
                .await;
            }
            Opened::Read(tls, tunnel) => {
                record.complete();
                drop(record);
                read(tls, tunnel, caller, connection).await;
            }
        }
        Ok::<_, hyper::Error>(())
    });
    Response::new(ResponseBody::empty())
}

/// A tunnel that the caller may open.
enum Admitted {
    Untouched(Destination, Option<OwnedSemaphorePermit>),
    Read(Arc<ServerConfig>, Tunnel),
}

/// Finds the caller, removes its token, and applies its rules.
fn admit(
    shared: &Shared,
    state: &State,
    peer: &Peer,
    parts: &mut Parts,
    record: &mut Record,
) -> Result<Admitted, Problem> {
    let has_body = [CONTENT_LENGTH, TRANSFER_ENCODING].iter();
    if has_body
        .into_iter()
        .any(|name| parts.headers.contains_key(name))
    {
        return Err(Problem::new(
            Kind::BadBody,
            "a request for a tunnel has no body",
        ));
    }
    if matches!(peer, Peer::Tunnel(_)) {
        return Err(unsupported());
    }
    let destination = Destination::of(parts);
    let destination = destination.ok_or_else(|| {
        let detail = "the target of CONNECT is not a host and a port";
        Problem::new(Kind::UnknownHost, detail)
    })?;
    record.set_tunnel(&destination);
    let token = take_token(&mut parts.headers, &mut None)?;
    let caller = state.callers.find(token.as_ref(), peer);
    let caller = caller.map_err(|problem| problem.of_kind(Kind::NoProxyCredential))?;
    record.set_caller(&caller);
    if let Some(tls) = shared.tls_of(state, &caller, &destination) {
        let caller = caller.settings.name().to_owned();
        let tunnel = Tunnel {
            destination,
            caller,
        };
        return Ok(Admitted::Read(tls, tunnel));
    }
    if !caller
        .settings
        .allows_tunnel(&destination.host, destination.port)
    {
        let detail = "`tunnels` of the caller does not have this host and port";
        return Err(Problem::new(Kind::TunnelNotAllowed, detail));
    }
    Ok(Admitted::Untouched(destination, caller.admit()?))
}

impl Shared {
    /// TLS for a tunnel whose requests the proxy reads: one to a vendor that the caller may call.
    fn tls_of(
        &self,
        state: &State,
        caller: &KnownCaller,
        destination: &Destination,
    ) -> Option<Arc<ServerConfig>> {
        let authority = self.authority.as_ref()?;
        let mut routes = state.routes.at_destination(destination);
        let is_allowed = routes.any(|route| {
            let mut rules = caller.settings.rules().iter();
            rules.any(|rule| rule.vendor_name() == route.name)
        });
        let is_read = is_allowed && authority.covers(&destination.host);
        is_read.then(|| authority.server(&destination.host))?
    }
}

fn unsupported() -> Problem {
    Problem::new(Kind::Method, "this connection cannot become a tunnel")
}

/// Serves the requests in a tunnel to a vendor.
async fn read<S>(tls: Arc<ServerConfig>, tunnel: Tunnel, stream: S, connection: Connection)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let handshake = timeout(HANDSHAKE_TIMEOUT, TlsAcceptor::from(tls).accept(stream));
    match connection.or_end(handshake).await {
        Some(Ok(Ok(stream))) => connection.within(tunnel).serve(stream).await,
        Some(Ok(Err(error))) => connection_failed(&error),
        Some(Err(late)) => connection_failed(&late),
        None => {}
    }
}
