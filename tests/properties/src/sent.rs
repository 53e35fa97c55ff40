//! A request with a credential that has a number, so that a model knows which one it carries.

use http::Request;
use multi_auth::{AuthError, Authenticator, CredentialId, RequestHead};

/// What a request carried.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The number of its credential.
    pub number: usize,
    /// The ID by which its response is judged.
    pub id: CredentialId,
    /// Whether the credential was available.
    pub was_ready: bool,
}

/// Sends a request whose one field holds `prefix` and a number.
///
/// # Errors
/// The error of the authenticator.
pub async fn send(authenticator: &impl Authenticator, prefix: &str) -> Result<Sent, AuthError> {
    let request = Request::get("https://api.example/").body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    let head = RequestHead::from_parts(&parts);
    let ready = authenticator.ready(&head);
    let was_ready = ready.is_some();
    let credential = match ready {
        Some(ready) => ready?,
        None => authenticator.authenticate(&head).await?,
    };
    let id = credential.id().clone();
    credential.attach(&mut parts).unwrap();
    let value = parts.headers.values().next().unwrap().to_str().unwrap();
    Ok(Sent {
        number: value.strip_prefix(prefix).unwrap().parse().unwrap(),
        id,
        was_ready,
    })
}
