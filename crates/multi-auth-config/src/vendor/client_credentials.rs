//! The client credentials grant, as an entry describes it.

use multi_auth::ProtectionSpace;
use multi_auth::oauth::{Client, Encoding, Grant};

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::document::{ParameterPlace, SchemeName};
use crate::scheme::{AuthorizationServer, ClientCredentialsSettings, Scheme};

const TOKEN_URL: &str = "write the token endpoint, as in token_url = \"https://login.example.com/oauth2/token\", or its `issuer`";

const CLIENT_ID: &str = "write the client's ID, as in client_id = \"my-app\"";

const BOTH: Advice = Advice::new(
    "cannot be combined with `token_url`, which it replaces",
    "remove one of them",
);

const NO_ISSUER: Advice = Advice::new(
    "needs `issuer`, whose metadata names the endpoints",
    "write `issuer`, or remove it",
);

const SET_BY_OTHERS: Advice = Advice::new(
    "sets a parameter that another field sets",
    "remove it, and use `scope`, `audience`, `resource`, `client_id` or `client_auth`",
);

/// Parameters with a field of their own.
const OWN_FIELDS: [&str; 8] = [
    "grant_type",
    "scope",
    "audience",
    "resource",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

impl VendorCheck<'_> {
    /// The client credentials grant (RFC 6749, 4.4).
    pub(super) fn client_credentials(&self) -> Result<Scheme> {
        let server = self.authorization_server()?;
        let client_id = self.required("client_id", self.entry.client_id.as_ref(), CLIENT_ID)?;
        self.right("client_id", client_id, Client::public(client_id.get_ref()))?;
        let client_auth = self.entry.client_auth.as_ref();
        let settings = ClientCredentialsSettings {
            server,
            client_id: client_id.get_ref().clone(),
            client_auth: client_auth.map(|auth| *auth.get_ref()).unwrap_or_default(),
            grant: self.grant()?,
            placement: self.placement(&SchemeName::ClientCredentials)?,
        };
        Ok(Scheme::ClientCredentials(Box::new(settings)))
    }

    fn authorization_server(&self) -> Result<AuthorizationServer> {
        let entry = self.entry;
        match (&entry.issuer, &entry.endpoint_origins) {
            (Some(issuer), _) if entry.token_url.is_some() => {
                Err(self.invalid("issuer", issuer.span(), BOTH))
            }
            (Some(issuer), origins) => {
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
                let span = origins
                    .first()
                    .map_or(self.span.clone(), toml::Spanned::span);
                Err(self.invalid("endpoint_origins", span, NO_ISSUER))
            }
            (None, None) => {
                let url = self.required("token_url", entry.token_url.as_ref(), TOKEN_URL)?;
                self.right("token_url", url, ProtectionSpace::new(url.get_ref()))?;
                Ok(AuthorizationServer::TokenUrl(url.get_ref().clone()))
            }
        }
    }

    fn grant(&self) -> Result<Grant> {
        let entry = self.entry;
        let mut grant = Grant::client_credentials();
        if let Some(scope) = &entry.scope {
            grant = grant.with_parameter("scope", scope.get_ref().as_str());
        }
        if let Some(audience) = &entry.audience {
            grant = grant.with_audience(audience.get_ref());
        }
        for resource in entry.resource.iter().flatten() {
            grant = grant.with_resource(resource);
        }
        if let Some(parameters) = &entry.parameters {
            for (name, value) in parameters.get_ref() {
                if OWN_FIELDS.contains(&name.as_str()) {
                    return Err(self.invalid("parameters", parameters.span(), SET_BY_OTHERS));
                }
                grant = grant.with_parameter(name, value.as_str());
            }
        }
        let place = entry.parameters_in.as_ref();
        Ok(grant.with_encoding(
            match place.map(|place| *place.get_ref()).unwrap_or_default() {
                ParameterPlace::Form => Encoding::Form,
                ParameterPlace::Json => Encoding::Json,
                ParameterPlace::Query => Encoding::Query,
            },
        ))
    }
}
