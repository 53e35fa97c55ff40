//! The signature of the scheme `aws_sigv4`.

use toml::Spanned;

use super::check::{Result, VendorCheck};
use crate::document::{AwsSource, SigV4Table};
use crate::scheme::{ACCESS_KEY_ID, AwsCredentialSettings, SESSION_TOKEN, Scheme, SigV4Settings};
use crate::{Advice, ConfigError, ConfigProblem};

const TABLE: &str = "describe it, as in sigv4 = { region = \"eu-central-1\", service = \"execute-api\", access_key_id = \"AKIA...\" }";

const TWO_IDS: Advice = Advice::new(
    "has the ID of the access key, which `secrets` has too",
    "remove one of them",
);

const NO_ID: Advice = Advice::new(
    "has no ID of the access key",
    "write access_key_id = \"AKIA...\", secrets = { access_key_id = { env = \"AWS_ACCESS_KEY_ID\" } }, or credentials = \"environment\" in place of `key`",
);

const NO_SECRET: Advice = Advice::new(
    "has a secret that this scheme does not use",
    "write `access_key_id` and `session_token`, or remove it",
);

const TWO_SOURCES: Advice = Advice::new(
    "has `credentials`, and a key besides",
    "remove `credentials`, or remove `key`, `secrets` and `access_key_id`",
);

const NO_PROFILE: Advice = Advice::new(
    "has a profile that is not used",
    "write credentials = \"profile\", or remove it",
);

impl VendorCheck<'_> {
    pub(super) fn aws_sigv4(&self) -> Result<Scheme> {
        let table = self.required("sigv4", self.entry.sigv4.as_ref(), TABLE)?;
        let SigV4Table {
            region,
            service,
            access_key_id,
            credentials,
            profile,
            unsigned_payload,
            content_sha256,
            read_json_errors,
        } = table.get_ref();
        if profile.is_some() && *credentials != Some(AwsSource::Profile) {
            return Err(self.invalid("sigv4", table.span(), NO_PROFILE));
        }
        let credentials = if let Some(source) = credentials {
            self.refuse_keys(table)?;
            AwsCredentialSettings::Aws(*source, profile.clone())
        } else {
            self.check_ids(table)?;
            AwsCredentialSettings::Entry(access_key_id.clone())
        };
        let settings = SigV4Settings {
            region: region.clone(),
            service: service.clone(),
            credentials,
            is_unsigned: *unsigned_payload,
            has_content_sha256: *content_sha256,
            reads_json: *read_json_errors,
        };
        settings.check().map_err(|problem| {
            let place = self.place("sigv4", table.span());
            ConfigError::new(place, ConfigProblem::Vendor(problem))
        })?;
        Ok(Scheme::SigV4(Box::new(settings)))
    }

    /// The entry has no key besides `credentials`.
    fn refuse_keys(&self, table: &Spanned<SigV4Table>) -> Result<()> {
        let entry = self.entry;
        let has_key = entry.key.is_some() || entry.value.is_some() || entry.secrets.is_some();
        if has_key || table.get_ref().access_key_id.is_some() {
            return Err(self.invalid("sigv4", table.span(), TWO_SOURCES));
        }
        Ok(())
    }

    /// The entry has one ID of the access key, and no secret that is not used.
    fn check_ids(&self, table: &Spanned<SigV4Table>) -> Result<()> {
        let mut secrets = self.entry.secrets.iter().flatten();
        let is_known = |name: &str| [ACCESS_KEY_ID, SESSION_TOKEN].contains(&name);
        if let Some((_, secret)) = secrets.find(|(name, _)| !is_known(name)) {
            return Err(self.invalid("secrets", secret.span(), NO_SECRET));
        }
        let secrets = self.entry.secrets.as_ref();
        let has_secret_id = secrets.is_some_and(|secrets| secrets.contains_key(ACCESS_KEY_ID));
        match (table.get_ref().access_key_id.is_some(), has_secret_id) {
            (true, true) => Err(self.invalid("sigv4", table.span(), TWO_IDS)),
            (false, false) => Err(self.invalid("sigv4", table.span(), NO_ID)),
            _ => Ok(()),
        }
    }
}
