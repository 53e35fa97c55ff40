//! Vault's address, its token, and requests to it.

use std::sync::Arc;

use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderName, HeaderValue, Request};
use multi_auth::{
    ApiKey, AuthError, Authenticator, InputProblem, ProtectionSpace, RequestHead, SecretProblem,
    SecretString, Transport, TransportError, UrlProblem,
};
use url::Url;

use super::secret_path::{SecretPath, is_path};
use super::{VaultProblem, response};
use crate::source::origin;
use crate::{SecretSource, SourceError};

/// A server of Vault.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    url: Url,
    token: Arc<dyn SecretSource>,
    /// The name of the token's source, until the program provides it.
    own: Option<String>,
    namespace: Option<String>,
    mount: Option<String>,
}

const TOKEN: &str = "x-vault-token";
const NAMESPACE: &str = "x-vault-namespace";

/// Vault's agents and proxies can require this field, because a page in a browser cannot set it.
const MARK: HeaderName = HeaderName::from_static("x-vault-request");

impl Server {
    pub(crate) fn new(url: &str, token: Arc<dyn SecretSource>) -> Result<Self, SourceError> {
        let wrong = |problem| VaultProblem::Url(problem).of("Vault's address");
        ProtectionSpace::new(url).map_err(|error| wrong(url_problem(&error)))?;
        let url = Url::parse(url).map_err(|_| wrong(UrlProblem::NotAbsolute))?;
        Ok(Self {
            url,
            token,
            own: None,
            namespace: None,
            mount: None,
        })
    }

    /// Sets the name of the token's source, if the program provides it.
    pub(crate) fn with_own_token(self, own: Option<String>) -> Self {
        Self { own, ..self }
    }

    /// Uses `source` for the token, if the program gives that as `name`. Returns whether it was
    /// asked for.
    pub(crate) fn give(&mut self, name: &str, source: &Arc<dyn SecretSource>) -> bool {
        let is_it = self.own.take_if(|own| own == name).is_some();
        if is_it {
            self.token = Arc::clone(source);
        }
        is_it
    }

    pub(crate) fn with_namespace(self, namespace: &str) -> Result<Self, SourceError> {
        if !is_path(namespace) || !namespace.is_ascii() || namespace.contains(' ') {
            return Err(VaultProblem::Path.of("Vault's namespace"));
        }
        Ok(Self {
            namespace: Some(namespace.to_owned()),
            ..self
        })
    }

    /// Sets a mount with slashes in its name. Paths below it are read from it.
    pub(crate) fn with_mount(self, mount: &str) -> Result<Self, SourceError> {
        if !is_path(mount) {
            return Err(VaultProblem::Path.of("Vault's mount"));
        }
        Ok(Self {
            mount: Some(mount.to_owned()),
            ..self
        })
    }

    /// Parses `text` as the path of a secret in this server.
    pub(crate) fn locate(&self, text: &str) -> Result<SecretPath, SourceError> {
        let location = SecretPath::parse(text)?;
        let below = self.mount.as_ref().map(|mount| location.below(mount));
        // A path that is not below that mount is in another one.
        Ok(below.and_then(Result::ok).unwrap_or(location))
    }

    /// The current value at `location`.
    pub(crate) async fn read(
        &self,
        location: &SecretPath,
        transport: &Arc<dyn Transport>,
    ) -> Result<SecretString, SourceError> {
        let token = self.token.read().await.map_err(SourceError::of_token)?;
        let request = self.request(location, token);
        let request = request.map_err(|problem| problem.of(origin::vault()))?;
        let answer = transport.send(request).await;
        let answer =
            answer.map_err(|error| unanswered(&error).of(origin::vault()).with_source(error))?;
        response::read(answer, location)
            .map_err(|problem| SourceError::new(origin::vault(), problem))
    }

    fn request(
        &self,
        location: &SecretPath,
        token: SecretString,
    ) -> Result<Request<Vec<u8>>, VaultProblem> {
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        const TRUE: HeaderValue = HeaderValue::from_static("true");
        let url = self.url_of(location);
        let request = Request::get(url.as_str())
            .header(ACCEPT, JSON)
            .header(USER_AGENT, HeaderValue::from_static(multi_auth::USER_AGENT))
            .header(MARK, TRUE);
        let request = request.body(Vec::new());
        let mut request = request.map_err(|_| VaultProblem::Url(UrlProblem::NotAbsolute))?;
        request = with_header(request, TOKEN, token)?;
        match &self.namespace {
            Some(namespace) => with_header(request, NAMESPACE, namespace.as_str().into()),
            None => Ok(request),
        }
    }

    fn url_of(&self, location: &SecretPath) -> Url {
        let mut url = self.url.clone();
        // An https URL always has a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments
                .pop_if_empty()
                .push("v1")
                .extend(location.segments());
        }
        url
    }
}

/// Adds `secret` to `request` in the field `name`. The core does it, and marks the value sensitive.
fn with_header(
    request: Request<Vec<u8>>,
    name: &str,
    secret: SecretString,
) -> Result<Request<Vec<u8>>, VaultProblem> {
    let (mut head, body) = request.into_parts();
    let key = ApiKey::header(name, secret).map_err(|error| unsendable(&error))?;
    let ready = key.ready(&RequestHead::from_parts(&head));
    let attached = ready.unwrap_or(Err(AuthError::NotReady));
    let attached = attached.and_then(|credential| credential.attach(&mut head));
    attached.map_err(|error| unsendable(&error))?;
    Ok(Request::from_parts(head, body))
}

fn url_problem(error: &AuthError) -> UrlProblem {
    match error {
        AuthError::Invalid(InputProblem::Url { problem, .. }) => *problem,
        // A protection space has no other problem.
        _ => UrlProblem::NotAbsolute,
    }
}

fn unsendable(error: &AuthError) -> VaultProblem {
    VaultProblem::Token(match error {
        AuthError::Invalid(InputProblem::Secret { problem, .. }) => *problem,
        // A key in a field with a known name has no other problem.
        _ => SecretProblem::ControlCharacter,
    })
}

fn unanswered(error: &TransportError) -> VaultProblem {
    if error.is_timeout() {
        return VaultProblem::Timeout;
    }
    if error.is_too_large() {
        return VaultProblem::TooLarge;
    }
    VaultProblem::Connection
}
