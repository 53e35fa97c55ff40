//! Which servers see a client's certificate.

use http::{Request, StatusCode};
use multi_auth::{Anonymous, ApiKey, AuthError, Keyring};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use super::authority::{Authority, ClientCertificate};
use super::bank::shown;
use super::clients::{Others, Trust};
use crate::adapter::{Adapter, Client};
use crate::body::TestBody;

/// An API with a key, and another server. Both ask for a certificate and serve clients without.
struct Rig {
    api: ScriptedServer,
    other: ScriptedServer,
    own: ClientCertificate,
    trust: Trust,
    keyring: Keyring,
}

impl Rig {
    async fn start() -> Self {
        let authority = Authority::new("clients");
        let asking = || {
            let builder = ScriptedServer::builder().https();
            builder
                .request_client_certificate(&authority.root_pem)
                .start()
        };
        let (api, other) = (asking().await.unwrap(), asking().await.unwrap());
        let key = ApiKey::header("x-api-key", "k-1").unwrap();
        Self {
            own: authority.client("my-app"),
            trust: Trust::of([&api, &other]),
            keyring: Keyring::builder().bind(api.url(), key).unwrap().build(),
            api,
            other,
        }
    }

    /// A client whose certificate is limited to the API.
    fn limited(&self, adapter: Adapter) -> Client {
        self.trust.client(adapter, &self.keyring, &[&self.own])
    }

    fn unlimited(&self, adapter: Adapter, others: Others) -> Client {
        self.trust
            .unlimited(adapter, &self.keyring, &self.own, others)
    }

    /// Redirects the next request at `from`.
    fn redirect(from: &ScriptedServer, to: &ScriptedServer) {
        let response = ScriptedResponse::new(StatusCode::TEMPORARY_REDIRECT);
        from.push(response.with_header("location", to.url()).unwrap());
    }

    fn thumbprint(&self) -> String {
        self.own.thumbprint()
    }
}

/// What each request showed to `server`.
fn shown_to(server: &ScriptedServer) -> Vec<Option<String>> {
    server.requests().iter().map(shown).collect()
}

on_each_adapter! {
    async fn a_redirect_to_another_origin_shows_it_no_certificate(adapter: Adapter) {
        let rig = Rig::start().await;
        Rig::redirect(&rig.api, &rig.other);
        let answer = rig.limited(adapter).get(rig.api.url()).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(shown_to(&rig.api), [Some(rig.thumbprint())]);
        assert_eq!(shown_to(&rig.other), [None]);
    }

    async fn one_client_for_all_origins_shows_its_certificate_to_each_server_that_asks(adapter: Adapter) {
        let rig = Rig::start().await;
        Rig::redirect(&rig.api, &rig.other);
        rig.unlimited(adapter, Others::Follow).get(rig.api.url()).await.unwrap();
        assert_eq!(shown_to(&rig.other), [Some(rig.thumbprint())]);
    }

    async fn a_client_that_stops_at_other_origins_does_not_connect_there(adapter: Adapter) {
        let rig = Rig::start().await;
        Rig::redirect(&rig.api, &rig.other);
        let answer = rig.unlimited(adapter, Others::Stop).get(rig.api.url()).await.unwrap();
        assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
        assert_eq!((rig.api.request_count(), rig.other.request_count()), (1, 0));
    }

    async fn a_request_to_another_origin_shows_no_certificate(adapter: Adapter) {
        let rig = Rig::start().await;
        rig.limited(adapter).get(rig.other.url()).await.unwrap();
        assert_eq!(shown_to(&rig.other), [None]);
    }

    /// The other origin must not act in the client's name.
    async fn a_post_that_another_origin_redirects_back_shows_no_certificate(adapter: Adapter) {
        let rig = Rig::start().await;
        Rig::redirect(&rig.api, &rig.other);
        Rig::redirect(&rig.other, &rig.api);
        let body = TestBody::default();
        rig.limited(adapter).post(rig.api.url(), body).await.unwrap();
        assert_eq!(shown_to(&rig.other), [None]);
        assert_eq!(shown_to(&rig.api), [Some(rig.thumbprint()), None]);
    }

    async fn an_anonymous_request_shows_no_certificate(adapter: Adapter) {
        let rig = Rig::start().await;
        let request = Request::get(rig.api.url()).extension(Anonymous);
        let request = request.body(TestBody::default()).unwrap();
        rig.limited(adapter).send(request).await.unwrap();
        assert_eq!(shown_to(&rig.api), [None]);
    }

    async fn a_redirect_within_the_origin_shows_the_certificate_again(adapter: Adapter) {
        let rig = Rig::start().await;
        Rig::redirect(&rig.api, &rig.api);
        rig.limited(adapter).get(rig.api.url()).await.unwrap();
        assert_eq!(shown_to(&rig.api), [Some(rig.thumbprint()), Some(rig.thumbprint())]);
    }
}

#[tokio::test]
async fn a_protection_space_without_a_credential_has_a_client_too() {
    let rig = Rig::start().await;
    let client = guarded_client(Keyring::builder().build());
    let client = client.with_client(rig.trust.reqwest(None));
    let own = rig.trust.reqwest(Some(&rig.own));
    let api = format!("{}/v1", rig.api.url());
    let client = client.with_client_for(&*api, own).unwrap().build().unwrap();
    client.get(format!("{api}/accounts")).send().await.unwrap();
    client.get(format!("{api}0")).send().await.unwrap();
    assert_eq!(shown_to(&rig.api), [Some(rig.thumbprint()), None]);
}

#[test]
fn two_clients_for_one_protection_space_are_an_error() {
    let client = guarded_client(Keyring::builder().build());
    let add = |client: multi_auth_reqwest::GuardedClientBuilder| {
        client.with_client_for("https://bank.example", reqwest::Client::builder())
    };
    let error = add(add(client).unwrap()).unwrap_err();
    assert!(matches!(error, AuthError::Invalid(_)), "{error:?}");
}
