//! A client of each adapter, behind one face.

use std::fmt;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use multi_auth::{Account, Outcome};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_tower::{AuthLayer, AuthService, TowerTransport};
use reqwest_middleware::ClientWithMiddleware;
use tower::{Layer, ServiceExt};

use crate::stage::Stage;
use crate::{Failure, credentials};

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

/// What came back, as far as the report wants it.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Whether the request was sent once more with a new token.
    pub(crate) replayed: bool,
}

impl Adapter {
    pub(crate) const ALL: [Self; 2] = [Self::Reqwest, Self::Tower];

    /// A client with a keyring, and so with tokens, of its own.
    pub(crate) fn client(self, stage: &Stage) -> Result<Client, Failure> {
        match self {
            Self::Reqwest => {
                let keyring = credentials::keyring(stage, ReqwestTransport::new()?)?;
                Ok(Client::Reqwest(guarded_client(keyring).build()?))
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

fn hyper() -> Result<Hyper, Failure> {
    let connector = HttpsConnectorBuilder::new().try_with_platform_verifier()?;
    let connector = connector.https_or_http().enable_http1().build();
    Ok(HyperClient::builder(TokioExecutor::new()).build(connector))
}

impl Client {
    pub(crate) async fn get(&self, url: &str, account: &Account) -> Result<Answer, Failure> {
        match self {
            Self::Reqwest(client) => {
                let response = client
                    .get(url)
                    .with_extension(account.clone())
                    .send()
                    .await?;
                let answer = Answer::new(response.status(), response.extensions());
                response.bytes().await?;
                Ok(answer)
            }
            Self::Tower(service) => {
                let mut request = Request::get(url).body(Full::default())?;
                request.extensions_mut().insert(account.clone());
                let response = service.clone().oneshot(request).await?;
                let answer = Answer::new(response.status(), response.extensions());
                response.into_body().collect().await?;
                Ok(answer)
            }
        }
    }
}

impl Answer {
    fn new(status: StatusCode, extensions: &http::Extensions) -> Self {
        let attempts = extensions.get().map_or(1, Outcome::attempts);
        Self {
            status,
            replayed: attempts > 1,
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
