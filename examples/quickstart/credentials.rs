//! The four documented credentials, and the keyring that binds them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use multi_auth::{Account, Alphamoon, Immuta, Keyring, Transport};

use crate::Failure;
use crate::stage::Stage;

/// One of the ways in which the two vendors' pages say to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    AlphamoonBasic,
    AlphamoonHeader,
    ImmutaKey,
    ImmutaToken,
}

impl Credential {
    pub(crate) const ALL: [Self; 4] = [
        Self::AlphamoonBasic,
        Self::AlphamoonHeader,
        Self::ImmutaKey,
        Self::ImmutaToken,
    ];

    /// The name under which the keyring has it: two are bound to each origin.
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

    /// What is asked of the vendor with it.
    pub(crate) fn url(self, stage: &Stage) -> String {
        match self {
            Self::AlphamoonBasic | Self::AlphamoonHeader => {
                format!("{}/api/v0.3/processes", stage.alphamoon.url)
            }
            Self::ImmutaKey | Self::ImmutaToken => format!("{}/audit", stage.immuta.url),
        }
    }

    /// What its header looks like without the secret.
    pub(crate) fn redacted(self) -> &'static str {
        match self {
            Self::AlphamoonBasic | Self::AlphamoonHeader => "Basic ****",
            Self::ImmutaKey => "****",
            Self::ImmutaToken => "Bearer ****",
        }
    }
}

/// All four credentials, each bound to its vendor's origin under a name of its own.
pub(crate) fn keyring(
    stage: &Stage,
    transport: impl Transport + 'static,
) -> Result<Keyring, Failure> {
    let alphamoon = Alphamoon::at(&stage.alphamoon.url)?;
    let immuta = Immuta::new(&stage.immuta.url)?;
    let (moon_key, immuta_key) = (stage.alphamoon.key.as_str(), stage.immuta.key.as_str());
    let of = |credential: Credential| credential.account();

    let basic = alphamoon.organization_key(moon_key)?;
    let header = alphamoon.encoded_key(STANDARD.encode(moon_key))?;
    let key = immuta.raw_key(immuta_key)?;
    let token = immuta.bearer(immuta_key, transport)?;
    Ok(Keyring::builder()
        .bind(
            alphamoon
                .scope()
                .with_account(of(Credential::AlphamoonBasic)),
            basic,
        )?
        .bind(
            alphamoon
                .scope()
                .with_account(of(Credential::AlphamoonHeader)),
            header,
        )?
        .bind(immuta.scope().with_account(of(Credential::ImmutaKey)), key)?
        .bind(
            immuta.scope().with_account(of(Credential::ImmutaToken)),
            token,
        )?
        .build())
}
