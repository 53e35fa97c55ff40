//! `multi-auth request`: a request with the credential that is bound to its URL.

mod load;
mod sending;
mod shown;
mod tally;

use multi_auth::{Account, Clock, SystemClock};
use multi_auth_config::Vendor;
use multi_auth_reqwest::guarded_client;

use self::sending::Sending;
use crate::args::{General, RequestArgs};
use crate::client::{Routes, Timed};
use crate::diagnostic::{DiagnosticCode, ResponseDiagnosis};
use crate::exit::Exit;
use crate::message::Message;
use crate::{Outcome, client, output};

pub(crate) async fn run(general: &General, command: &RequestArgs) -> Outcome {
    let url = client::url(&command.url)?;
    let config = client::config_for(general, &url)?;
    let account = command.account.as_deref().map(Account::new);
    let vendor = config.vendor_for(url.as_str(), account.as_ref());
    let constant = vendor.map(Vendor::headers).cloned().unwrap_or_default();
    let live = config.live_keyring(Timed::new(general)?).await?;
    live.warn_of_expiry(SystemClock.wall()).await;
    let host = url.host_str().unwrap_or_default().to_owned();
    // Redirects to another origin are shown, not followed: the body may be as secret as a key.
    let build = |settings| {
        let client = guarded_client(live.keyring().clone()).with_client(settings);
        client.stop_at_other_origins().build()
    };
    let clients = Routes::new(general, build)?;
    let message = Message::new(&command.message)?;
    let mut sending = Sending::new(clients.to(&host).clone(), url, message, command, &constant)?;
    if sending.prepare(live.keyring()).await? {
        sending.carries_credential = true;
    } else {
        output::note(&output::warning(
            "no vendor of the configuration has this URL: the request has no credential; compare it with `url` in the configuration",
        ));
    }
    match command.times {
        Some(times) => load::run(general, live, sending, times.into(), command.parallel).await,
        None => shown::run(general, command, &sending).await,
    }
}

/// The exit code for a response.
fn exit(answered: ResponseDiagnosis<'_>) -> Exit {
    answered.code().map_or(Exit::Fine, DiagnosticCode::exit)
}
