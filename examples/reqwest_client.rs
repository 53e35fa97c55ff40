//! reqwest with a keyring: accounts, a request that opts out, an error, and what became of a
//! refusal.
//!
//! ```sh
//! cargo run --example reqwest_client
//! ```

#![allow(clippy::print_stdout, reason = "it is a program that reports")]

use multi_auth::{Account, Anonymous, AuthError, Immuta, Keyring, Outcome};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_testing::ImmutaSimulator;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = ImmutaSimulator::start().await?;
    let audit = format!("{}/audit", simulator.url());

    // The simulators are on loopback, so requests to them use no proxy.
    let direct = || reqwest::Client::builder().no_proxy();

    // Two accounts at one vendor: one sends a raw key, one sends the token that its key obtains.
    let immuta = Immuta::new(simulator.url())?;
    let raw = immuta.raw_key(simulator.api_key())?;
    let endpoint = ReqwestTransport::with_client(direct())?;
    let tokens = immuta.bearer(simulator.api_key(), endpoint)?;
    let north = Account::new("north");
    let south = Account::new("south");
    let keyring = Keyring::builder()
        .bind(immuta.protection_space().with_account(north.clone()), raw)?
        .bind(
            immuta.protection_space().with_account(south.clone()),
            tokens,
        )?
        .build();
    let client = guarded_client(keyring).with_client(direct()).build()?;

    let response = client.get(&audit).with_extension(north).send().await?;
    println!("north, by its raw key:       {}", response.status());

    let response = client
        .get(&audit)
        .with_extension(south.clone())
        .send()
        .await?;
    println!("south, by a token:           {}", response.status());

    let response = client.get(&audit).with_extension(Anonymous).send().await?;
    println!("anonymous, by choice:        {}", response.status());

    simulator.expire_tokens();
    let response = client.get(&audit).with_extension(south).send().await?;
    let outcome = response.extensions().get::<Outcome>();
    let attempts = outcome.map_or(1, Outcome::attempts);
    println!(
        "south, the token expired:    {} after {attempts} attempts",
        response.status()
    );

    let failure = client
        .get(&audit)
        .with_extension(Account::new("east"))
        .send()
        .await;
    if let Some(error) = failure
        .as_ref()
        .err()
        .and_then(|error| AuthError::find(error))
    {
        println!("east, which has no binding:  {error}");
    }
    Ok(())
}
