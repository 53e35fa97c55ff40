//! All four documented credentials of two vendors, through both adapters, in one report.
//!
//! ```sh
//! cargo run --example quickstart
//! ```
//!
//! starts a simulator of each vendor on loopback, sends requests with every credential, lets a token
//! expire half-way under load, and checks what came of it. It exits with 1 if anything is not as it
//! should be.
//!
//! Given keys, it talks to the real vendors instead, with two requests for each credential:
//!
//! ```sh
//! ALPHAMOON_API_KEY=user:pass \
//! IMMUTA_URL=https://your-immuta-url.immuta.com IMMUTA_API_KEY=... \
//! cargo run --example quickstart
//! ```
//!
//! `ALPHAMOON_URL` names another address of Alphamoon's than its public one.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program that reports"
)]

mod client;
mod credentials;
mod load;
mod report;
mod stage;

use std::error::Error;
use std::process::ExitCode;

use client::Adapter;
use credentials::Credential;
use report::Line;
use stage::{Simulators, Stage};

/// Whatever ends the program early, with a message for the person who runs it.
type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nNot as it should be: {}", with_causes(&*failure));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let stage = Stage::from_env().await?;
    println!("{stage}");
    one_by_one(&stage).await?;
    let Some(simulators) = stage.simulators() else {
        println!("\nBoth vendors accepted all four requests of each adapter.");
        println!("Not checked here: the header as it arrived, how many exchanges were made,");
        println!("and a token that expires under load. Simulators show those.");
        return Ok(());
    };
    under_load(&stage, simulators).await
}

/// Sends one request with each credential through each adapter.
async fn one_by_one(stage: &Stage) -> Result<(), Failure> {
    let mut clients = Vec::new();
    for adapter in Adapter::ALL {
        clients.push((adapter, adapter.client(stage)?));
    }
    for credential in Credential::ALL {
        println!("\n{}", credential.name());
        for (adapter, client) in &clients {
            let named = |failure: Failure| {
                let causes = with_causes(&*failure);
                format!("{}, through {adapter}: {causes}", credential.name())
            };
            let line = Line::send(*adapter, client, credential, stage).await;
            let line = line.map_err(named)?;
            println!("{line}");
            line.check().map_err(named)?;
        }
    }
    Ok(())
}

async fn under_load(stage: &Stage, simulators: &Simulators) -> Result<(), Failure> {
    let (all, tasks) = (load::REQUESTS, load::TASKS);
    println!("\nImmuta, {all} requests by {tasks} tasks, and the token expires half-way");
    for adapter in Adapter::ALL {
        let named = |failure: Failure| {
            let causes = with_causes(&*failure);
            format!("under load, through {adapter}: {causes}")
        };
        let tally = load::run(stage, simulators, adapter).await.map_err(named)?;
        println!("  {adapter:8} {tally}");
        tally.check().map_err(named)?;
    }
    println!("\nAll is as it should be.");
    Ok(())
}

/// The failure and what caused it: a client's error alone says "error sending request".
fn with_causes(failure: &(dyn Error + 'static)) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Some errors repeat their cause in their own message.
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}
