//! Where callers connect.

mod stream;

pub(crate) use self::stream::Stream;

use std::io;
use std::net::SocketAddr;

use multi_auth_config::proxy::ListenAddress;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

use crate::caller::Peer;

/// How many connections wait to be accepted.
const BACKLOG: u32 = 1024;

/// Where callers connect: a TCP address or a Unix socket.
#[derive(Debug)]
pub struct Listener(Socket);

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Listener {
    /// Listens at `address`. A Unix socket of a process that has ended is replaced. Call it within
    /// a Tokio runtime.
    ///
    /// # Errors
    ///
    /// If the address is in use, or the system does not allow it.
    pub fn bind(address: &ListenAddress) -> io::Result<Self> {
        match address {
            ListenAddress::Tcp(address) => Ok(Self(Socket::Tcp(tcp(*address, false)?))),
            #[cfg(unix)]
            ListenAddress::Unix(path) => Ok(Self(Socket::Unix(unix(path)?))),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Listens at `address`, at which another process of the same user may listen too: the system
    /// gives each connection to one of them (`SO_REUSEPORT`). So a new process takes over from an
    /// old one. A Unix socket of the old one is replaced. Call it within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// If the system does not allow it.
    pub fn bind_shared(address: &ListenAddress) -> io::Result<Self> {
        match address {
            ListenAddress::Tcp(address) => Ok(Self(Socket::Tcp(tcp(*address, true)?))),
            #[cfg(unix)]
            ListenAddress::Unix(path) => Ok(Self(Socket::Unix(replace(path)?))),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The TCP address, if it has one.
    #[must_use]
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        match &self.0 {
            Socket::Tcp(listener) => listener.local_addr().ok(),
            #[cfg(unix)]
            Socket::Unix(_) => None,
        }
    }

    pub(crate) async fn accept(&mut self) -> io::Result<(Stream, Peer)> {
        match &self.0 {
            Socket::Tcp(listener) => of_tcp(listener.accept().await?.0),
            #[cfg(unix)]
            Socket::Unix(listener) => Ok(of_unix(listener.accept().await?.0)),
        }
    }

    /// Accepts the connections that wait, and no more. tokio may not know of them yet.
    pub(crate) fn into_waiting(self) -> io::Result<Waiting> {
        Ok(match self.0 {
            Socket::Tcp(listener) => {
                let listener = listener.into_std()?;
                waiting(move || {
                    let (stream, _) = listener.accept()?;
                    stream.set_nonblocking(true)?;
                    of_tcp(TcpStream::from_std(stream)?)
                })
            }
            #[cfg(unix)]
            Socket::Unix(listener) => {
                let listener = listener.into_std()?;
                waiting(move || {
                    let (stream, _) = listener.accept()?;
                    stream.set_nonblocking(true)?;
                    Ok(of_unix(UnixStream::from_std(stream)?))
                })
            }
        })
    }
}

/// The connections that wait to be accepted.
type Waiting = Box<dyn Iterator<Item = io::Result<(Stream, Peer)>> + Send>;

/// What `accept` accepts until it would have to wait. It is not asked for ever: each time may fail.
fn waiting(accept: impl Fn() -> io::Result<(Stream, Peer)> + Send + 'static) -> Waiting {
    let accepted = std::iter::repeat_with(accept).take(2 * BACKLOG as usize);
    let is_there = |accepted: &io::Result<_>| {
        !accepted
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    };
    Box::new(accepted.take_while(is_there))
}

fn of_tcp(stream: TcpStream) -> io::Result<(Stream, Peer)> {
    stream.set_nodelay(true)?;
    Ok((Stream::Tcp(stream), Peer::Tcp))
}

#[cfg(unix)]
fn of_unix(stream: UnixStream) -> (Stream, Peer) {
    let uid = stream.peer_cred().ok().map(|peer| peer.uid());
    (Stream::Unix(stream), Peer::Unix(uid))
}

/// Sockets that another program passes, such as systemd.
impl TryFrom<std::net::TcpListener> for Listener {
    type Error = io::Error;

    fn try_from(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self(Socket::Tcp(TcpListener::from_std(listener)?)))
    }
}

#[cfg(unix)]
impl TryFrom<std::os::unix::net::UnixListener> for Listener {
    type Error = io::Error;

    fn try_from(listener: std::os::unix::net::UnixListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self(Socket::Unix(UnixListener::from_std(listener)?)))
    }
}

fn tcp(address: SocketAddr, is_shared: bool) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // An address is free again at once after its process has ended. Elsewhere, this means more.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    #[cfg(unix)]
    socket.set_reuseport(is_shared)?;
    #[cfg(not(unix))]
    if is_shared {
        return Err(io::ErrorKind::Unsupported.into());
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(unix)]
fn unix(path: &std::path::Path) -> io::Result<UnixListener> {
    match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            // A socket that refuses connections is left over.
            match std::os::unix::net::UnixStream::connect(path) {
                Err(refused) if refused.kind() == io::ErrorKind::ConnectionRefused => {
                    std::fs::remove_file(path)?;
                    UnixListener::bind(path)
                }
                _ => Err(error),
            }
        }
        bound => bound,
    }
}

/// Puts a new socket in the place of another one, so that there is one at any time.
#[cfg(unix)]
fn replace(path: &std::path::Path) -> io::Result<UnixListener> {
    use std::os::unix::fs::FileTypeExt;
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => {}
        Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => return UnixListener::bind(path),
    }
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let listener = UnixListener::bind(&beside)?;
    std::fs::rename(&beside, path)?;
    Ok(listener)
}
