//! How the OAuth client of an entry authenticates.

use multi_auth::oauth::Client;
use multi_auth_sign::Algorithm;
use toml::Spanned;

use crate::Advice;
use crate::document::{ClientAuth, SchemeName};
use crate::scheme::{
    AssertionSettings, CLIENT_SECRET, ClientAuthSettings, ClientSettings, SigningSettings,
};
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
    "write RS256, PS256, PS512, ES256, ES384 or EdDSA",
);

const NO_ASSERTION: Advice = Advice::new(
    "needs client_auth = \"private_key_jwt\"",
    "write it, or remove this field",
);

const USUAL_CLAIMS: Advice = Advice::new(
    "sets a claim that client authentication sets",
    "remove `issuer`, `subject`, `audience` and `random_id`, and use `assertion_audience`",
);

const SECRET_BESIDES: Advice = Advice::new(
    "needs the client's secret, because the key signs the assertion",
    "write client_secret_post or client_secret_basic, and secrets = { client_secret = { env = \"CLIENT_SECRET\" } }",
);

const OTHER_SECRET: Advice = Advice::new(
    "has a secret that this scheme does not use",
    "write client_secret, or remove it",
);

const NO_CLIENT: Advice = Advice::new("needs `client_id`", "write the client's ID, or remove it");

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

impl VendorCheck<'_> {
    pub(super) fn oauth_client(&self, scheme: &SchemeName) -> Result<ClientSettings> {
        let id = self.required("client_id", self.entry.client_id.as_ref(), CLIENT_ID)?;
        self.right("client_id", id, Client::public(id.get_ref()))?;
        let auth = self.client_auth(scheme)?;
        self.refuse_unused(auth)?;
        Ok(ClientSettings {
            id: id.get_ref().clone(),
            auth: match auth {
                ClientAuth::Basic => ClientAuthSettings::Basic,
                ClientAuth::BasicUnencoded => ClientAuthSettings::BasicUnencoded,
                ClientAuth::Post => ClientAuthSettings::Post,
                ClientAuth::None => ClientAuthSettings::None,
                ClientAuth::PrivateKeyJwt => {
                    self.assertion(self.signing(&ALGORITHMS, ALGORITHM)?)?
                }
                ClientAuth::SecretJwt => self.assertion(self.signing_with(Algorithm::HS256)?)?,
            },
        })
    }

    fn assertion(&self, signing: SigningSettings) -> Result<ClientAuthSettings> {
        let audience = self.entry.assertion_audience.as_ref();
        let audience = audience.map(|audience| audience.get_ref().clone());
        let settings = match &self.entry.jwt {
            None => AssertionSettings::Plain(signing),
            Some(table) => {
                let jwt = self.jwt_of(table, signing)?;
                let is_set = [&jwt.issuer, &jwt.subject, &jwt.audience];
                if is_set.iter().any(|claim| claim.is_some()) || jwt.random_id {
                    return Err(self.invalid("jwt", table.span(), USUAL_CLAIMS));
                }
                AssertionSettings::Custom(Box::new(jwt))
            }
        };
        Ok(ClientAuthSettings::Assertion(settings, audience))
    }

    /// The client of a grant that the key signs. It may have a secret besides.
    pub(super) fn client_of_assertion(&self) -> Result<Option<ClientSettings>> {
        let entry = self.entry;
        let others = entry.secrets.iter().flatten();
        let mut others = others.filter(|(name, _)| *name != CLIENT_SECRET);
        if let Some((_, other)) = others.next() {
            return Err(self.invalid("secrets", other.span(), OTHER_SECRET));
        }
        let secret = entry
            .secrets
            .as_ref()
            .and_then(|others| others.get(CLIENT_SECRET));
        let auth = entry.client_auth.as_ref();
        let auth_settings = match (auth.map(|auth| *auth.get_ref()), secret) {
            (None | Some(ClientAuth::None), None) => ClientAuthSettings::None,
            (None | Some(ClientAuth::Post), Some(_)) => ClientAuthSettings::Post,
            (Some(ClientAuth::Basic), Some(_)) => ClientAuthSettings::Basic,
            (Some(ClientAuth::BasicUnencoded), Some(_)) => ClientAuthSettings::BasicUnencoded,
            (Some(_), _) => {
                let span = auth.map_or(self.span.clone(), Spanned::span);
                return Err(self.invalid("client_auth", span, SECRET_BESIDES));
            }
        };
        let Some(id) = &entry.client_id else {
            return match secret {
                Some(secret) => Err(self.invalid("secrets", secret.span(), NO_CLIENT)),
                None => Ok(None),
            };
        };
        self.right("client_id", id, Client::public(id.get_ref()))?;
        Ok(Some(ClientSettings {
            id: id.get_ref().clone(),
            auth: auth_settings,
        }))
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
        if let Some(encoding) = &entry.key_encoding
            && auth != ClientAuth::SecretJwt
            && auth != ClientAuth::PrivateKeyJwt
        {
            return Err(self.invalid("key_encoding", encoding.span(), NO_ASSERTION));
        }
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
}
