//! Sends requests to simulators of two vendors, and prints the metrics as Prometheus scrapes them.
//!
//! ```sh
//! cargo run --example prometheus
//! ```
//!
//! `docs/operations.md` says what each line means, and `docs/grafana-dashboard.json` shows them.

#![allow(clippy::print_stdout, reason = "it is a program that reports")]

use std::error::Error;

use http::StatusCode;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use multi_auth::{Alphamoon, Immuta, Keyring};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_testing::{AlphamoonSimulator, Fault, ImmutaSimulator};

/// In seconds. Without buckets the exporter gives summaries, which cannot be added up over
/// instances.
const BUCKETS: [f64; 9] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Before any keyring is built: each holds handles of the recorder that is installed then.
    let refresh_seconds = Matcher::Full("multi_auth_token_refresh_seconds".to_owned());
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(refresh_seconds, &BUCKETS)?
        .install_recorder()?;

    let (moon, data) = (
        AlphamoonSimulator::start().await?,
        ImmutaSimulator::start().await?,
    );
    let alphamoon = Alphamoon::new(moon.url())?;
    let immuta = Immuta::new(data.url())?;
    let bearer = immuta.bearer_builder(data.api_key(), ReqwestTransport::new()?)?;
    let keyring = Keyring::builder()
        .bind(
            alphamoon.protection_space().with_label("alphamoon"),
            alphamoon.organization_key(moon.organization_key())?,
        )?
        .bind(
            immuta.protection_space().with_label("warehouse"),
            bearer.label("warehouse").build(),
        )?
        .build();
    let client = guarded_client(keyring).build()?;

    let processes = format!("{}/api/v0.3/processes", moon.url());
    let audit = format!("{}/audit", data.url());
    for url in [&processes, &processes, &audit, &audit] {
        client.get(url).send().await?;
    }
    // An expired token, a refused key, a failed token request, and an origin that is not bound.
    data.expire_tokens();
    client.get(&audit).send().await?;
    let refused = Fault::status(StatusCode::UNAUTHORIZED).times(1);
    moon.inject(refused.on("/api"));
    client.get(&processes).send().await?;
    data.expire_tokens();
    data.inject(Fault::html().times(1).on("/bim/apikey"));
    if let Err(error) = client.get(&audit).send().await {
        println!("# as it should be: {error}");
    }
    let nobodys = ImmutaSimulator::start().await?;
    client.get(nobodys.url()).send().await?;

    // A service does this every few seconds, in a background task.
    recorder.run_upkeep();
    println!("{}", recorder.render());
    Ok(())
}
