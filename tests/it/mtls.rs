//! Tokens that are bound to the client certificate of a connection (RFC 8705).

mod authority;
mod bank;
mod clients;
mod nginx;
mod redirected;
mod rotation;

use http::{Request, StatusCode};
use multi_auth::{Account, AuthError, Keyring, ProtectionSpace, TokenRequestProblem};

use self::authority::{Authority, ClientCertificate};
use self::bank::{Bank, shown};
use self::clients::Trust;
use crate::adapter::{Adapter, Client, auth_error};
use crate::body::TestBody;

/// A bank, and a client with a certificate for its tokens and one for its API.
struct Rig {
    bank: Bank,
    client: Client,
}

impl Rig {
    async fn start(
        adapter: Adapter,
        authority: &Authority,
        at_token_endpoint: Option<&ClientCertificate>,
        at_api: &[&ClientCertificate],
    ) -> Self {
        let bank = Bank::start(authority).await;
        let trust = Trust::of([&bank.server]);
        let bearer = bank.bearer(trust.transport(adapter, at_token_endpoint));
        let keyring = Keyring::builder().bind(bank.url(), bearer).unwrap().build();
        let client = trust.client(adapter, &keyring, at_api);
        Self { bank, client }
    }

    async fn get(&self) -> Result<crate::adapter::Answer, tower::BoxError> {
        self.client
            .get(&format!("{}/accounts", self.bank.url()))
            .await
    }
}

on_each_adapter! {
    async fn a_token_is_accepted_on_a_connection_with_the_certificate_it_is_bound_to(adapter: Adapter) {
        let authority = Authority::new("clients");
        let own = authority.client("my-app");
        let rig = Rig::start(adapter, &authority, Some(&own), &[&own]).await;
        let answer = rig.get().await.unwrap();
        assert_eq!((answer.status, answer.body), (StatusCode::OK, own.thumbprint().into()));
        assert_eq!(rig.bank.token_requests(), 1);
    }

    async fn a_token_is_refused_on_a_connection_with_another_certificate(adapter: Adapter) {
        let authority = Authority::new("clients");
        let (own, other) = (authority.client("my-app"), authority.client("my-app"));
        let rig = Rig::start(adapter, &authority, Some(&own), &[&other]).await;
        assert_eq!(rig.get().await.unwrap().status, StatusCode::UNAUTHORIZED);
        assert_eq!(shown(&rig.bank.server.requests_to("/accounts")[0]), Some(other.thumbprint()));
        // A newer token is bound to the same certificate.
        assert_eq!(rig.bank.token_requests(), 2);
    }

    async fn an_api_client_without_a_certificate_is_refused(adapter: Adapter) {
        let authority = Authority::new("clients");
        let own = authority.client("my-app");
        let rig = Rig::start(adapter, &authority, Some(&own), &[]).await;
        rig.get().await.unwrap_err();
        assert_eq!(rig.bank.token_requests(), 1);
        assert_eq!(rig.bank.server.requests_to("/accounts").len(), 0);
    }

    async fn a_token_request_without_a_certificate_is_refused(adapter: Adapter) {
        let authority = Authority::new("clients");
        let own = authority.client("my-app");
        let rig = Rig::start(adapter, &authority, None, &[&own]).await;
        let error = auth_error(rig.get().await);
        assert!(matches!(
            error,
            AuthError::TokenRequest { problem: TokenRequestProblem::Transport(_), .. }
        ), "{error:?}");
        assert_eq!(rig.bank.server.request_count(), 0);
    }

    async fn a_certificate_of_another_authority_is_refused(adapter: Adapter) {
        let authority = Authority::new("clients");
        let own = authority.client("my-app");
        let strange = Authority::new("others").client("my-app");
        let rig = Rig::start(adapter, &authority, Some(&own), &[&strange]).await;
        rig.get().await.unwrap_err();
        assert_eq!(rig.bank.server.requests_to("/accounts").len(), 0);
    }

    async fn each_binding_uses_the_client_with_its_own_certificate(adapter: Adapter) {
        let authority = Authority::new("clients");
        let (a, b) = (authority.client("a"), authority.client("b"));
        let (bank, other) = (Bank::start(&authority).await, Bank::start(&authority).await);
        let trust = Trust::of([&bank.server, &other.server]);
        let bearer = |bank: &Bank, own| bank.bearer(trust.transport(adapter, Some(own)));
        let keyring = Keyring::builder()
            .bind(bank.url(), bearer(&bank, &a)).unwrap()
            .bind(other.url(), bearer(&other, &b)).unwrap()
            .build();
        let client = trust.client(adapter, &keyring, &[&a, &b]);
        for (bank, own) in [(&bank, &a), (&other, &b), (&bank, &a)] {
            let answer = client.get(bank.url()).await.unwrap();
            assert_eq!((answer.status, answer.body), (StatusCode::OK, own.thumbprint().into()));
        }
    }

    async fn each_account_at_one_origin_uses_the_client_with_its_own_certificate(adapter: Adapter) {
        let authority = Authority::new("clients");
        let bank = Bank::start(&authority).await;
        let trust = Trust::of([&bank.server]);
        let accounts = ["north", "south"].map(|name| (Account::new(name), authority.client(name)));
        let mut keyring = Keyring::builder();
        for (account, own) in &accounts {
            let space = ProtectionSpace::new(bank.url()).unwrap().with_account(account.clone());
            keyring = keyring.bind(space, bank.bearer(trust.transport(adapter, Some(own)))).unwrap();
        }
        let client = trust.client(adapter, &keyring.build(), &[&accounts[0].1, &accounts[1].1]);
        for (account, own) in accounts.iter().chain(&accounts) {
            let request = Request::get(bank.url()).extension(account.clone());
            let answer = client.send(request.body(TestBody::default()).unwrap()).await.unwrap();
            assert_eq!((answer.status, answer.body), (StatusCode::OK, own.thumbprint().into()));
        }
    }
}
