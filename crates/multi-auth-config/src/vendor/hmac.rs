//! The signature of the scheme `hmac`.

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::scheme::{HmacSettings, Scheme, method};

const TABLE: &str = "describe it in a table [vendors.<name>.hmac] with signature and headers";

const UNUSED: Advice = Advice::new(
    "has a secret that no template names",
    "write {name} with its name in a template of `hmac`, or remove it",
);

const METHOD: Advice = Advice::new(
    "has an invalid method",
    "write the method in capitals, such as POST",
);

impl VendorCheck<'_> {
    pub(super) fn hmac(&self) -> Result<Scheme> {
        let table = self.required("hmac", self.entry.hmac.as_ref(), TABLE)?;
        let encoding = self.entry.key_encoding.as_ref();
        let settings = HmacSettings {
            table: table.get_ref().clone(),
            encoding: encoding.map_or_else(Default::default, |encoding| *encoding.get_ref()),
        };
        let is_odd = |name: &String| method(name).is_none();
        if settings
            .values()
            .any(|value| value.methods.iter().any(is_odd))
        {
            return Err(self.invalid("hmac", table.span(), METHOD));
        }
        let secrets = || self.entry.secrets.iter().flatten();
        let names = secrets().map(|(name, _)| name.as_str());
        let checked = settings.check(names);
        checked.map_err(|problem| self.refused("hmac", table.span(), problem))?;
        let unused = secrets().find(|(name, _)| !settings.names(name));
        if let Some((_, secret)) = unused {
            return Err(self.invalid("secrets", secret.span(), UNUSED));
        }
        Ok(Scheme::Hmac(Box::new(settings)))
    }
}
