//! How the OAuth client of an entry authenticates.

use multi_auth::oauth::Client;
use multi_auth_sign::Algorithm;

use crate::Advice;
use crate::document::{ClientAuth, SchemeName};
use crate::scheme::ClientSettings;
use crate::vendor::check::{Result, VendorCheck};

const CLIENT_ID: &str = "write the client's ID, as in client_id = \"my-app\"";

const NO_SECRET: Advice = Advice::new(
    "is not used, because the client authenticates with `none`",
    "remove it, or write another `client_auth`",
);

const NOT_PUBLIC: Advice = Advice::new(
    "is `none`, and a public client cannot obtain tokens for itself",
    "write another one, and the client's secret as `key`",
);

const ALGORITHM: Advice = Advice::new(
    "is not an algorithm of `private_key_jwt`",
    "write RS256, PS256, ES256, ES384 or EdDSA",
);

const NO_ASSERTION: Advice = Advice::new(
    "needs client_auth = \"private_key_jwt\"",
    "write it, or remove this field",
);

const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

impl VendorCheck<'_> {
    pub(super) fn oauth_client(&self, scheme: &SchemeName) -> Result<ClientSettings> {
        let entry = self.entry;
        if *scheme == SchemeName::JwtBearer {
            return self.client_of_assertion();
        }
        let id = self.required("client_id", entry.client_id.as_ref(), CLIENT_ID)?;
        self.right("client_id", id, Client::public(id.get_ref()))?;
        let auth = self.client_auth(scheme)?;
        self.refuse_unused(auth)?;
        let text = |field: &Option<toml::Spanned<String>>| {
            field.as_ref().map(|text| text.get_ref().clone())
        };
        Ok(ClientSettings {
            id: id.get_ref().clone(),
            auth,
            algorithm: self.algorithm()?,
            key_id: text(&entry.key_id),
            audience: text(&entry.assertion_audience),
        })
    }

    /// The key signs the grant, so the client has no secret.
    fn client_of_assertion(&self) -> Result<ClientSettings> {
        let id = self.entry.client_id.as_ref();
        if let Some(id) = id {
            self.right("client_id", id, Client::public(id.get_ref()))?;
        }
        Ok(ClientSettings {
            id: id.map(|id| id.get_ref().clone()).unwrap_or_default(),
            auth: ClientAuth::None,
            algorithm: Algorithm::RS256,
            key_id: None,
            audience: None,
        })
    }

    fn client_auth(&self, scheme: &SchemeName) -> Result<ClientAuth> {
        let entry = self.entry;
        let is_public = entry.key.is_none() && *scheme == SchemeName::RefreshToken;
        let Some(auth) = &entry.client_auth else {
            return Ok(if is_public {
                ClientAuth::None
            } else {
                ClientAuth::Basic
            });
        };
        match (*auth.get_ref(), &entry.key) {
            (ClientAuth::None, _) if *scheme == SchemeName::ClientCredentials => {
                Err(self.invalid("client_auth", auth.span(), NOT_PUBLIC))
            }
            (ClientAuth::None, Some(key)) => Err(self.invalid("key", key.span(), NO_SECRET)),
            (auth, _) => Ok(auth),
        }
    }

    fn refuse_unused(&self, auth: ClientAuth) -> Result<()> {
        let entry = self.entry;
        let signs = matches!(auth, ClientAuth::PrivateKeyJwt | ClientAuth::SecretJwt);
        for (field, value, is_used) in [
            (
                "algorithm",
                &entry.algorithm,
                auth == ClientAuth::PrivateKeyJwt,
            ),
            ("key_id", &entry.key_id, signs),
            ("assertion_audience", &entry.assertion_audience, signs),
        ] {
            if let Some(value) = value.as_ref().filter(|_| !is_used) {
                return Err(self.invalid(field, value.span(), NO_ASSERTION));
            }
        }
        Ok(())
    }

    fn algorithm(&self) -> Result<Algorithm> {
        let Some(name) = &self.entry.algorithm else {
            return Ok(Algorithm::RS256);
        };
        let mut all = ALGORITHMS.into_iter();
        let found = all.find(|algorithm| algorithm.to_string() == *name.get_ref());
        found.ok_or_else(|| self.invalid("algorithm", name.span(), ALGORITHM))
    }
}
