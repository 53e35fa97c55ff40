//! A scripted vendor, with a fixed key or with tokens.

use std::sync::Mutex;

use multi_auth::{
    ApiKey, AuthError, Authenticator, Bearer, BearerBuilder, Keyring, ProtectionSpace, Token,
    source_fn,
};
use multi_auth_testing::ScriptedServer;

use crate::adapter::{Adapter, Client};

/// One vendor, called `warehouse`, through one adapter.
pub(crate) struct Stage {
    pub(crate) server: ScriptedServer,
    pub(crate) client: Client,
}

impl Stage {
    pub(crate) async fn with_key(adapter: Adapter) -> Self {
        Self::start(adapter, ApiKey::header("x-key", "k-1").unwrap()).await
    }

    pub(crate) async fn start(adapter: Adapter, scheme: impl Authenticator + 'static) -> Self {
        let server = ScriptedServer::start().await.unwrap();
        let keyring = Keyring::builder().bind(labelled(&server), scheme).unwrap();
        let client = adapter.client(&keyring.build());
        Self { server, client }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/v1", self.server.url())
    }
}

pub(crate) fn labelled(server: &ScriptedServer) -> ProtectionSpace {
    ProtectionSpace::new(server.url())
        .unwrap()
        .with_label("warehouse")
}

/// Tokens as `answers` says, one after the other.
pub(crate) fn tokens(answers: Vec<Result<Token, AuthError>>) -> BearerBuilder {
    let answers = Mutex::new(answers.into_iter());
    let source = source_fn(move || {
        let next = answers
            .lock()
            .unwrap()
            .next()
            .expect("another token request");
        async move { next }
    });
    Bearer::builder(source).label("warehouse")
}
