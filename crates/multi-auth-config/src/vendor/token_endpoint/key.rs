//! Where a token request carries its key.

use multi_auth::{AuthError, Placement};

use super::Endpoint;
use crate::Advice;
use crate::document::{Format, InnerCredentialTable, InnerScheme, OAuthClient};
use crate::scheme::{InnerCredential, KeyLocation};
use crate::template;
use crate::vendor::check::{Result, VendorCheck};

const NO_PLACE: Advice = Advice::new(
    "has no place for the key",
    "write key_field = \"secret\", client_secret_basic = { client_id = \"my-app\" }, client_secret_post = { client_id = \"my-app\" } or credential = { scheme = \"header\", name = \"x-api-key\" }",
);

const TWO_PLACES: Advice = Advice::new(
    "has two places for the key",
    "write one of `key_field`, `client_secret_basic`, `client_secret_post`, `credential` and `body`",
);

const NO_NAME: Advice = Advice::new(
    "has no name",
    "write the name of the header field, query parameter or cookie, as in name = \"x-api-key\"",
);

const UNUSED: Advice = Advice::new(
    "has a field that its scheme does not use",
    "remove it, or choose another scheme: only `header`, `query` and `cookie` have a name, `authorization` and `header` a prefix, `basic` a user or password",
);

const HALVES: Advice = Advice::new(
    "has both halves, and the key is one of them",
    "remove `user` or `password`",
);

const NOT_XML: Advice = Advice::new(
    "is used with XML only",
    "write format = \"xml\", or use `fields`",
);

const NO_KEY: Advice = Advice::new(
    "has no place for the key",
    "write {key} where the key belongs",
);

impl VendorCheck<'_> {
    pub(super) fn key_place(&self, endpoint: &Endpoint<'_>) -> Result<KeyLocation> {
        let table = endpoint.table;
        let wrong = |advice| Err(self.invalid(&endpoint.path, endpoint.span.clone(), advice));
        let id = |client: &OAuthClient| client.client_id.clone();
        let inner = table.credential.as_ref();
        let inner = inner.map(|inner| self.inner_credential(inner, endpoint));
        let field = table.key_field.as_ref();
        let places = [
            field.map(|field| KeyLocation::Body(names(field))),
            table
                .client_secret_basic
                .as_ref()
                .map(id)
                .map(KeyLocation::ClientSecretBasic),
            table
                .client_secret_post
                .as_ref()
                .map(id)
                .map(KeyLocation::ClientSecretPost),
            inner.transpose()?.map(KeyLocation::Inner),
            table.body.clone().map(KeyLocation::Xml),
        ];
        let mut places = places.into_iter().flatten();
        let place = match (places.next(), places.next()) {
            (Some(place), None) => place,
            (None, _) => return wrong(NO_PLACE),
            (Some(_), Some(_)) => return wrong(TWO_PLACES),
        };
        let body = |advice| Err(self.wrong(endpoint, "body", advice));
        match &place {
            KeyLocation::Xml(_) if table.format != Format::Xml => body(NOT_XML),
            KeyLocation::Xml(text) if !template::names(text).any(|name| name == template::KEY) => {
                body(NO_KEY)
            }
            _ => Ok(place),
        }
    }

    fn inner_credential(
        &self,
        inner: &InnerCredentialTable,
        endpoint: &Endpoint<'_>,
    ) -> Result<InnerCredential> {
        let wrong = |advice| self.wrong(endpoint, "credential", advice);
        if inner.has_unused() {
            return Err(wrong(UNUSED));
        }
        let named = |place: fn(&str) -> std::result::Result<Placement, AuthError>| {
            let name = inner.name.as_deref().ok_or_else(|| wrong(NO_NAME))?;
            place(name).map_err(|problem| wrong(advice_of(&problem)))
        };
        let placement = match inner.scheme {
            InnerScheme::Basic => {
                return match (&inner.user, &inner.password) {
                    (None, None) => Ok(InnerCredential::Pair),
                    (Some(user), None) => Ok(InnerCredential::Password(user.clone())),
                    (None, Some(password)) => Ok(InnerCredential::User(password.clone())),
                    (Some(_), Some(_)) => Err(wrong(HALVES)),
                };
            }
            InnerScheme::Jwt => return Ok(InnerCredential::Jwt(Box::new(self.jwt()?))),
            InnerScheme::Bearer => Placement::bearer(),
            InnerScheme::Authorization => Placement::authorization(),
            InnerScheme::Header => named(Placement::header)?,
            InnerScheme::Query => named(Placement::query)?,
            InnerScheme::Cookie => named(Placement::cookie)?,
        };
        let placement = match &inner.prefix {
            Some(prefix) => placement.with_prefix(prefix.clone()),
            None => Ok(placement),
        };
        let placement = placement.map_err(|problem| wrong(advice_of(&problem)))?;
        Ok(InnerCredential::Placed(placement))
    }
}

fn advice_of(problem: &AuthError) -> Advice {
    Advice::of(problem.fact().into_owned(), problem.remedy().to_string())
}

/// The path to a field: its name, or the steps of its JSON pointer (RFC 6901).
fn names(field: &str) -> Vec<String> {
    match field.strip_prefix('/') {
        Some(steps) => {
            let steps = steps.split('/');
            steps
                .map(|step| step.replace("~1", "/").replace("~0", "~"))
                .collect()
        }
        None => vec![field.to_owned()],
    }
}
