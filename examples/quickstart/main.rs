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
//! Given keys, it talks to the real vendors instead:
//!
//! ```sh
//! ALPHAMOON_API_KEY=user:pass \
//! IMMUTA_URL=https://your-immuta-url.immuta.com IMMUTA_API_KEY=... \
//! cargo run --example quickstart
//! ```

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

use std::process::ExitCode;

use client::Adapter;
use credentials::Credential;
use report::Line;
use stage::Stage;

/// Whatever ends the program early, with a message for the person who runs it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nNot as it should be: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let stage = Stage::from_env().await?;
    println!("{stage}\n");
    for adapter in Adapter::ALL {
        one_by_one(&stage, adapter).await?;
    }
    if stage.simulators().is_none() {
        println!("\nAll four credentials were accepted through both adapters.");
        println!("Not checked: the header as it arrived, and a token that expires under load.");
        return Ok(());
    }
    println!(
        "\nImmuta's token expires half-way through {} requests:",
        load::REQUESTS
    );
    for adapter in Adapter::ALL {
        let load = tokio::time::timeout(load::LIMIT, load::run(&stage, adapter));
        println!("{}", load.await??);
    }
    println!("\nAll is as it should be.");
    Ok(())
}

/// Sends one request with each credential.
async fn one_by_one(stage: &Stage, adapter: Adapter) -> Result<(), Failure> {
    let client = adapter.client(stage)?;
    for credential in Credential::ALL {
        let url = credential.url(stage);
        let answer = client.get(&url, &credential.account()).await?;
        let line = Line::new(adapter, credential, url, answer.status, stage);
        println!("{line}");
        line.check()?;
    }
    Ok(())
}
