//! Token revocation (RFC 7009).

use std::sync::Arc;

use secrecy::SecretString;

use super::{Client, Grant};
use crate::checked_url::{self, PlainHttp};
use crate::token::endpoint::call;
use crate::{AuthError, Transport};

/// Revokes a refresh token, and with it the access tokens of the same grant at most servers (RFC
/// 7009, 2.1).
///
/// `POST <revocation endpoint>`: `token=r-123&token_type_hint=refresh_token`
///
/// A server also confirms a token that it does not know (RFC 7009, 2.2).
///
/// ```
/// use multi_auth::oauth::{self, Client};
/// use multi_auth::{AuthError, SecretString, Transport};
///
/// # fn main() {}
/// # async fn example(token: SecretString, transport: impl Transport + 'static) -> Result<(), AuthError> {
/// let client = Client::public("my-app")?;
/// oauth::revoke("https://login.example.com/oauth2/revoke", token, &client, transport).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`AuthError::Invalid`] if `endpoint` is not an https URL, and [`AuthError::TokenRequest`] if the
/// server refuses. The token may then still be valid.
pub async fn revoke(
    endpoint: &str,
    refresh_token: SecretString,
    client: &Client,
    transport: impl Transport + 'static,
) -> Result<(), AuthError> {
    let endpoint = checked_url::parse("revocation endpoint", endpoint, PlainHttp::LoopbackOnly)?;
    let request = Grant::none()
        .with_parameter("token", refresh_token)
        .with_parameter("token_type_hint", "refresh_token");
    let transport: Arc<dyn Transport> = Arc::new(transport);
    call(&endpoint, request, client, &transport).await?;
    Ok(())
}
