//! Where the endpoints of an entry's authorization server are.

use multi_auth::ProtectionSpace;
use toml::Spanned;

use crate::Advice;
use crate::scheme::{AuthorizationServer, ServerUrls};
use crate::vendor::check::{Result, VendorCheck};

const TOKEN_URL: &str = "write the token endpoint, as in token_url = \"https://login.example.com/oauth2/token\", or its `issuer`";

const BOTH: Advice = Advice::new(
    "cannot be combined with the URL of an endpoint, which its metadata names",
    "remove one of them",
);

const NO_ISSUER: Advice = Advice::new(
    "needs `issuer`, whose metadata names the endpoints",
    "write `issuer`, or remove it",
);

impl VendorCheck<'_> {
    pub(super) fn authorization_server(&self) -> Result<AuthorizationServer> {
        let entry = self.entry;
        match (&entry.issuer, &entry.endpoint_origins) {
            (Some(issuer), origins) => {
                self.refuse_urls()?;
                self.right("issuer", issuer, ProtectionSpace::new(issuer.get_ref()))?;
                let mut allowed = Vec::new();
                for origin in origins.iter().flatten() {
                    let space = ProtectionSpace::new(origin.get_ref());
                    self.right("endpoint_origins", origin, space)?;
                    allowed.push(origin.get_ref().clone());
                }
                let issuer = issuer.get_ref().clone();
                Ok(AuthorizationServer::Issuer(issuer, allowed))
            }
            (None, Some(origins)) => {
                let span = origins.first().map_or(self.span.clone(), Spanned::span);
                Err(self.invalid("endpoint_origins", span, NO_ISSUER))
            }
            (None, None) => Ok(AuthorizationServer::Urls(self.server_urls()?)),
        }
    }

    fn server_urls(&self) -> Result<ServerUrls> {
        let entry = self.entry;
        let url = |field, url: &Option<Spanned<String>>| {
            let Some(url) = url else { return Ok(None) };
            self.right(field, url, ProtectionSpace::new(url.get_ref()))?;
            Ok(Some(url.get_ref().clone()))
        };
        self.required("token_url", entry.token_url.as_ref(), TOKEN_URL)?;
        Ok(ServerUrls {
            token: url("token_url", &entry.token_url)?.unwrap_or_default(),
            authorization: url("authorization_url", &entry.authorization_url)?,
            device_authorization: url("device_authorization_url", &entry.device_authorization_url)?,
            revocation: url("revocation_url", &entry.revocation_url)?,
        })
    }

    /// The metadata of the issuer names all endpoints.
    fn refuse_urls(&self) -> Result<()> {
        let entry = self.entry;
        let mut urls = [
            &entry.token_url,
            &entry.authorization_url,
            &entry.device_authorization_url,
            &entry.revocation_url,
        ]
        .into_iter()
        .flatten();
        match (urls.next(), &entry.issuer) {
            (Some(_), Some(issuer)) => Err(self.invalid("issuer", issuer.span(), BOTH)),
            _ => Ok(()),
        }
    }
}
