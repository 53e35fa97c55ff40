//! `multi-auth demo`: all four documented credentials of two vendors, through both adapters.
//!
//! It starts a simulator of each vendor on loopback, sends requests with every credential, lets a
//! token expire half-way under load, and checks the results. With `ALPHAMOON_API_KEY`, `IMMUTA_URL`
//! and `IMMUTA_API_KEY` in the environment, it sends two requests for each credential to the real
//! vendors instead. `ALPHAMOON_URL` replaces Alphamoon's public address.

mod client;
mod credentials;
mod load;
mod report;
mod stage;

use std::error::Error;

use serde_json::{Value, json};

use self::client::Adapter;
use self::credentials::DemoCredential;
use self::report::Line;
use self::stage::{Simulators, Stage};
use crate::args::General;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::exit::Exit;
use crate::{Outcome, output};

/// An error that ends the program, with a message for its user.
type Failure = Box<dyn Error + Send + Sync>;

pub(crate) async fn run(general: &General) -> Outcome {
    match show(general).await {
        Ok(()) => Ok(Exit::Fine),
        Err(failure) => {
            let problem = format!("a check failed: {}", with_causes(&*failure));
            Err(Diagnostic::new(DiagnosticCode::UnexpectedResponse, problem))
        }
    }
}

async fn show(general: &General) -> Result<(), Failure> {
    let say = |text: String| {
        if !general.json {
            output::line(&text);
        }
    };
    let stage = Stage::from_env().await?;
    say(stage.to_string());
    let requests = one_by_one(&stage, say).await?;
    let mut load = Vec::new();
    if let Some(simulators) = stage.simulators() {
        load = under_load(&stage, simulators, say).await?;
    } else {
        say(REAL.to_owned());
    }
    if general.json {
        output::json(&json!({ "requests": requests, "load": load }));
    }
    Ok(())
}

const REAL: &str = "
Both vendors accepted all four requests of each adapter.
Not checked here: the header as it arrived, how many token requests were made,
and a token that expires under load. Simulators show those.";

/// Sends one request with each credential through each adapter.
async fn one_by_one(stage: &Stage, say: impl Fn(String)) -> Result<Vec<Value>, Failure> {
    let (mut clients, mut lines) = (Vec::new(), Vec::new());
    for adapter in Adapter::ALL {
        clients.push((adapter, adapter.client(stage)?));
    }
    for credential in DemoCredential::ALL {
        say(format!("\n{}", credential.name()));
        for (adapter, client) in &clients {
            let named = |failure: Failure| {
                let causes = with_causes(&*failure);
                format!("{}, through {adapter}: {causes}", credential.name())
            };
            let line = Line::send(*adapter, client, credential, stage).await;
            let line = line.map_err(named)?;
            say(line.to_string());
            line.check().map_err(named)?;
            lines.push(line.json());
        }
    }
    Ok(lines)
}

async fn under_load(
    stage: &Stage,
    simulators: &Simulators,
    say: impl Fn(String),
) -> Result<Vec<Value>, Failure> {
    let (all, tasks) = (load::REQUESTS, load::TASKS);
    say(format!(
        "\nImmuta, {all} requests by {tasks} tasks, and the token expires half-way"
    ));
    let mut tallies = Vec::new();
    for adapter in Adapter::ALL {
        let named = |failure: Failure| {
            let causes = with_causes(&*failure);
            format!("under load, through {adapter}: {causes}")
        };
        let tally = load::run(stage, simulators, adapter).await.map_err(named)?;
        say(format!("  {adapter:8} {tally}"));
        tally.check().map_err(named)?;
        tallies.push(tally.json(adapter));
    }
    say("
All checks passed."
        .to_owned());
    Ok(tallies)
}

/// The failure and its causes: reqwest's own text is only "error sending request".
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
