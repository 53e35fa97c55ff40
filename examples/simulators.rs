//! Serves both vendors' simulators on loopback, and prints the vendors' own `curl` lines for them.
//!
//! ```text
//! cargo run -p multi-auth-examples --example simulators            # ports 8081 and 8082
//! cargo run -p multi-auth-examples --example simulators -- 9001 9002
//! ```
//!
//! A port that is taken gives way to any free one. Ctrl-C stops.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use multi_auth_testing::{AlphamoonSimulator, ImmutaSimulator, SimulatorError};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut ports = std::env::args().skip(1).map(|port| port.parse::<u16>());
    let alphamoon = serve_alphamoon(ports.next().transpose()?.unwrap_or(8081)).await?;
    let immuta = serve_immuta(ports.next().transpose()?.unwrap_or(8082)).await?;
    print_alphamoon(&alphamoon);
    print_immuta(&immuta);
    println!("# Ctrl-C stops both.");
    tokio::signal::ctrl_c().await?;
    Ok(())
}

async fn serve_alphamoon(port: u16) -> Result<AlphamoonSimulator, SimulatorError> {
    let on = |port| AlphamoonSimulator::builder().bind(loopback(port)).start();
    match on(port).await {
        Err(SimulatorError::Bind { .. }) => on(0).await,
        other => other,
    }
}

async fn serve_immuta(port: u16) -> Result<ImmutaSimulator, SimulatorError> {
    let builder = ImmutaSimulator::builder().documented_sample_token();
    let on = |port| builder.clone().bind(loopback(port)).start();
    match on(port).await {
        Err(SimulatorError::Bind { .. }) => on(0).await,
        other => other,
    }
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// The second line carries base64 of the key in the first one.
fn print_alphamoon(alphamoon: &AlphamoonSimulator) {
    let (url, key) = (alphamoon.url(), alphamoon.organization_key());
    println!(
        r#"# Alphamoon Workspace: Basic auth, then the header itself
curl -u "{key}" {url}/api/v0.3/processes

curl -H "Authorization: Basic aDEyc2hhZGphZGE6MTNlaGpoajFiM2o=" {url}/api/v0.3/processes
"#
    );
}

fn print_immuta(immuta: &ImmutaSimulator) {
    let (url, key) = (immuta.url(), immuta.api_key());
    println!(
        r#"# Immuta: the API key, the token request, the token of the vendor's page
curl \
    --request GET \
    --header "Content-Type: application/json" \
    --header "Authorization: {key}" \
    {url}/audit

curl \
    --request POST \
    --header "Content-Type: application/json" \
    --data '{{"apikey": "{key}"}}' \
    {url}/bim/apikey/authenticate

curl \
    --request GET \
    --header "Content-Type: application/json" \
    --header "Authorization: Bearer dea464c07bd07300095caa8" \
    {url}/audit
"#
    );
}
