//! A separate reqwest client for each of some protection spaces, such as one with a client
//! certificate.

use http::Extensions;
use multi_auth::{
    AuthError, Authenticator, Credential, Keyring, KeyringBuilder, Placement, ProtectionSpace,
    RequestHead,
};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Request};
use reqwest_middleware::{Middleware, Next};

use crate::failed::Sent;
use crate::request::head;

/// Sends the requests of each protection space with the space's own client.
#[derive(Debug)]
pub(crate) struct OwnClients {
    /// Chooses as the keyring of the credentials does.
    spaces: Keyring,
    /// In the order of the bindings of `spaces`.
    clients: Vec<Client>,
}

/// Builds [`OwnClients`].
#[derive(Default)]
pub(crate) struct OwnClientsBuilder {
    spaces: KeyringBuilder,
    clients: Vec<ClientBuilder>,
}

impl OwnClientsBuilder {
    pub(crate) fn add(
        mut self,
        space: ProtectionSpace,
        client: ClientBuilder,
    ) -> Result<Self, AuthError> {
        self.clients.push(client);
        let spaces = self.spaces.bind(space, NoCredential)?;
        Ok(Self { spaces, ..self })
    }

    /// `None` if no client was added.
    pub(crate) fn build(self) -> Result<Option<OwnClients>, reqwest::Error> {
        if self.clients.is_empty() {
            return Ok(None);
        }
        let build = |client: ClientBuilder| client.redirect(Policy::none()).referer(false).build();
        let clients = self.clients.into_iter().map(build);
        Ok(Some(OwnClients {
            spaces: self.spaces.build(),
            clients: clients.collect::<Result<_, _>>()?,
        }))
    }
}

impl OwnClients {
    fn client(&self, request: &Request, extensions: &Extensions) -> Option<&Client> {
        let index = self.spaces.binding_index(&head(request, extensions))?;
        self.clients.get(index)
    }
}

impl Middleware for OwnClients {
    // Written out: `async_trait` would box the future of each request once more.
    fn handle<'a, 'e, 'n, 'f>(
        &'a self,
        request: Request,
        extensions: &'e mut Extensions,
        next: Next<'n>,
    ) -> Sent<'f>
    where
        'a: 'f,
        'e: 'f,
        'n: 'f,
        Self: 'f,
    {
        match self.client(&request, extensions) {
            None => next.run(request, extensions),
            Some(client) => Box::pin(async move { Ok(client.execute(request).await?) }),
        }
    }
}

/// Marks a protection space that has a client.
#[derive(Debug)]
struct NoCredential;

impl Authenticator for NoCredential {
    fn ready(&self, _: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        Some(Ok(Credential::empty()))
    }

    fn placements(&self) -> Vec<Placement> {
        Vec::new()
    }
}
