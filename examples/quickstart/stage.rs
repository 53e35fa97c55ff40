//! Whom the program talks to: simulators that it starts, or the vendors themselves.

use std::env;
use std::fmt;

use multi_auth_testing::{AlphamoonSimulator, ImmutaSimulator};

use crate::Failure;

const ALPHAMOON_KEY: &str = "ALPHAMOON_API_KEY";
const IMMUTA_URL: &str = "IMMUTA_URL";
const IMMUTA_KEY: &str = "IMMUTA_API_KEY";

/// The vendors' addresses and keys.
pub(crate) struct Stage {
    pub(crate) alphamoon: Vendor,
    pub(crate) immuta: Vendor,
    simulators: Option<Simulators>,
}

pub(crate) struct Vendor {
    pub(crate) url: String,
    pub(crate) key: String,
}

/// The simulators, where they are used. They stop when this is dropped.
pub(crate) struct Simulators {
    pub(crate) alphamoon: AlphamoonSimulator,
    pub(crate) immuta: ImmutaSimulator,
}

impl Stage {
    /// The vendors that the environment names, or simulators if it names none.
    pub(crate) async fn from_env() -> Result<Self, Failure> {
        let named = [ALPHAMOON_KEY, IMMUTA_URL, IMMUTA_KEY].map(|name| env::var(name).ok());
        match named {
            [Some(alphamoon), Some(url), Some(immuta)] => Ok(Self::real(alphamoon, url, immuta)),
            [None, None, None] => Self::simulated().await,
            _ => Err(format!(
                "to talk to the real vendors set {ALPHAMOON_KEY}, {IMMUTA_URL} and {IMMUTA_KEY}, \
                 all three; to use simulators set none"
            )
            .into()),
        }
    }

    fn real(alphamoon_key: String, immuta_url: String, immuta_key: String) -> Self {
        let url = env::var("ALPHAMOON_URL");
        let url = url.unwrap_or_else(|_| "https://workspace.alphamoon.ai".to_owned());
        Self {
            alphamoon: Vendor {
                url,
                key: alphamoon_key,
            },
            immuta: Vendor {
                url: immuta_url,
                key: immuta_key,
            },
            simulators: None,
        }
    }

    async fn simulated() -> Result<Self, Failure> {
        let (alphamoon, immuta) = (
            AlphamoonSimulator::start().await?,
            ImmutaSimulator::start().await?,
        );
        let vendor = |url: &str, key: &str| Vendor {
            url: url.to_owned(),
            key: key.to_owned(),
        };
        Ok(Self {
            alphamoon: vendor(alphamoon.url(), alphamoon.organization_key()),
            immuta: vendor(immuta.url(), immuta.api_key()),
            simulators: Some(Simulators { alphamoon, immuta }),
        })
    }

    pub(crate) fn simulators(&self) -> Option<&Simulators> {
        self.simulators.as_ref()
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.simulators.is_some() {
            "simulators of both"
        } else {
            "the real"
        };
        write!(
            f,
            "Four credentials through two adapters, against {what} vendors:"
        )
    }
}
