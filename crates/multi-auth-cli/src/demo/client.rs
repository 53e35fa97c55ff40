//! A client of each adapter, behind one interface.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use multi_auth::{Account, NotReplayed, Outcome};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_tower::{AuthLayer, AuthService, TowerTransport};
use reqwest_middleware::ClientWithMiddleware;
use tower::{Layer, ServiceExt};

use super::stage::Stage;
use super::{Failure, credentials};

/// The time limit of one request, including the token request that it waits for.
const LIMIT: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Adapter {
    Reqwest,
    Tower,
}

type Hyper = HyperClient<HttpsConnector<HttpConnector>, Full<Bytes>>;

#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "there are a few dozen of them")]
pub(crate) enum Client {
    Reqwest(ClientWithMiddleware),
    Tower(AuthService<Hyper>),
}

/// The parts of a response that the report shows.
pub(crate) struct DemoResponse {
    pub(crate) status: StatusCode,
    /// How many times the request was replayed with a new token.
    pub(crate) replays: usize,
    /// Why a refused request was not replayed, if it was not.
    pub(crate) not_replayed: Option<NotReplayed>,
}

impl Adapter {
    pub(crate) const ALL: [Self; 2] = [Self::Reqwest, Self::Tower];

    /// A client with its own keyring and tokens.
    pub(crate) fn client(self, stage: &Stage) -> Result<Client, Failure> {
        match self {
            Self::Reqwest => {
                let transport = ReqwestTransport::with_client(settings(stage))?;
                let keyring = credentials::keyring(stage, transport)?;
                let client = guarded_client(keyring).with_client(settings(stage));
                Ok(Client::Reqwest(client.build()?))
            }
            Self::Tower => {
                let hyper = hyper()?;
                let transport = TowerTransport::<_, Full<Bytes>>::new(hyper.clone());
                let keyring = credentials::keyring(stage, transport)?;
                Ok(Client::Tower(AuthLayer::new(keyring).layer(hyper)))
            }
        }
    }
}

/// The settings of reqwest. Requests to simulators use no proxy.
fn settings(stage: &Stage) -> reqwest::ClientBuilder {
    let settings = reqwest::Client::builder();
    match stage.simulators() {
        Some(_) => settings.no_proxy(),
        None => settings,
    }
}

fn hyper() -> Result<Hyper, Failure> {
    let connector = HttpsConnectorBuilder::new().try_with_platform_verifier()?;
    let connector = connector.https_or_http().enable_http1().build();
    Ok(HyperClient::builder(TokioExecutor::new()).build(connector))
}

impl Client {
    pub(crate) async fn get(&self, url: &str, account: &Account) -> Result<DemoResponse, Failure> {
        let response = tokio::time::timeout(LIMIT, self.send(url, account)).await;
        response.map_err(|_| format!("{url} gave no response in {} s", LIMIT.as_secs()))?
    }

    async fn send(&self, url: &str, account: &Account) -> Result<DemoResponse, Failure> {
        match self {
            Self::Reqwest(client) => {
                let request = client.get(url).with_extension(account.clone());
                let response = request.send().await?;
                let seen = DemoResponse::new(response.status(), response.extensions());
                response.bytes().await?;
                Ok(seen)
            }
            Self::Tower(service) => {
                let request = Request::get(url).extension(account.clone());
                let request = request.body(Full::default())?;
                let response = service.clone().oneshot(request).await?;
                let seen = DemoResponse::new(response.status(), response.extensions());
                response.into_body().collect().await?;
                Ok(seen)
            }
        }
    }
}

impl DemoResponse {
    fn new(status: StatusCode, extensions: &Extensions) -> Self {
        let outcome = extensions.get::<Outcome>();
        Self {
            status,
            replays: outcome.map_or(0, |outcome| usize::from(outcome.attempts()) - 1),
            not_replayed: outcome.and_then(Outcome::not_replayed),
        }
    }

    /// Fails, with the reason if there is one, unless the vendor accepted the request.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self.not_replayed {
            _ if self.status.is_success() => Ok(()),
            Some(reason) => Err(format!("{}: {reason}", self.status).into()),
            None => Err(self.status.to_string().into()),
        }
    }
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Reqwest => "reqwest",
            Self::Tower => "tower",
        })
    }
}
