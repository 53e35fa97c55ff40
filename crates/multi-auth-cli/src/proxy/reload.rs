//! Reads the configuration again. If it is invalid, the old one stays in use.

use multi_auth_config::proxy::ProxySettings;
use multi_auth_proxy::Proxy;

use crate::args::General;
use crate::diagnostic::Diagnostic;
use crate::{client, output};

pub(super) async fn reload(general: &General, proxy: &Proxy, first: &ProxySettings) {
    match read(general, proxy, first).await {
        Ok(()) => output::note("the configuration was read again"),
        Err(diagnostic) => {
            output::diagnostic(general.json, &diagnostic);
            output::note(&output::warning("the old configuration stays in use"));
        }
    }
}

async fn read(general: &General, proxy: &Proxy, first: &ProxySettings) -> Result<(), Diagnostic> {
    let config = client::config(general)?;
    let settings = super::settings(general, &config)?;
    proxy.reload(&config, &settings).await?;
    if settings.listen() != first.listen() || settings.admin() != first.admin() {
        output::note(&output::warning(
            "the addresses of the proxy change when it is started again",
        ));
    }
    Ok(())
}
