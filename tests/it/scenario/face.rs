//! The ways in which a scenario's callers reach the vendor: the core alone, and each adapter.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use multi_auth::adapter::{self, HttpClient, Outgoing};
use multi_auth::{AuthError, Keyring, Outcome, RequestHead, ResponseHead};
use multi_auth_reqwest::AuthMiddleware;
use multi_auth_tower::{AuthLayer, ReplayClone};
use reqwest::ResponseBuilderExt;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware};
use tower::{BoxError, ServiceBuilder, ServiceExt};

use super::vendor::Vendor;

/// Tells the vendor how many milliseconds its answer takes.
const LATENCY: &str = "x-latency";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Face {
    Core,
    Reqwest,
    Tower,
}

/// What a caller got.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// The token with which the answer was had.
    pub(crate) token: Option<String>,
    pub(crate) outcome: Option<Outcome>,
}

/// Callers of one vendor with one keyring.
#[derive(Clone)]
pub(crate) struct Callers {
    face: Face,
    keyring: Keyring,
    vendor: Arc<Vendor>,
    reqwest: Option<ClientWithMiddleware>,
}

type Head = http::request::Parts;

impl Callers {
    pub(crate) fn new(face: Face, keyring: &Keyring, vendor: &Arc<Vendor>) -> Self {
        let reqwest = matches!(face, Face::Reqwest).then(|| {
            ClientBuilder::new(reqwest::Client::new())
                .with(AuthMiddleware::new(keyring.clone()))
                .with(InMemory(Arc::clone(vendor)))
                .build()
        });
        Self {
            face,
            keyring: keyring.clone(),
            vendor: Arc::clone(vendor),
            reqwest,
        }
    }

    /// One request, whose answer takes so many milliseconds.
    pub(crate) async fn call(&self, latency: u64) -> Result<Reply, AuthError> {
        let request = Request::get("https://a.example/").header(LATENCY, latency);
        let request = request.body(Full::<Bytes>::default()).unwrap();
        match (self.face, &self.reqwest) {
            (Face::Core, _) => self.by_core(request.into_parts().0).await,
            (Face::Tower, _) => self.by_tower(request).await.map_err(|error| found(&*error)),
            (Face::Reqwest, client) => {
                let client = client.as_ref().unwrap();
                let sent = client
                    .get("https://a.example/")
                    .header(LATENCY, latency)
                    .send()
                    .await;
                let response = sent.map_err(|error| found(&error))?;
                Ok(Reply::new(Response::<reqwest::Body>::from(response)))
            }
        }
    }

    async fn by_core(&self, head: Head) -> Result<Reply, AuthError> {
        let mut client = InProcess(Arc::clone(&self.vendor));
        let response = adapter::send(&self.keyring, &mut client, head).await?;
        Ok(Reply::new(response))
    }

    async fn by_tower(&self, request: Request<Full<Bytes>>) -> Result<Reply, BoxError> {
        let vendor = Arc::clone(&self.vendor);
        let service = ServiceBuilder::new()
            .layer(AuthLayer::new(self.keyring.clone()).with_replay(ReplayClone))
            .service_fn(move |request: Request<Full<Bytes>>| {
                let vendor = Arc::clone(&vendor);
                async move { Ok::<_, std::io::Error>(answer(&vendor, request.into_parts().0).await) }
            });
        service.oneshot(request).await.map(Reply::new)
    }
}

/// The smallest client of the driver.
struct InProcess(Arc<Vendor>);

impl HttpClient for InProcess {
    type Request = Head;
    type Copy = Head;
    type Response = Response<Bytes>;
    type Error = AuthError;

    fn head<'a>(&'a self, request: &'a Head) -> RequestHead<'a> {
        RequestHead::from_parts(request)
    }

    fn outgoing<'a>(&self, request: &'a mut Head) -> impl Outgoing + 'a {
        request
    }

    fn copy(&self, request: &Head) -> Option<Head> {
        Some(request.clone())
    }

    fn restore(&self, copy: Head) -> Result<Head, AuthError> {
        Ok(copy)
    }

    async fn send(&mut self, request: Head) -> Result<Response<Bytes>, AuthError> {
        Ok(answer(&self.0, request).await)
    }

    fn response<'a>(&self, response: &'a Response<Bytes>) -> ResponseHead<'a> {
        ResponseHead::new(response.status(), response.headers())
    }

    fn failed(error: AuthError) -> AuthError {
        error
    }

    fn headers_mut<'a>(&self, response: &'a mut Response<Bytes>) -> &'a mut HeaderMap {
        response.headers_mut()
    }

    fn extensions<'a>(&self, response: &'a mut Response<Bytes>) -> &'a mut http::Extensions {
        response.extensions_mut()
    }
}

/// The vendor's answer, decided when the request arrives and delivered when its time has come.
async fn answer(vendor: &Vendor, head: Head) -> Response<Bytes> {
    let field = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap());
    let authorization = field("authorization");
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = vendor.answer(authorization);
    if let Some(token) = authorization {
        response
            .headers_mut()
            .insert("x-token", token.parse().unwrap());
    }
    let latency = field(LATENCY).unwrap().parse().unwrap();
    tokio::time::sleep(Duration::from_millis(latency)).await;
    response
}

/// Answers in the place of the network.
struct InMemory(Arc<Vendor>);

#[async_trait]
impl Middleware for InMemory {
    async fn handle(
        &self,
        request: reqwest::Request,
        _: &mut http::Extensions,
        _: reqwest_middleware::Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let url = request.url().clone();
        let head = Request::<reqwest::Body>::try_from(request)?.into_parts().0;
        let mut response = answer(&self.0, head).await;
        // reqwest keeps the URL that answered among the extensions.
        let named = Response::builder().url(url);
        response
            .extensions_mut()
            .extend(named.extensions_ref().unwrap().clone());
        Ok(response.into())
    }
}

impl Reply {
    #[expect(clippy::needless_pass_by_value, reason = "an answer ends here")]
    fn new<B>(response: Response<B>) -> Self {
        let token = response.headers().get("x-token");
        Self {
            status: response.status(),
            token: token.map(|token| token.to_str().unwrap().to_owned()),
            outcome: response.extensions().get().copied(),
        }
    }
}

fn found(error: &(dyn std::error::Error + 'static)) -> AuthError {
    AuthError::find(error)
        .expect("the failure holds an AuthError")
        .clone()
}
