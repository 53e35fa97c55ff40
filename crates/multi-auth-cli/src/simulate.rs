//! `multi-auth simulate`: serves both vendors on loopback, until Ctrl-C or until a command ends.

use std::net::{Ipv4Addr, SocketAddr};

use multi_auth_testing::{AlphamoonSimulator, ImmutaSimulator};

use crate::args::{General, SimulateArgs};
use crate::exit::Exit;
use crate::{Outcome, child, output};

pub(crate) async fn run(general: &General, command: &SimulateArgs) -> Outcome {
    let alphamoon = AlphamoonSimulator::builder().bind(loopback(command.alphamoon));
    let immuta = ImmutaSimulator::builder().bind(loopback(command.immuta));
    let alphamoon = alphamoon.start().await?;
    let immuta = immuta.start().await?;
    let variables = [
        ("ALPHAMOON_URL", alphamoon.url()),
        ("ALPHAMOON_API_KEY", alphamoon.organization_key()),
        ("IMMUTA_URL", immuta.url()),
        ("IMMUTA_API_KEY", immuta.api_key()),
    ];
    if let Some((program, arguments)) = command.command.split_first() {
        return child::run(program, arguments, variables, |_| false).await;
    }
    tell_of(general, &variables);
    // Without signals, nothing would end the program.
    let _ = tokio::signal::ctrl_c().await;
    Ok(Exit::Fine)
}

fn tell_of(general: &General, variables: &[(&str, &str)]) {
    if general.json {
        let variables: serde_json::Map<_, _> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()))
            .collect();
        return output::json(&variables);
    }
    for (name, value) in variables {
        output::line(&format!("export {name}='{value}'"));
    }
    output::line("# Both serve until Ctrl-C. The keys work only here.");
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
