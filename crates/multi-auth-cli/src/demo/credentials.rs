//! The four documented credentials, and the keyring that binds them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use multi_auth::{Account, Alphamoon, AuthError, Immuta, Keyring, Transport};

use super::Failure;
use super::stage::{ALPHAMOON_KEY, ALPHAMOON_URL, IMMUTA_KEY, IMMUTA_URL, Stage};

/// A credential that a vendor's page documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DemoCredential {
    AlphamoonBasic,
    AlphamoonHeader,
    ImmutaKey,
    ImmutaToken,
}

impl DemoCredential {
    pub(crate) const ALL: [Self; 4] = [
        Self::AlphamoonBasic,
        Self::AlphamoonHeader,
        Self::ImmutaKey,
        Self::ImmutaToken,
    ];

    /// Its account in the keyring: each origin has two credentials.
    pub(crate) fn account(self) -> Account {
        Account::new(match self {
            Self::AlphamoonBasic => "basic",
            Self::AlphamoonHeader => "header",
            Self::ImmutaKey => "key",
            Self::ImmutaToken => "token",
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AlphamoonBasic => "Alphamoon, Basic",
            Self::AlphamoonHeader => "Alphamoon, ready-made header",
            Self::ImmutaKey => "Immuta, raw key",
            Self::ImmutaToken => "Immuta, bearer token",
        }
    }

    /// The URL to request with it.
    pub(crate) fn url(self, stage: &Stage) -> String {
        match self {
            Self::AlphamoonBasic | Self::AlphamoonHeader => {
                format!("{}/api/v0.3/processes", stage.alphamoon.url)
            }
            Self::ImmutaKey | Self::ImmutaToken => format!("{}/audit", stage.immuta.url),
        }
    }

    /// Its header value, with `****` for the secret.
    pub(crate) fn redacted(self) -> &'static str {
        match self {
            Self::AlphamoonBasic | Self::AlphamoonHeader => "Basic ****",
            Self::ImmutaKey => "****",
            Self::ImmutaToken => "Bearer ****",
        }
    }

    /// How many token requests its first request needs.
    pub(crate) fn token_requests(self) -> usize {
        match self {
            Self::AlphamoonBasic | Self::AlphamoonHeader | Self::ImmutaKey => 0,
            Self::ImmutaToken => 1,
        }
    }
}

/// All four credentials, each bound to its vendor's origin with its own label.
pub(crate) fn keyring(
    stage: &Stage,
    transport: impl Transport + 'static,
) -> Result<Keyring, Failure> {
    let alphamoon = Alphamoon::new(&stage.alphamoon.url).map_err(in_variable(ALPHAMOON_URL))?;
    let immuta = Immuta::new(&stage.immuta.url).map_err(in_variable(IMMUTA_URL))?;
    let (moon_key, immuta_key) = (stage.alphamoon.key.as_str(), stage.immuta.key.as_str());

    let basic = alphamoon.organization_key(moon_key);
    let basic = basic.map_err(in_variable(ALPHAMOON_KEY))?;
    let header = alphamoon.encoded_key(STANDARD.encode(moon_key))?;
    let key = immuta.raw_key(immuta_key);
    let key = key.map_err(in_variable(IMMUTA_KEY))?;
    let token = immuta.bearer(immuta_key, transport)?;

    let moon = |which: DemoCredential| alphamoon.protection_space().with_account(which.account());
    let data = |which: DemoCredential| immuta.protection_space().with_account(which.account());
    Ok(Keyring::builder()
        .bind(moon(DemoCredential::AlphamoonBasic), basic)?
        .bind(moon(DemoCredential::AlphamoonHeader), header)?
        .bind(data(DemoCredential::ImmutaKey), key)?
        .bind(data(DemoCredential::ImmutaToken), token)?
        .build())
}

/// Names the variable that holds an invalid value, and never the value.
fn in_variable(name: &'static str) -> impl Fn(AuthError) -> Failure {
    move |error| format!("correct {name}: {error}").into()
}
