//! The signature of the scheme `oauth1`.

use toml::Spanned;

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::document::OAuth1Table;
use crate::scheme::{CONSUMER_KEY, OAuth1Settings, Scheme, TOKEN, TOKEN_SECRET};

const TABLE: &str = "describe it, as in oauth1 = { consumer_key = \"...\", token = \"...\" }";

const TWICE: Advice = Advice::new("is in `secrets` too", "remove one of them");

const NO_CONSUMER: Advice = Advice::new(
    "has no consumer key",
    "write consumer_key = \"...\", or secrets = { consumer_key = { env = \"CONSUMER_KEY\" } }",
);

const NO_TOKEN: Advice = Advice::new(
    "belongs to a token, and there is none",
    "write oauth1 = { token = \"...\" } or a secret `token`, or remove it",
);

const NO_TOKEN_SECRET: Advice = Advice::new(
    "has a token without its secret",
    "write secrets = { token_secret = { env = \"TOKEN_SECRET\" } }, or remove the token",
);

const NO_SECRET: Advice = Advice::new(
    "has a secret that this scheme does not use",
    "write `token_secret`, `consumer_key` or `token`, or remove it",
);

impl VendorCheck<'_> {
    pub(super) fn oauth1(&self) -> Result<Scheme> {
        let table = self.required("oauth1", self.entry.oauth1.as_ref(), TABLE)?;
        self.check_oauth1_secrets(table)?;
        let table = table.get_ref();
        let text = |field: &Option<Spanned<String>>| Some(field.as_ref()?.get_ref().clone());
        let mut settings = OAuth1Settings {
            consumer_key: None,
            token: None,
            realm: None,
            method: table.signature_method,
            has_body_hash: table.body_hash,
        };
        settings.consumer_key = text(&table.consumer_key);
        self.right_if(
            "oauth1.consumer_key",
            table.consumer_key.as_ref(),
            &settings,
        )?;
        settings.token = text(&table.token);
        self.right_if("oauth1.token", table.token.as_ref(), &settings)?;
        settings.realm = text(&table.realm);
        self.right_if("oauth1.realm", table.realm.as_ref(), &settings)?;
        Ok(Scheme::OAuth1(Box::new(settings)))
    }

    /// Checks `settings`, whose last new part is `field`.
    fn right_if(
        &self,
        name: &str,
        field: Option<&Spanned<String>>,
        settings: &OAuth1Settings,
    ) -> Result<()> {
        field.map_or(Ok(()), |field| self.right(name, field, settings.check()))
    }

    /// Checks that the key of the client and the token are in one place each, and that a token has
    /// its secret.
    fn check_oauth1_secrets(&self, table: &Spanned<OAuth1Table>) -> Result<()> {
        let secrets = || self.entry.secrets.iter().flatten();
        let secret = |name: &str| secrets().find(|(own, _)| *own == name);
        let known = [CONSUMER_KEY, TOKEN, TOKEN_SECRET];
        if let Some((_, unknown)) = secrets().find(|(name, _)| !known.contains(&name.as_str())) {
            return Err(self.invalid("secrets", unknown.span(), NO_SECRET));
        }
        let OAuth1Table {
            consumer_key,
            token,
            ..
        } = table.get_ref();
        for (name, field) in [(CONSUMER_KEY, consumer_key), (TOKEN, token)] {
            if let Some(field) = field.as_ref().filter(|_| secret(name).is_some()) {
                return Err(self.invalid(&format!("oauth1.{name}"), field.span(), TWICE));
            }
        }
        if consumer_key.is_none() && secret(CONSUMER_KEY).is_none() {
            return Err(self.invalid("oauth1", table.span(), NO_CONSUMER));
        }
        let has_token = token.is_some() || secret(TOKEN).is_some();
        match secret(TOKEN_SECRET) {
            None if has_token => Err(self.invalid("oauth1", table.span(), NO_TOKEN_SECRET)),
            Some((_, secret)) if !has_token => {
                Err(self.invalid("secrets.token_secret", secret.span(), NO_TOKEN))
            }
            _ => Ok(()),
        }
    }
}
