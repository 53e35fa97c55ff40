//! The scheme `digest`.

use super::check::{Result, VendorCheck};
use super::schemes::{COLON, has_colon};
use crate::Advice;
use crate::scheme::{DigestSettings, Scheme};

const USER: &str = "write the user whose password the key is, as in user = \"admin\"";

const NO_MD5: Advice = Advice::new(
    "needs the feature `md5` of multi-auth-config",
    "build the program with it, or remove `dangerous_md5`",
);

impl VendorCheck<'_> {
    pub(super) fn digest(&self) -> Result<Scheme> {
        let user = self.required("user", self.entry.user.as_ref(), USER)?;
        if has_colon(user.get_ref()) {
            return Err(self.invalid("user", user.span(), COLON));
        }
        let table = self.entry.digest.as_ref();
        let settings = DigestSettings {
            user: user.get_ref().secret().clone(),
            table: table.map(|table| *table.get_ref()).unwrap_or_default(),
        };
        if let Some(table) =
            table.filter(|_| settings.table.dangerous_md5 && !cfg!(feature = "md5"))
        {
            return Err(self.invalid("digest", table.span(), NO_MD5));
        }
        Ok(Scheme::Digest(Box::new(settings)))
    }
}

#[cfg(all(test, not(feature = "md5")))]
mod tests {
    use crate::Config;

    #[test]
    fn md5_needs_the_feature() {
        let text = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'digest'\nuser = 'a'\n\
                    key = { env = 'K' }\ndigest = { dangerous_md5 = true }";
        let error = Config::parse(text, "test", []).unwrap_err().to_string();
        assert!(
            error.contains("vendors.v.digest: needs the feature `md5`"),
            "{error}"
        );
    }
}
