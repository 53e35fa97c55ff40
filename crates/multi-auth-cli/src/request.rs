//! `multi-auth request`: a request with the credential that is bound to its URL.

mod load;

use std::io::{IsTerminal, Read};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use multi_auth::{Account, Clock, SystemClock};
use multi_auth_reqwest::guarded_client;
use reqwest::Url;
use reqwest_middleware::{ClientWithMiddleware, RequestBuilder};
use serde_json::json;

use crate::args::{General, Request};
use crate::client::{Routes, Timed};
use crate::exit::Exit;
use crate::rule::{Fault, of_status};
use crate::{Outcome, client, tell};

pub(crate) async fn run(general: &General, command: &Request) -> Outcome {
    let url = parse(&command.url)?;
    let config = client::config_for(general, &url)?;
    let live = config.live(Timed::new(general)?).await?;
    if !client::is_served(live.keyring(), &url, command.account.as_deref()).await? {
        tell::note(&tell::warning(
            "no vendor of the configuration has this URL: nothing is put on the request",
        ));
    }
    live.warn_of_expiry(SystemClock.wall()).await;
    let host = url.host_str().unwrap_or_default().to_owned();
    // What leads to another origin is shown, and not followed: a body may be as secret as a key.
    let build = |settings| {
        let client = guarded_client(live.keyring().clone()).with_client(settings);
        client.stop_at_other_origins().build()
    };
    let clients = Routes::new(general, build)?;
    let sending = Sending::new(clients.to(&host).clone(), url, command)?;
    match command.times {
        Some(times) => load::run(general, live, &sending, times.into()).await,
        None => once(general, command, &sending).await,
    }
}

/// A request that can be sent again and again.
struct Sending {
    client: ClientWithMiddleware,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    account: Option<Account>,
}

impl Sending {
    fn new(client: ClientWithMiddleware, url: Url, command: &Request) -> Result<Self, Fault> {
        let body = command.data.as_deref().map(data).transpose()?;
        let usual = if body.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        Ok(Self {
            client,
            url,
            method: command.method.clone().unwrap_or(usual),
            headers: headers(command)?,
            body,
            account: command.account.as_deref().map(Account::new),
        })
    }

    fn request(&self) -> RequestBuilder {
        let mut request = self.client.request(self.method.clone(), self.url.clone());
        request = request.headers(self.headers.clone());
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        match &self.account {
            Some(account) => request.with_extension(account.clone()),
            None => request,
        }
    }
}

/// The most that is kept of a body that is to be put into JSON, in bytes (16 MiB).
const MOST: usize = 16 * 1024 * 1024;

async fn once(general: &General, command: &Request, sending: &Sending) -> Outcome {
    let mut answer = sending.request().send().await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    if general.json {
        let body = whole(&mut answer).await?;
        tell::json(&json!({
            "status": status.as_u16(),
            "headers": listed(&headers),
            "body": String::from_utf8_lossy(&body),
        }));
        return Ok(exit(status));
    }
    if command.include {
        print_head(status, &headers);
    }
    let mut ends_line = true;
    while let Some(chunk) = answer.chunk().await? {
        tell::bytes(&chunk);
        ends_line = chunk.ends_with(b"\n");
    }
    if !ends_line && std::io::stdout().is_terminal() {
        tell::line("");
    }
    if exit(status) != Exit::Fine {
        let fault = Fault::new(
            of_status(status),
            format!("the request was answered with {status}"),
        );
        tell::note(&tell::explained(&fault, None));
    }
    Ok(exit(status))
}

/// The caller's own fields, and the type that `curl` gives to data.
fn headers(command: &Request) -> Result<HeaderMap, Fault> {
    const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
    let mut headers = HeaderMap::new();
    for text in &command.headers {
        headers.extend(fields(text)?);
    }
    if command.data.is_some() {
        headers.entry(CONTENT_TYPE).or_insert(FORM);
    }
    Ok(headers)
}

async fn whole(answer: &mut reqwest::Response) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MOST {
            return Err(Fault::usage(
                "the body is longer than 16 MiB: leave --json out",
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn exit(status: StatusCode) -> Exit {
    if status.is_client_error() || status.is_server_error() {
        return Exit::Refused;
    }
    Exit::Fine
}

fn print_head(status: StatusCode, headers: &HeaderMap) {
    tell::line(&status.to_string());
    for (name, value) in listed(headers) {
        tell::line(&format!("{name}: {value}"));
    }
    tell::line("");
}

fn listed(headers: &HeaderMap) -> Vec<(&str, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let fields = headers.iter();
    fields
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect()
}

pub(crate) fn parse(url: &str) -> Result<Url, Fault> {
    // The URL is not repeated: it may hold a password.
    let wrong = || {
        Fault::usage(
            "this is no absolute URL of https or http: write it as in https://api.example.com/path",
        )
    };
    let url = Url::parse(url).map_err(|_| wrong())?;
    let is_http = matches!(url.scheme(), "https" | "http") && url.has_host();
    is_http.then_some(url).ok_or_else(wrong)
}

/// The fields of `-H 'Name: value'`, or of the lines of `-H @FILE`.
fn fields(text: &str) -> Result<Vec<(HeaderName, HeaderValue)>, Fault> {
    match text.strip_prefix('@') {
        Some(path) => {
            let read = std::fs::read_to_string(path);
            let text = read.map_err(|error| Fault::usage(format!("-H @{path}: {error}")))?;
            text.lines()
                .filter(|line| !line.trim().is_empty())
                .map(field)
                .collect()
        }
        None => Ok(vec![field(text)?]),
    }
}

fn field(text: &str) -> Result<(HeaderName, HeaderValue), Fault> {
    let wrong = || Fault::usage("-H takes a header field, as in -H 'Accept: text/csv', or @FILE");
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let name = name.trim().parse().map_err(|_| wrong())?;
    let mut value: HeaderValue = value.trim().parse().map_err(|_| wrong())?;
    // It may be a secret of the caller's own.
    value.set_sensitive(true);
    Ok((name, value))
}

/// The body that `-d` says: itself, `@FILE`, or `@-` for the input.
fn data(text: &str) -> Result<Vec<u8>, Fault> {
    let wrong = |error: std::io::Error| Fault::usage(format!("-d {text}: {error}"));
    match text.strip_prefix('@') {
        Some("-") => {
            let mut body = Vec::new();
            std::io::stdin().read_to_end(&mut body).map_err(wrong)?;
            Ok(body)
        }
        Some(path) => std::fs::read(path).map_err(wrong),
        None => Ok(text.as_bytes().to_vec()),
    }
}
