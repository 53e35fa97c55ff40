//! The configuration: what it shows of itself, of its sources and of what is wrong.

use multi_auth_config::{
    CommandSource, Config, EnvSource, FileSource, OsKeyringSource, SecretSource, SourceError,
    SourceProblem, VaultSource,
};
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::{Ledger, key, token};
use crate::adapter::Adapter;
use crate::config::os_keyring::put_into_keyring;
use crate::config::sources::secret_file;

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
    let endpoint = format!(
        "[vendors.v]\nurl = 'https://v.example'\nscheme = 'token_endpoint'\nkey = {{ env = 'K' }}\n\
         token_endpoint = {{ url = 'https://v.example/login', key_field = 'k', fields = {{ other = '{}' }} }}",
        key()
    );
    let opened = config.vendors()[0]
        .load(Adapter::Reqwest.transport())
        .await
        .unwrap();
    ledger.see_debug("VendorCredential", &opened);
    let endpoint = Config::parse(&endpoint, "multi-auth.toml", []).unwrap();
    ledger.see_debug("Config::parse, a token request", &endpoint);
    let live = config
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
    ledger.see_debug("LiveKeyring", &live);
    look_at_login(ledger).await;
    look_at_jwt(ledger).await;
    look_at_dpop(ledger).await;
    ledger.see("schema", multi_auth_config::schema());
    look_at_errors(ledger).await;
    look_at_sources(ledger).await;
    look_at_vault(ledger).await;
    look_at_the_keyring(ledger).await;
}

async fn look_at_login(ledger: &mut Ledger) {
    let text = format!(
        "[store]\ndirectory = 'unused'\nkey = {{ dangerous_inline = '{0}' }}\n\
         [vendors.v]\nurl = 'https://v.example'\nscheme = 'refresh_token'\nclient_id = 'c'\n\
         token_url = 'https://v.example/token'\nkey = {{ dangerous_inline = '{0}' }}\n\
         parameters = {{ other = '{0}' }}",
        key()
    );
    let config = Config::parse(&text, "multi-auth.toml", []).unwrap();
    ledger.see_debug("Config::parse, a login", &config);
    let transport = Adapter::Reqwest.transport();
    let login = config.vendors()[0].login(transport).await.unwrap().unwrap();
    ledger.see_debug("Login", &login);
    let endpoints = login.endpoints().await.unwrap();
    ledger.see_debug("LoginEndpoints", &endpoints);
    let error = login.account().tokens().await.unwrap_err();
    ledger.see_error("Login, an invalid sealing key", &error);
}

/// A key that makes no proofs.
async fn look_at_dpop(ledger: &mut Ledger) {
    let text = format!(
        "[vendors.v]\nurl = 'https://v.example'\nscheme = 'client_credentials'\nclient_id = 'c'\n\
         token_url = 'https://v.example/token'\nkey = {{ dangerous_inline = '{0}' }}\n\
         dpop = {{ key = {{ dangerous_inline = '{0}' }} }}",
        key()
    );
    let config = Config::parse(&text, "multi-auth.toml", []).unwrap();
    ledger.see_debug("Config::parse, a key of DPoP", &config);
    let error = config.keyring(Adapter::Reqwest.transport()).await;
    ledger.see_error("Config, a key that makes no proofs", &error.unwrap_err());
    let plain = text
        .replace("{ dangerous_inline = ", "")
        .replace("' }", "'");
    let error = Config::parse(&plain, "multi-auth.toml", []).unwrap_err();
    ledger.see_error("Config::parse, a plain key of DPoP", &error);
}

/// Claims that contain a key, and a key that does not sign.
async fn look_at_jwt(ledger: &mut Ledger) {
    for scheme in [
        "scheme = 'jwt'",
        "scheme = 'jwt_bearer'\ntoken_url = 'https://v.example/token'",
    ] {
        let text = format!(
            "[vendors.v]\nurl = 'https://v.example'\n{scheme}\nkey = {{ dangerous_inline = '{0}' }}\n\
             jwt = {{ issuer = 'i', claims = {{ c = '{0}' }}, header = {{ h = '{0}' }} }}",
            key()
        );
        let config = Config::parse(&text, "multi-auth.toml", []).unwrap();
        ledger.see_debug("Config::parse, a JWT", &config);
        let error = config.keyring(Adapter::Reqwest.transport()).await;
        ledger.see_error("Config, a key that does not sign", &error.unwrap_err());
    }
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
            "ConfigError, in a condition",
            format!(
                "[vendors.v]\nrefused_if = [{{ json = '{0}', equals = ['{0}'] }}]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = {{ env = 'K' }}",
                key()
            ),
        ),
        (
            "ConfigError, as a source",
            format!("[vendors.v]\nkey = {{ env = 1, x = '{}' }}", key()),
        ),
    ] {
        let error = Config::parse(&text, "multi-auth.toml", []).unwrap_err();
        ledger.see_error(site, &error);
        ledger.see_debug(format!("{site}, ConfigProblem"), error.problem());
        ledger.see_debug(format!("{site}, ConfigLocation"), error.location());
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
    let text = format!("[vendors.v]\n{0} = '{0}'", key());
    let error = Config::parse(&text, "multi-auth.toml", []).unwrap_err();
    ledger.see_debug("Advice, in a ConfigProblem", error.problem());
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

/// Vault's token is one canary, and what it answers is full of the other.
async fn look_at_vault(ledger: &mut Ledger) {
    let server = ScriptedServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(&folder, "token", &token());
    let place = "secret/reports#api_key";
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let token = FileSource::new(&file);
        let source = VaultSource::new(adapter.transport(), server.url(), token, place).unwrap();
        ledger.see_debug("VaultSource::new", &source);
        for answer in answers_of_vault() {
            server.push(answer);
            match source.read().await {
                Ok(secret) => ledger.see_debug("VaultSource, read", &secret),
                Err(error) => {
                    ledger.see_error("VaultSource, failed", &error);
                    ledger.see_debug("VaultProblem", error.problem());
                }
            }
        }
    }
    for place in [key(), format!("{}#", key()), format!("#{}", key())] {
        let source = VaultSource::new(
            Adapter::Reqwest.transport(),
            server.url(),
            FileSource::new(&file),
            &place,
        );
        ledger.see_error(
            "VaultSource::new, a place that is none",
            &source.unwrap_err(),
        );
    }
}

fn answers_of_vault() -> Vec<ScriptedResponse> {
    let fields = |fields| {
        let body = json!({ "data": { "data": fields, "metadata": { "custom": key() } } });
        ScriptedResponse::default().with_json(&body)
    };
    let mut answers = vec![
        fields(json!({ "api_key": key() })),
        fields(json!({ "api_key": [key()], "other": key() })),
        fields(json!({ key(): key() })),
        ScriptedResponse::default().with_json(&json!({ "data": { "api_key": key() } })),
        ScriptedResponse::default().with_body(format!("{{\"{}\": {}", key(), key())),
        ScriptedResponse::html().with_body(format!("<p>{}</p>", key())),
    ];
    for status in [302, 400, 403, 404, 429, 500, 503] {
        let status = http::StatusCode::from_u16(status).unwrap();
        let to = format!("https://elsewhere.example/{}", key());
        let answer = ScriptedResponse::redirect(status, &to).unwrap();
        answers.push(answer.with_json(&json!({ "errors": [key(), token()] })));
    }
    answers
}

async fn look_at_the_keyring(ledger: &mut Ledger) {
    put_into_keyring("canary", format!("{}\n", key()).as_bytes());
    let source = OsKeyringSource::new("multi-auth", "canary").unwrap();
    ledger.see_debug("OsKeyringSource::new", &source);
    ledger.see_debug("OsKeyringSource, read", &source.read().await);
    put_into_keyring("canary", &[key().as_bytes(), &[0xff]].concat());
    let error = source.read().await.unwrap_err();
    ledger.see_error("OsKeyringSource, not text", &error);
}
