//! The key to which the tokens of an entry are bound.

use multi_auth::Placement;
use multi_auth_sign::{Algorithm, Dpop};
use toml::Spanned;

use super::Vendor;
use super::check::{Result, VendorCheck};
use crate::document::{DpopTable, KeyEncoding};
use crate::scheme::{DPOP_KEY, DpopSettings, Secrets, SigningSettings};
use crate::{Advice, ConfigError, ConfigProblem};

const NO_KEY: Advice = Advice::new(
    "is missing",
    "write where the private key comes from, as in dpop = { key = { file = \"/run/secrets/dpop.pem\" } }",
);

const ALGORITHM: Advice = Advice::new(
    "is not an algorithm of DPoP proofs",
    "write ES256, ES384, EdDSA, RS256, PS256 or PS512",
);

const PLACE: Advice = Advice::new(
    "cannot be combined with `dpop`, whose tokens are sent as `Authorization: DPoP <token>`",
    "remove it",
);

const BASE_URL: Advice = Advice::new("cannot be combined with `dpop`", "write `url`");

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::PS512,
];

impl VendorCheck<'_> {
    pub(super) fn dpop(&self) -> Result<Option<DpopSettings>> {
        let Some(table) = &self.entry.dpop else {
            return Ok(None);
        };
        if table.get_ref().key.is_none() {
            return Err(self.invalid(DPOP_KEY, table.span(), NO_KEY));
        }
        if let Some(base_url) = &self.entry.base_url {
            return Err(self.invalid("base_url", base_url.span(), BASE_URL));
        }
        Ok(Some(DpopSettings {
            signing: SigningSettings {
                algorithm: self.dpop_algorithm(table.get_ref())?,
                key_id: None,
                encoding: KeyEncoding::default(),
            },
        }))
    }

    fn dpop_algorithm(&self, table: &DpopTable) -> Result<Algorithm> {
        let Some(name) = &table.algorithm else {
            return Ok(Algorithm::ES256);
        };
        let is_named = |one: &Algorithm| one.to_string() == *name.get_ref();
        let found = ALGORITHMS.into_iter().find(is_named);
        found.ok_or_else(|| self.invalid("dpop.algorithm", name.span(), ALGORITHM))
    }

    /// Where the tokens of `dpop` are sent.
    pub(super) fn dpop_placement(&self, dpop: &Spanned<DpopTable>) -> Result<Placement> {
        let entry = self.entry;
        for (field, value) in [
            ("name", &entry.name),
            ("cookie", &entry.cookie),
            ("query_parameter", &entry.query_parameter),
            ("prefix", &entry.prefix),
        ] {
            if let Some(value) = value {
                return Err(self.invalid(field, value.span(), PLACE));
            }
        }
        let placement = Placement::authorization().with_prefix("DPoP ");
        placement.map_err(|problem| self.refused("dpop", dpop.span(), problem))
    }
}

impl Vendor {
    /// The key in `secrets` to which its tokens are bound, if the entry has `dpop`.
    pub(super) fn dpop(&self, secrets: &Secrets) -> Result<Option<Dpop>> {
        let Some(settings) = self.credential.scheme.dpop() else {
            return Ok(None);
        };
        let dpop = settings.build(secrets).map(Some);
        dpop.map_err(|problem| {
            let mut others = self.others.iter();
            let key = others.find(|other| other.name == DPOP_KEY);
            let place = key.map_or(&self.places.entry, |key| &key.place);
            ConfigError::new(place.clone(), ConfigProblem::Vendor(problem))
        })
    }
}
