//! The configuration: what it shows of itself, of its sources and of what is wrong.

use multi_auth_config::{
    CommandSource, Config, EnvSource, FileSource, SecretSource, SourceError, SourceProblem,
};

use super::{Ledger, key};
use crate::adapter::Adapter;

pub(super) async fn look(ledger: &mut Ledger) {
    let text = format!(
        "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = {{ dangerous_inline = '{}' }}",
        key()
    );
    let config = Config::parse(&text, "multi-auth.toml", []).unwrap();
    ledger.see_debug("Config::parse", &config);
    ledger.see_debug("Vendor", &config.vendors());
    let keyring = config.keyring(Adapter::Reqwest.transport()).await.unwrap();
    ledger.see_debug("Config, keyring", &keyring);
    let exchange = format!(
        "[vendors.v]\nurl = 'https://v.example'\nscheme = 'exchange'\nkey = {{ env = 'K' }}\n\
         exchange = {{ url = 'https://v.example/login', key_field = 'k', fields = {{ other = '{}' }} }}",
        key()
    );
    let opened = config.vendors()[0]
        .open(Adapter::Reqwest.transport())
        .await
        .unwrap();
    ledger.see_debug("Opened", &opened);
    let exchange = Config::parse(&exchange, "multi-auth.toml", []).unwrap();
    ledger.see_debug("Config::parse, an exchange", &exchange);
    let live = config.live(Adapter::Reqwest.transport()).await.unwrap();
    ledger.see_debug("Live", &live);
    ledger.see("schema", multi_auth_config::schema());
    look_at_errors(ledger).await;
    look_at_sources(ledger).await;
}

async fn look_at_errors(ledger: &mut Ledger) {
    for (site, text) in [
        (
            "ConfigError, plain key",
            format!("[vendors.v]\nkey = '{}'", key()),
        ),
        (
            "ConfigError, no end",
            format!("[vendors.v]\nkey = '{}", key()),
        ),
        (
            "ConfigError, in a list",
            format!("[vendors.v]\naccount = ['{}']", key()),
        ),
        (
            "ConfigError, as a preset",
            format!("[vendors.v]\npreset = '{}'", key()),
        ),
        (
            "ConfigError, as a source",
            format!("[vendors.v]\nkey = {{ env = 1, x = '{}' }}", key()),
        ),
    ] {
        let error = Config::parse(&text, "multi-auth.toml", []).unwrap_err();
        ledger.see_error(site, &error);
        ledger.see_debug(format!("{site}, ConfigProblem"), error.problem());
        ledger.see_debug(format!("{site}, Place"), error.place());
    }
    let variables = [("MULTI_AUTH__V__KEY".to_owned(), key())];
    let error = Config::parse("", "multi-auth.toml", variables).unwrap_err();
    ledger.see_error("ConfigError, of a variable", &error);
    ledger.see_error("Config::read", &Config::read("/no/such/file").unwrap_err());
    let text = format!(
        "[vendors.v]\npreset = 'alphamoon'\nkey = {{ dangerous_inline = '{}\\n' }}",
        key()
    );
    let text = text.replace('\'', "\"");
    let config = Config::parse(&text, "multi-auth.toml", []).unwrap();
    let error = config
        .keyring(Adapter::Reqwest.transport())
        .await
        .unwrap_err();
    ledger.see_error("ConfigError, of the key's form", &error);
}

async fn look_at_sources(ledger: &mut Ledger) {
    let script = format!("echo {0}; echo {0} >&2; exit 1", key());
    let command = CommandSource::new("sh", ["-c", &script]);
    ledger.see_debug("CommandSource::new", &command);
    ledger.see_error("CommandSource, failed", &command.read().await.unwrap_err());
    let source: std::sync::Arc<dyn SecretSource> = std::sync::Arc::new(command);
    ledger.see_debug("SecretSource", &source);
    let env = EnvSource::new("MULTI_AUTH_NO_SUCH_VARIABLE");
    ledger.see_debug("EnvSource::new", &env);
    ledger.see_error("EnvSource, missing", &env.read().await.unwrap_err());
    let file = FileSource::new("/no/such/file");
    ledger.see_debug("FileSource::new", &file);
    ledger.see_error("FileSource, missing", &file.read().await.unwrap_err());
    let error = SourceError::new("the desk", SourceProblem::Empty);
    ledger.see_error("SourceError::new", &error);
    ledger.see_debug("SourceProblem", error.problem());
}
