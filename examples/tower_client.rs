//! A tower stack over hyper: redirects outside the authentication, a body that can be sent again,
//! and reqwest's client in hyper's place.
//!
//! ```sh
//! cargo run --example tower_client
//! ```

#![allow(clippy::print_stdout, reason = "it is a program that reports")]

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use multi_auth::{Immuta, Keyring, Outcome};
use multi_auth_testing::{Fault, ImmutaSimulator, RecordedRequest};
use multi_auth_tower::{AuthLayer, BoxError, RedirectGuard, ReplayClone, TowerTransport};
use tower::{ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let simulator = ImmutaSimulator::start().await?;
    let hyper = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();

    // Token requests use a separate client, never the layer that waits for them.
    let transport = TowerTransport::<_, Full<Bytes>>::new(hyper.clone());
    let immuta = Immuta::new(simulator.url())?;
    let keyring = Keyring::builder()
        .bind(
            immuta.protection_space(),
            immuta.bearer(simulator.api_key(), transport)?,
        )?
        .build();

    let over_hyper = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(RedirectGuard::new(
            keyring.clone(),
        )))
        .layer(AuthLayer::new(keyring.clone()).with_replay(ReplayClone))
        .service(hyper);
    let audit = format!("{}/audit", simulator.url());
    simulator.inject(
        Fault::redirect(StatusCode::FOUND, "/audit")?
            .times(1)
            .on("/old"),
    );
    let old = format!("{}/old", simulator.url());
    for (what, url) in [("a request", &audit), ("a redirect", &old)] {
        let request = Request::get(url).body(Full::default())?;
        let response = over_hyper.clone().oneshot(request).await?;
        println!("hyper, {what}: {}", response.status());
    }

    // The server refuses the token; the layer obtains a new one and replays the body.
    let reports = format!("{}/reports", simulator.url());
    let refused = Fault::status(StatusCode::UNAUTHORIZED).times(1);
    simulator.inject(refused.on("/reports"));
    simulator.inject(Fault::status(StatusCode::CREATED).on("/reports"));
    let request = Request::post(&reports).body(Full::from("a report"))?;
    let response = over_hyper.clone().oneshot(request).await?;
    let sent = simulator.requests_to("/reports");
    let bodies: Vec<_> = sent.iter().map(RecordedRequest::text).collect();
    println!("hyper, a body: {} after {bodies:?}", response.status());

    // reqwest's client, with two conversions; redirects would be followed below the layer.
    let none = reqwest::redirect::Policy::none();
    let direct = reqwest::Client::builder().no_proxy(); // to loopback
    let client = direct.redirect(none).build()?;
    let over_reqwest = ServiceBuilder::new()
        .layer(AuthLayer::new(keyring).with_replay(copy))
        .service_fn(move |request: Request<reqwest::Body>| {
            let client = client.clone();
            async move {
                let response = client.execute(request.try_into()?).await?;
                Ok::<_, reqwest::Error>(Response::<reqwest::Body>::from(response))
            }
        });
    simulator.expire_tokens();
    let request = Request::get(&audit).body(reqwest::Body::default())?;
    let response = over_reqwest.oneshot(request).await?;
    let attempts = response.extensions().get().map_or(1, Outcome::attempts);
    println!(
        "reqwest, the token expired: {} after {attempts} attempts",
        response.status()
    );
    Ok(())
}

/// A copy of the body, if it is in memory.
fn copy(body: &reqwest::Body) -> Option<reqwest::Body> {
    Some(body.as_bytes()?.to_vec().into())
}
