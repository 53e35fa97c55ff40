//! How the OAuth client of an entry authenticates.

use multi_auth::oauth::Client;
use multi_auth_sign::Algorithm;

use crate::Advice;
use crate::document::{ClientAuth, SchemeName};
use crate::scheme::{ClientAuthSettings, ClientSettings, SigningSettings};
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
                ClientAuth::PrivateKeyJwt => self.assertion(self.signing(&ALGORITHMS, ALGORITHM)?),
                ClientAuth::SecretJwt => {
                    let signing = self.signing(&[], ALGORITHM)?;
                    self.assertion(SigningSettings {
                        algorithm: Algorithm::HS256,
                        ..signing
                    })
                }
            },
        })
    }

    fn assertion(&self, signing: SigningSettings) -> ClientAuthSettings {
        let audience = self.entry.assertion_audience.as_ref();
        ClientAuthSettings::Assertion(signing, audience.map(|audience| audience.get_ref().clone()))
    }

    /// The ID of a client whose grant the key signs, so that it has no secret.
    pub(super) fn client_of_assertion(&self) -> Result<Option<String>> {
        let Some(id) = &self.entry.client_id else {
            return Ok(None);
        };
        self.right("client_id", id, Client::public(id.get_ref()))?;
        Ok(Some(id.get_ref().clone()))
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
}
