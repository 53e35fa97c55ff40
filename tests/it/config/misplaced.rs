//! No error repeats a key that is in the wrong place of a file.

use std::fmt;
use std::sync::{Arc, Mutex};

use multi_auth_config::ConfigError;
use multi_auth_testing::Canary;
use tracing_subscriber::fmt::MakeWriter;

use super::parse;
use crate::adapter::Adapter;

/// Files in which `@` is a place for a text: values, names of fields, names of vendors.
const PLACES: &[&str] = &[
    "[@]\nx = 1",
    "@ = 1",
    "@",
    "[vendors]\n@ = 1",
    "[vendors.@]\npreset = 'alphamoon'",
    "[vendors.@]\n\"a b\" = 1",
    "[vendors.@]\npreset = 'alphamoon'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\n@ = 1",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'MULTI_AUTH_NONE' }\n@ = '@'",
    "[vendors.v.@]\nx = 1",
    "[vendors.v]\npreset = '@'",
    "[vendors.v]\nscheme = '@'",
    "[vendors.v]\npreset = '@'\nscheme = '@'",
    "[vendors.v]\npreset = ['@']",
    "[vendors.v]\npreset = { '@' = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nurl = '@'",
    "[vendors.v]\npreset = 'alphamoon'\nurl = 'https://@'",
    "[vendors.v]\npreset = 'immuta'\nurl = 'http://x.example/@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'immuta'\nurl = 'https://x.example?@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'immuta'\nurl = 'https://u:@@x.example'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\nprocess = '@ /'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\nprocess = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\nprefix = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\nuser = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\nexpires_at = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\nexpires_at = @\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\nverify = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\ntoken = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'immuta'\nurl = 'https://v.example'\ntoken.@ = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'immuta'\nurl = 'https://v.example'\ntoken.window = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'immuta'\nurl = 'https://v.example'\ntoken.attempts = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'immuta'\nurl = 'https://v.example'\ntoken.refresh_on = ['@']\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\naccount = '@'\nkey = { env = 'MULTI_AUTH_NONE' }\n\
     [vendors.w]\npreset = 'alphamoon'\naccount = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\naccount = ['@']\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\nscheme = 'bearer'\nurl = 'https://@.example'\nkey = { env = 'MULTI_AUTH_NONE' }\n\
     [vendors.w]\nscheme = 'bearer'\nurl = 'https://@.example'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\nscheme = 'bearer'\nurl = 'https://v.example'\nname = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\nscheme = 'header'\nurl = 'https://v.example'\nname = '@ '\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\nscheme = 'header'\nurl = 'https://v.example'\nname = '@'\nprefix = '@\\u0000'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\nscheme = 'basic'\nurl = 'https://v.example'\nuser = '@:'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\nurl = 'https://v.example'\nscheme = { own = '@' }",
    "[vendors.v]\nurl = 'https://v.example'\nscheme = { own = '@' }\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\nurl = 'https://v.example'\nscheme = { @ = '@' }",
    "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\ntoken_endpoint = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\ntoken_endpoint = { url = '@', key_field = '@' }\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\ntoken_endpoint = { @ = '@' }\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\nkey = { env = 'MULTI_AUTH_NONE' }\n\
     token_endpoint = { url = 'https://v.example', key_field = '@', format = '@' }",
    "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\nkey = { env = 'MULTI_AUTH_NONE' }\n\
     token_endpoint = { url = 'https://v.example', key_field = '@', token_at = '@' }",
    "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\nkey = { env = 'MULTI_AUTH_NONE' }\n\
     token_endpoint = { url = 'https://v.example', key_field = '@', fields = { '@' = '@' } }",
    "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\nkey = { env = 'MULTI_AUTH_NONE' }\n\
     token_endpoint = { url = 'https://v.example', key_field = 'k', fields = { '@' = 1979-05-27T07:32:00Z } }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = '@'",
    "[vendors.v]\npreset = 'alphamoon'\nkey = ['@']",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { @ = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { @ = '@', env = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { env = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { env = ['@'] }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { file = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { file = '/tmp/@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { file = '~/@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { dangerous_foreign_file = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { command = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { command = ['@'] }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { command = ['@ @'] }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { command = ['false', '@'] }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { command = { run = ['false'], env = ['@'] } }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { command = { run = ['@'], @ = '@' } }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { own = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { own = '@ ' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { os_keyring = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { os_keyring = { @ = '@' } }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { os_keyring = { service = 'multi-auth', user = '@' } }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { os_keyring = { service = '@', user = '@' } }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { vault = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { vault = 'secret/a#@' }",
    "[vault]\nurl = 'https://127.0.0.1:9'\ntoken = { env = 'PATH' }\n[vendors.v]\npreset = 'alphamoon'\nkey = { vault = 'secret/a#@' }",
    "[vault]\nurl = 'https://127.0.0.1:9'\ntoken = { env = 'PATH' }\n[vendors.v]\npreset = 'alphamoon'\nkey = { vault = 'secret/@#a' }",
    "[vault]\nurl = 'https://127.0.0.1:9'\ntoken = { env = '@' }\n[vendors.v]\npreset = 'alphamoon'\nkey = { vault = 'secret/a#a' }",
    "[vault]\nurl = '@'\ntoken = { env = 'PATH' }",
    "[vault]\nurl = 'https://v.example'\ntoken = { env = 'PATH' }\nnamespace = '@ '",
    "[vault]\nurl = 'https://v.example'\ntoken = { env = 'PATH' }\nmount = '@//'",
    "[vendors.v]\npreset = 'alphamoon'\nheaders = { @ = '@\\u0000' }\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\nheaders = '@'\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\nheaders = { x = ['@'] }\nkey = { env = 'MULTI_AUTH_NONE' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'MULTI_AUTH_NONE' }\nalso = '@'",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'MULTI_AUTH_NONE' }\nalso = { @ = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'MULTI_AUTH_NONE' }\nalso = { scheme = 'header', name = 'x', key = '@' }",
    "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'PATH' }\nalso = { scheme = 'header', name = 'x', key = { env = '@' } }",
    "[vendors.v]\nscheme = 'token_endpoint'\nurl = 'https://v.example'\nkey = { env = 'MULTI_AUTH_NONE' }\n\
     token_endpoint = { url = 'https://v.example', client_secret_basic = '@', refused_unless = '@', default_lifetime = '@' }",
    "[vault]\n@ = '@'",
    "[vault.token]\n@ = '@'",
    "[vault]\nurl = 'https://v.example'\ntoken = '@'",
];

/// Keys in several formats. TOML accepts the first without quotes.
fn keys() -> [String; 5] {
    let plain = Canary::new("misplaced").as_str().to_owned();
    let quick = "q7Zk93MvX2sPl0Tn";
    [
        format!("ghp_{plain}"),
        quick.to_owned(),
        format!("{plain}, expected {plain}"),
        format!("{plain}`: {plain}\\n{plain}"),
        "9876501234567".to_owned(),
    ]
}

/// `key` as TOML accepts it at `@`: without quotes, or quoted if it must be.
fn filled(place: &str, key: &str) -> Vec<String> {
    let quoted = format!("\"{key}\"");
    let in_quotes = place.replace("'@'", &quoted);
    let escaped = key.replace('\\', "\\\\");
    vec![place.replace('@', key), in_quotes.replace('@', &escaped)]
}

/// The log of this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn shown(error: &ConfigError) -> String {
    use std::error::Error;
    use std::fmt::Write;

    let mut text = format!(
        "{error} {error:?} {error:#?} {:?} {:?}",
        error.problem(),
        error.location()
    );
    for other in error.others() {
        text.push_str(&shown(other));
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(text, " {inner} {inner:?}");
        cause = inner.source();
    }
    text
}

/// The pieces of `key` that are long enough to be a part of it and of nothing else.
fn assert_hidden(text: &str, key: &str, what: impl fmt::Display) {
    let key = key.split([',', '`', '\\']).next().unwrap();
    for form in [
        key.to_owned(),
        key.to_uppercase(),
        key.to_lowercase(),
        key.escape_debug().to_string(),
        key.escape_default().to_string(),
    ] {
        assert!(!text.contains(&form), "{what}: {text}");
    }
}

#[tokio::test]
async fn no_error_or_event_repeats_a_misplaced_key() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _listening = multi_auth_tests::listen(subscriber);
    let mut errors = 0;
    for key in keys() {
        for place in PLACES {
            for text in filled(place, &key) {
                let error = match parse(&text) {
                    Err(error) => error,
                    Ok(config) => match config.keyring(Adapter::Reqwest.transport()).await {
                        Err(error) => error,
                        Ok(_) => continue,
                    },
                };
                errors += 1;
                assert_hidden(&shown(&error), &key, &text);
            }
        }
        let events = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_hidden(&events, &key, "the log");
    }
    assert!(errors > 600, "{errors}");
}

#[test]
fn a_key_in_an_environment_override_is_repeated_in_no_error() {
    let text = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'header'\nname = 'x'\nkey = { env = 'MULTI_AUTH_NONE' }";
    for key in keys() {
        for field in [
            "PRESET", "SCHEME", "NAME", "URL", "PREFIX", "PROCESS", "USER", "ACCOUNT", "NONE",
        ] {
            let variables = [(format!("MULTI_AUTH__V__{field}"), key.clone())];
            if let Err(error) = multi_auth_config::Config::parse(text, "multi-auth.toml", variables)
            {
                assert_hidden(&shown(&error), &key, field);
            }
        }
    }
}
