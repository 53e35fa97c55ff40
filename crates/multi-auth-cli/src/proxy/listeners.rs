//! Where the proxy listens: at the sockets that systemd passes, or at the configured addresses.

use listenfd::ListenFd;
use multi_auth_config::proxy::ProxySettings;
use multi_auth_proxy::Listener;

use super::unbound;
use crate::diagnostic::Diagnostic;

/// Begins to listen, and returns where.
pub(super) fn listeners(
    settings: &ProxySettings,
    reuse_port: bool,
) -> Result<(Vec<Listener>, Vec<String>), Diagnostic> {
    let passed = passed()?;
    if !passed.is_empty() {
        return Ok((passed, vec!["the sockets of systemd".to_owned()]));
    }
    let (mut listeners, mut places) = (Vec::new(), Vec::new());
    for address in settings.listen() {
        let listener = if reuse_port {
            Listener::bind_shared(address)
        } else {
            Listener::bind(address)
        };
        let listener = listener.map_err(|error| unbound(&address.to_string(), &error))?;
        places.push(match listener.tcp_address() {
            Some(address) => format!("http://{address}"),
            None => address.to_string(),
        });
        listeners.push(listener);
    }
    Ok((listeners, places))
}

/// The sockets of systemd's socket activation (`sd_listen_fds`).
fn passed() -> Result<Vec<Listener>, Diagnostic> {
    let mut sockets = ListenFd::from_env();
    let mut listeners = Vec::new();
    for at in 0..sockets.len() {
        let wrong = |error| unbound(&format!("the socket {at} of systemd"), &error);
        if let Ok(Some(socket)) = sockets.take_tcp_listener(at) {
            listeners.push(Listener::try_from(socket).map_err(wrong)?);
            continue;
        }
        #[cfg(unix)]
        if let Some(socket) = sockets.take_unix_listener(at).map_err(wrong)? {
            listeners.push(Listener::try_from(socket).map_err(wrong)?);
        }
    }
    Ok(listeners)
}
