//! `multi-auth request`: a request with the credential that is bound to its URL.

mod load;

use std::io::Write;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use multi_auth::{Account, Clock, SystemClock};
use multi_auth_reqwest::guarded_client;
use reqwest::Url;
use reqwest_middleware::{ClientWithMiddleware, RequestBuilder};
use serde_json::json;

use crate::args::{General, Request};
use crate::exit::Exit;
use crate::rule::Fault;
use crate::{Outcome, client, tell};

pub(crate) async fn run(general: &General, command: &Request) -> Outcome {
    let url = parse(&command.url)?;
    let (config, is_bound) = client::config_for(general, &url)?;
    if !is_bound {
        tell::note(&tell::warning(
            "no vendor of the configuration has this URL: nothing is put on the request",
        ));
    }
    let live = config.live(client::transport(general)?).await?;
    live.warn_of_expiry(SystemClock.wall()).await;
    let client = guarded_client(live.keyring().clone()).with_client(client::settings(general)?);
    let sending = Sending::new(client.build()?, url, command)?;
    match command.times {
        Some(times) => load::run(general, live, &sending, times).await,
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
            headers: command
                .headers
                .iter()
                .map(|text| field(text))
                .collect::<Result<_, _>>()?,
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

async fn once(general: &General, command: &Request, sending: &Sending) -> Outcome {
    let answer = sending.request().send().await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await?;
    if general.json {
        tell::json(&json!({
            "status": status.as_u16(),
            "headers": listed(&headers),
            "body": String::from_utf8_lossy(&body),
        }));
    } else {
        if command.include {
            print_head(status, &headers);
        }
        // Whoever does not read it to its end has had enough.
        let _ = std::io::stdout().write_all(&body);
    }
    Ok(exit(status))
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
    let wrong =
        || Fault::usage("this is no absolute URL: write it as in https://api.example.com/path");
    let url = Url::parse(url).map_err(|_| wrong())?;
    url.has_host().then_some(url).ok_or_else(wrong)
}

fn field(text: &str) -> Result<(HeaderName, HeaderValue), Fault> {
    let wrong = || Fault::usage("-H takes a header field, as in -H 'Accept: text/csv'");
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let name = name.trim().parse().map_err(|_| wrong())?;
    let mut value: HeaderValue = value.trim().parse().map_err(|_| wrong())?;
    // It may be a secret of the caller's own.
    value.set_sensitive(true);
    Ok((name, value))
}

fn data(text: &str) -> Result<Vec<u8>, Fault> {
    match text.strip_prefix('@') {
        Some(path) => {
            let read = std::fs::read(path);
            read.map_err(|error| Fault::usage(format!("-d @{path}: {error}")))
        }
        None => Ok(text.as_bytes().to_vec()),
    }
}
