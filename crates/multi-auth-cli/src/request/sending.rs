//! The request that the command line describes.

use std::io;

use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use multi_auth::{Account, ConstantHeaders, Keyring, RequestHead};
use reqwest::Url;
use reqwest_middleware::{ClientWithMiddleware, RequestBuilder};

use crate::args::RequestArgs;
use crate::diagnostic::{Diagnostic, DiagnosticCode, ResponseDiagnosis};
use crate::input;
use crate::message::Message;

/// A request that can be sent repeatedly.
pub(super) struct Sending {
    client: ClientWithMiddleware,
    message: Message,
    url: Url,
    headers: HeaderMap,
    account: Option<Account>,
    /// Whether the configuration or the caller puts a credential on it.
    pub(super) carries_credential: bool,
}

impl Sending {
    pub(super) fn new(
        client: ClientWithMiddleware,
        url: Url,
        message: Message,
        command: &RequestArgs,
        constant: &ConstantHeaders,
    ) -> Result<Self, Diagnostic> {
        let mut headers = headers(command)?;
        message.add_content_type(&mut headers);
        // Any other field from the command line may be a credential.
        let plain = [ACCEPT, CONTENT_TYPE, USER_AGENT];
        let carries_credential = headers.keys().any(|name| !plain.contains(name));
        constant.add_to(&mut headers);
        // The client sends no length for an empty body, which some servers require (411).
        if message.body.as_ref().is_some_and(Vec::is_empty) {
            let none = HeaderValue::from_static("0");
            headers.entry(CONTENT_LENGTH).or_insert(none);
        }
        Ok(Self {
            client,
            url,
            message,
            headers,
            carries_credential,
            account: command.account.as_deref().map(Account::new),
        })
    }

    /// Obtains the credential before the first request, to fail early. Returns whether a vendor has
    /// the URL.
    pub(super) async fn prepare(&self, keyring: &Keyring) -> Result<bool, Diagnostic> {
        let account = self.account.as_ref().map(Account::name);
        let mut head = self.message.head(&self.url, account)?;
        head.headers.clone_from(&self.headers);
        self.message.credential(keyring, &head).await?;
        let request = RequestHead::from_parts(&head);
        Ok(keyring.binding_index(&request).is_some())
    }

    /// The problem of a response, and its remedy.
    pub(super) fn diagnostic(&self, answered: ResponseDiagnosis<'_>) -> Option<Diagnostic> {
        let code = answered.code()?;
        let problem = format!("the response has status {}", answered.status);
        Some(match code {
            DiagnosticCode::RefusedKey if !self.carries_credential => {
                let problem = format!("{problem}, and no credential is bound to its URL");
                Diagnostic::new(DiagnosticCode::NoCredential, problem)
            }
            DiagnosticCode::Redirect => {
                let target = answered.leads_to(&self.url);
                let target = target.unwrap_or_else(|| "an unreadable URL".to_owned());
                Diagnostic::new(
                    code,
                    format!("{problem}, which leads to {target} and was not followed"),
                )
                .with_remedy(
                    "request that URL if you trust it: the credential of this URL goes to no other origin",
                )
            }
            DiagnosticCode::UnexpectedResponse => {
                let remedy = match answered.status {
                    StatusCode::NOT_FOUND | StatusCode::GONE => {
                        "the server has nothing at this URL: correct its path"
                    }
                    StatusCode::METHOD_NOT_ALLOWED => {
                        "the server has another method for this URL: give it with -X"
                    }
                    _ => {
                        "correct the request as the vendor's documentation says (-i and the body say more)"
                    }
                };
                Diagnostic::new(code, problem).with_remedy(remedy)
            }
            _ => answered.diagnostic(code, problem),
        })
    }

    pub(super) fn request(&self) -> RequestBuilder {
        let mut request = self
            .client
            .request(self.message.method.clone(), self.url.clone());
        request = request.headers(self.headers.clone());
        if let Some(body) = &self.message.body {
            request = request.body(body.clone());
        }
        match &self.account {
            Some(account) => request.with_extension(account.clone()),
            None => request,
        }
    }
}

/// The fields from the command line.
fn headers(command: &RequestArgs) -> Result<HeaderMap, Diagnostic> {
    let mut headers = HeaderMap::new();
    for text in &command.headers {
        headers.extend(fields(text)?);
    }
    Ok(headers)
}

/// The fields of `-H 'Name: value'`, or of the lines of `-H @FILE` and, from the input, `-H @-`.
fn fields(text: &str) -> Result<Vec<(HeaderName, HeaderValue)>, Diagnostic> {
    match text.strip_prefix('@') {
        Some(path) => {
            let unread = |error: io::Error| {
                Diagnostic::usage(format!("-H @{path}: {error}"))
                    .with_remedy("correct the path after the @")
            };
            let read = match path {
                "-" => input::all(io::stdin(), input::SMALL),
                path => input::file(path, input::SMALL),
            };
            let text = String::from_utf8(read.map_err(unread)?)
                .map_err(|_| unread(io::ErrorKind::InvalidData.into()))?;
            text.lines()
                .filter(|line| !line.trim().is_empty())
                .map(field)
                .collect()
        }
        None => Ok(vec![field(text)?]),
    }
}

fn field(text: &str) -> Result<(HeaderName, HeaderValue), Diagnostic> {
    let wrong = || {
        Diagnostic::usage(
            "the value of -H is not a header field (it is not shown: it may be a key)",
        )
        .with_remedy(
            "write it as in -H 'Accept: text/csv'; one with a secret goes into a file: -H @FILE",
        )
    };
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let name = name.trim().parse().map_err(|_| wrong())?;
    let mut value: HeaderValue = value.trim().parse().map_err(|_| wrong())?;
    // The value may be a secret.
    value.set_sensitive(true);
    Ok((name, value))
}
