//! The vendors of the demo: simulators that it starts, or the real ones.

use std::env;
use std::fmt;

use multi_auth_testing::{AlphamoonSimulator, ImmutaSimulator};

use super::Failure;

pub(crate) const ALPHAMOON_URL: &str = "ALPHAMOON_URL";
pub(crate) const ALPHAMOON_KEY: &str = "ALPHAMOON_API_KEY";
pub(crate) const IMMUTA_URL: &str = "IMMUTA_URL";
pub(crate) const IMMUTA_KEY: &str = "IMMUTA_API_KEY";

/// The vendors' addresses and keys.
pub(crate) struct Stage {
    pub(crate) alphamoon: DemoVendor,
    pub(crate) immuta: DemoVendor,
    simulators: Option<Simulators>,
}

pub(crate) struct DemoVendor {
    /// With no slash at its end.
    pub(crate) url: String,
    pub(crate) key: String,
}

/// The simulators, if they are used. They stop when this is dropped.
pub(crate) struct Simulators {
    pub(crate) alphamoon: AlphamoonSimulator,
    pub(crate) immuta: ImmutaSimulator,
}

impl Stage {
    /// The vendors that the environment names, or simulators if it names none.
    pub(crate) async fn from_env() -> Result<Self, Failure> {
        let names = [ALPHAMOON_URL, ALPHAMOON_KEY, IMMUTA_URL, IMMUTA_KEY];
        if names.into_iter().any(|name| env::var_os(name).is_some()) {
            return Self::real();
        }
        Self::simulated().await
    }

    fn real() -> Result<Self, Failure> {
        let needed = [ALPHAMOON_KEY, IMMUTA_URL, IMMUTA_KEY];
        let [Some(alphamoon_key), Some(immuta_url), Some(immuta_key)] = needed.map(value) else {
            let missing = needed.into_iter().filter(|name| value(name).is_none());
            let missing = missing.collect::<Vec<_>>().join(", ");
            return Err(format!(
                "to talk to the real vendors set {missing} too; to use simulators unset {}",
                [ALPHAMOON_URL]
                    .into_iter()
                    .chain(needed)
                    .collect::<Vec<_>>()
                    .join(", ")
            )
            .into());
        };
        let public = || "https://workspace.alphamoon.ai".to_owned();
        let alphamoon_url = value(ALPHAMOON_URL).unwrap_or_else(public);
        Ok(Self {
            alphamoon: DemoVendor::new(&alphamoon_url, alphamoon_key),
            immuta: DemoVendor::new(&immuta_url, immuta_key),
            simulators: None,
        })
    }

    async fn simulated() -> Result<Self, Failure> {
        let alphamoon = AlphamoonSimulator::start().await?;
        let immuta = ImmutaSimulator::start().await?;
        Ok(Self {
            alphamoon: DemoVendor::new(alphamoon.url(), alphamoon.organization_key()),
            immuta: DemoVendor::new(immuta.url(), immuta.api_key()),
            simulators: Some(Simulators { alphamoon, immuta }),
        })
    }

    pub(crate) fn simulators(&self) -> Option<&Simulators> {
        self.simulators.as_ref()
    }
}

impl DemoVendor {
    fn new(url: &str, key: impl Into<String>) -> Self {
        Self {
            url: url.trim_end_matches('/').to_owned(),
            key: key.into(),
        }
    }
}

/// The value of a variable that is not empty.
fn value(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.simulators {
            Some(_) => "simulators of both",
            None => "the real",
        };
        write!(
            f,
            "Four credentials through two adapters, against {what} vendors"
        )
    }
}
