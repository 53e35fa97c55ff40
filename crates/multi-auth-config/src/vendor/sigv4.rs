//! The signature of the scheme `aws_sigv4`.

use super::check::{Result, VendorCheck};
use crate::scheme::{ACCESS_KEY_ID, SESSION_TOKEN, Scheme, SigV4Settings};
use crate::{Advice, ConfigError, ConfigProblem};

const TABLE: &str = "describe it, as in sigv4 = { region = \"eu-central-1\", service = \"execute-api\", access_key_id = \"AKIA...\" }";

const TWO_IDS: Advice = Advice::new(
    "has the ID of the access key, which `secrets` has too",
    "remove one of them",
);

const NO_ID: Advice = Advice::new(
    "has no ID of the access key",
    "write access_key_id = \"AKIA...\", or secrets = { access_key_id = { env = \"AWS_ACCESS_KEY_ID\" } }",
);

const NO_SECRET: Advice = Advice::new(
    "has a secret that this scheme does not use",
    "write `access_key_id` and `session_token`, or remove it",
);

impl VendorCheck<'_> {
    pub(super) fn aws_sigv4(&self) -> Result<Scheme> {
        let table = self.required("sigv4", self.entry.sigv4.as_ref(), TABLE)?;
        let secrets = self.entry.secrets.iter().flatten();
        let known = [ACCESS_KEY_ID, SESSION_TOKEN];
        let mut unknown = secrets.filter(|(name, _)| !known.contains(&name.as_str()));
        if let Some((_, secret)) = unknown.next() {
            return Err(self.invalid("secrets", secret.span(), NO_SECRET));
        }
        let secrets = self.entry.secrets.as_ref();
        let has_secret_id = secrets.is_some_and(|secrets| secrets.contains_key(ACCESS_KEY_ID));
        let has_id = table.get_ref().access_key_id.is_some();
        match (has_id, has_secret_id) {
            (true, true) => return Err(self.invalid("sigv4", table.span(), TWO_IDS)),
            (false, false) => return Err(self.invalid("sigv4", table.span(), NO_ID)),
            _ => {}
        }
        let table_ref = table.get_ref();
        let settings = SigV4Settings {
            region: table_ref.region.clone(),
            service: table_ref.service.clone(),
            access_key_id: table_ref.access_key_id.clone(),
            is_unsigned: table_ref.unsigned_payload,
        };
        settings.check().map_err(|problem| {
            let place = self.place("sigv4", table.span());
            ConfigError::new(place, ConfigProblem::Vendor(problem))
        })?;
        Ok(Scheme::SigV4(Box::new(settings)))
    }
}
