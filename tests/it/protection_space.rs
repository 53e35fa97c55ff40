//! Which request gets which credential.

use std::time::{Duration, SystemTime};

use http::{Request, StatusCode};
use multi_auth::{
    Account, Alphamoon, Anonymous, ApiKey, AuthError, BindingProblem, Keyring, ProtectionSpace,
};
use multi_auth_testing::{AlphamoonSimulator, ScriptedServer};

use crate::adapter::{Client, auth_error};
use crate::body::TestBody;
use crate::rig::{alphamoon, processes};

async fn as_account(
    client: &Client,
    url: &str,
    name: &str,
) -> Result<crate::adapter::Answer, tower::BoxError> {
    let mut request = Request::get(url).body(TestBody::default()).unwrap();
    request.extensions_mut().insert(Account::new(name));
    client.send(request).await
}

on_each_adapter! {
    async fn a_request_names_its_account(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let scope = |name: &str| ProtectionSpace::new(server.url()).unwrap().with_account(Account::new(name));
        let key = |value: &str| ApiKey::header("x-api-key", value).unwrap();
        let keyring = Keyring::builder()
            .bind(scope("north"), key("n-1")).unwrap()
            .bind(scope("south"), key("s-1")).unwrap()
            .build();
        let client = adapter.client(&keyring);

        for (name, expected) in [("north", "n-1"), ("south", "s-1"), ("north", "n-1")] {
            as_account(&client, server.url(), name).await.unwrap();
            assert_eq!(server.requests().last().unwrap().header("x-api-key"), Some(expected));
        }
        let unknown = auth_error(as_account(&client, server.url(), "east").await);
        assert!(matches!(unknown, AuthError::Unbound { problem: BindingProblem::UnknownAccount { account, .. }, .. } if account == "east"));
        let none = auth_error(client.get(server.url()).await);
        assert!(matches!(none, AuthError::Unbound { problem: BindingProblem::AccountRequired, .. }));
        assert_eq!(server.request_count(), 3);
    }

    async fn a_request_opts_out(adapter: Adapter) {
        let (server, client) = alphamoon(adapter).await;
        let mut request = Request::get(processes(&server)).body(TestBody::default()).unwrap();
        request.extensions_mut().insert(Anonymous);
        assert_eq!(client.send(request).await.unwrap().status, StatusCode::UNAUTHORIZED);
        assert_eq!(server.requests()[0].header("authorization"), None);
    }

    async fn a_request_outside_all_protection_spaces_is_unchanged_or_refused_by_choice(adapter: Adapter) {
        let (bound, other) = (ScriptedServer::start().await.unwrap(), ScriptedServer::start().await.unwrap());
        let keyring = |refuse: bool| {
            let key = ApiKey::header("x-api-key", "k-1").unwrap();
            let builder = Keyring::builder().bind(bound.url(), key).unwrap();
            if refuse { builder.refuse_unbound().build() } else { builder.build() }
        };
        adapter.client(&keyring(false)).get(other.url()).await.unwrap();
        assert_eq!(other.requests()[0].header("x-api-key"), None);

        let refused = auth_error(adapter.client(&keyring(true)).get(other.url()).await);
        assert!(matches!(refused, AuthError::Unbound { .. }));
        assert_eq!(other.request_count(), 1);
    }

    async fn a_process_key_serves_its_process_and_the_organizations_key_the_rest(adapter: Adapter) {
        let server = AlphamoonSimulator::start().await.unwrap();
        let vendor = Alphamoon::new(server.url()).unwrap();
        let keyring = Keyring::builder()
            .bind(vendor.protection_space(), vendor.organization_key(server.organization_key()).unwrap()).unwrap()
            .bind_all(
                vendor.process_protection_spaces(server.process_id()).unwrap(),
                vendor.process_key(server.process_key()).unwrap(),
            ).unwrap()
            .build();
        let client = adapter.client(&keyring);
        let reset = |process: &str| format!("{}/api/v0.3/processes/{process}/config/reset", server.url());

        for process in [server.process_id(), server.other_process_id()] {
            let answer = client.post(&reset(process), TestBody::default()).await.unwrap();
            assert!(answer.status.is_success(), "{process}: {}", answer.status);
        }
        client.get(&processes(&server)).await.unwrap();
        let sent: Vec<_> = server.requests().iter().map(|r| r.header("authorization").unwrap().to_owned()).collect();
        assert_ne!(sent[0], sent[1]);
        assert_eq!(sent[1], sent[2]);
    }

    async fn a_key_past_its_expiry_is_reported_and_not_sent(adapter: Adapter) {
        let server = AlphamoonSimulator::start().await.unwrap();
        let vendor = Alphamoon::new(server.url()).unwrap();
        let expired = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        let key = vendor.organization_key(server.organization_key()).unwrap().with_expiry(expired);
        let keyring = Keyring::builder().bind(vendor.protection_space(), key).unwrap().build();

        let error = auth_error(adapter.client(&keyring).get(&processes(&server)).await);

        assert!(matches!(error, AuthError::KeyExpired { what: "Alphamoon key", .. }), "{error:?}");
        assert_eq!(server.request_count(), 0);
    }
}
