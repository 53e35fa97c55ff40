//! Device authorization (RFC 8628): a person enters a code in a browser on another device.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::{Client, Grant};
use crate::checked_url::{self, PlainHttp};
use crate::token::endpoint::call;
use crate::{AuthError, TokenRequestProblem as Problem, Transport};

/// A device authorization (RFC 8628, 3.2): show the code and the URL to a person, and request the
/// token with [`Grant::device_code`] until the person has confirmed.
///
/// `POST <device authorization endpoint>`: `client_id=my-app&scope=orders.read`
///
/// Wait for [`interval`](Self::interval) before each token request. The error codes
/// `authorization_pending` and `slow_down` mean "not yet"; after `slow_down`, wait 5 seconds longer
/// from then on (RFC 8628, 3.5).
///
/// ```
/// use multi_auth::oauth::{Client, DeviceAuthorization, Grant};
/// use multi_auth::{AuthError, TokenEndpoint, Transport};
///
/// # fn main() {}
/// # async fn example(transport: impl Transport + Clone + 'static) -> Result<(), AuthError> {
/// let client = Client::public("my-app")?;
/// let url = "https://login.example.com/oauth2/device";
/// let scopes = ["orders.read"];
/// let device = DeviceAuthorization::request(url, scopes, &client, transport.clone()).await?;
/// println!("Open {} and enter {}", device.verification_uri, device.user_code);
///
/// let endpoint = TokenEndpoint::builder("https://login.example.com/oauth2/token", transport)?
///     .grant(Grant::device_code(device.device_code), client)
///     .build();
/// # Ok(())
/// # }
/// ```
///
/// `Debug` prints neither code.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeviceAuthorization {
    /// The code for [`Grant::device_code`].
    pub device_code: SecretString,
    /// The code that the person enters.
    pub user_code: String,
    /// Where the person enters it.
    pub verification_uri: Url,
    /// The same with the code in it, if the server has one.
    pub verification_uri_complete: Option<Url>,
    /// How long the codes are valid.
    pub expires_in: Duration,
    /// How long to wait before each token request.
    pub interval: Duration,
}

#[derive(Deserialize)]
struct Document {
    device_code: SecretText,
    user_code: String,
    // Google names it `verification_url`.
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(alias = "verification_url_complete")]
    verification_uri_complete: Option<String>,
    expires_in: f64,
    interval: Option<f64>,
}

/// Text that is wiped when it is dropped.
#[derive(Deserialize)]
struct SecretText(String);

impl Drop for SecretText {
    fn drop(&mut self) {
        secrecy::zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// What RFC 8628, 3.2, sets if the server sends no interval.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);

/// A longer interval than this is a mistake of the server.
const MAX_INTERVAL: Duration = Duration::from_secs(60);

const MAX_VALIDITY: Duration = Duration::from_secs(60 * 60);

const MAX_USER_CODE: usize = 64;

impl DeviceAuthorization {
    /// Requests a device code from `endpoint` for these scopes.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `endpoint` is not an https URL, and
    /// [`AuthError::TokenRequest`] if the server refuses or the response is not one of RFC 8628.
    pub async fn request<S: AsRef<str>>(
        endpoint: &str,
        scopes: impl IntoIterator<Item = S>,
        client: &Client,
        transport: impl Transport + 'static,
    ) -> Result<Self, AuthError> {
        let what = "device authorization endpoint";
        let endpoint = checked_url::parse(what, endpoint, PlainHttp::LoopbackOnly)?;
        let request = Grant::none().with_scopes(scopes);
        let transport: Arc<dyn Transport> = Arc::new(transport);
        let body = call(&endpoint, request, client, &transport).await?;
        Self::read(&body)
            .map_err(|problem| AuthError::token_request(checked_url::shown(&endpoint), problem))
    }

    fn read(body: &[u8]) -> Result<Self, Problem> {
        let document: Document = serde_json::from_slice(body).map_err(|_| Problem::NotJson)?;
        let url = |member: &str, text: &str| {
            let url = checked_url::parse("verification URL", text, PlainHttp::LoopbackOnly);
            url.map_err(|_| malformed(member, "an https URL"))
        };
        let complete = document.verification_uri_complete.as_deref();
        let complete = complete.map(|text| url("/verification_uri_complete", text));
        if document.device_code.0.is_empty() {
            return Err(malformed("/device_code", "text"));
        }
        Ok(Self {
            device_code: document.device_code.0.as_str().into(),
            user_code: checked_code(document.user_code)?,
            verification_uri: url("/verification_uri", &document.verification_uri)?,
            verification_uri_complete: complete.transpose()?,
            expires_in: seconds("/expires_in", document.expires_in)?.min(MAX_VALIDITY),
            interval: match document.interval {
                Some(interval) => seconds("/interval", interval)?.min(MAX_INTERVAL),
                None => DEFAULT_INTERVAL,
            },
        })
    }
}

/// A terminal shows the code, so it has no control character.
fn checked_code(code: String) -> Result<String, Problem> {
    let is_shown = code.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if code.is_empty() || code.len() > MAX_USER_CODE || !is_shown {
        return Err(malformed("/user_code", "a code that a person can type"));
    }
    Ok(code)
}

fn seconds(member: &str, number: f64) -> Result<Duration, Problem> {
    Duration::try_from_secs_f64(number).map_err(|_| malformed(member, "seconds"))
}

fn malformed(member: &str, expected: &'static str) -> Problem {
    let member = member.to_owned();
    Problem::Malformed { member, expected }
}

impl fmt::Debug for DeviceAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorization")
            .field(
                "verification_uri",
                &checked_url::shown(&self.verification_uri),
            )
            .field("expires_in", &self.expires_in)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
