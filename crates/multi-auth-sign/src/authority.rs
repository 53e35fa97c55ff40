//! The host and the port of a request (RFC 9421, 2.2.3).

use std::io::Write;

use http::header::HOST;
use multi_auth::RequestHead;

use crate::SignError;

/// Writes the authority: of the caller's `Host`, which is sent, or else of the target. In lower
/// case and without a default port (RFC 9110, 4.2.3).
pub(crate) fn write(request: &RequestHead<'_>, text: &mut Vec<u8>) -> Result<(), SignError> {
    let start = text.len();
    match request.headers().get(HOST) {
        Some(host) => text.extend_from_slice(without_default_port(host.as_bytes(), request)),
        None => write_target(request, text)?,
    }
    text[start..].make_ascii_lowercase();
    if text.len() == start {
        return Err(SignError::NoHost);
    }
    Ok(())
}

fn write_target(request: &RequestHead<'_>, text: &mut Vec<u8>) -> Result<(), SignError> {
    let host = request.host().ok_or(SignError::NoHost)?;
    text.extend_from_slice(host.as_bytes());
    let default = default_port(request).and_then(|port| port.parse().ok());
    if let Some(port) = request.port().filter(|port| Some(*port) != default) {
        // A vector takes every byte.
        let _ = write!(text, ":{port}");
    }
    Ok(())
}

/// `host` without its port if that is empty or the default one.
fn without_default_port<'h>(host: &'h [u8], request: &RequestHead<'_>) -> &'h [u8] {
    let host = host.trim_ascii();
    let default = default_port(request).unwrap_or_default();
    // The last colon of an IPv6 address has a bracket behind it.
    match host.iter().rposition(|byte| *byte == b':') {
        Some(colon) if [b"", default.as_bytes()].contains(&&host[colon + 1..]) => &host[..colon],
        _ => host,
    }
}

fn default_port(request: &RequestHead<'_>) -> Option<&'static str> {
    match request.scheme()? {
        "https" | "wss" => Some("443"),
        "http" | "ws" => Some("80"),
        _ => None,
    }
}
