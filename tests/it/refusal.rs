//! The consequences of a refusal.

use std::sync::Arc;

use http::{Request, StatusCode};
use multi_auth::{Anonymous, AuthError, Keyring, NotReplayed, Rejection, TokenRequestProblem};
use multi_auth_testing::Fault;

use crate::adapter::auth_error;
use crate::body::TestBody;
use crate::rig::{ImmutaRig, alphamoon, processes};

const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;

on_every_adapter! {
    async fn a_refused_token_is_refreshed_and_the_request_replayed(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        assert_eq!(rig.client.get(&rig.audit()).await.unwrap().outcome, None);
        rig.server.expire_tokens();

        let answer = rig.client.get(&rig.audit()).await.unwrap();

        let outcome = answer.outcome.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!((outcome.attempts(), outcome.refused_with()), (2, UNAUTHORIZED));
        assert_eq!(outcome.not_replayed(), None);
        assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (2, 3));
        let sent = rig.server.requests_to("/audit");
        assert_ne!(sent[1].header("authorization"), sent[2].header("authorization"));
        assert_eq!(sent[2].header_values("authorization").len(), 1);
    }

    async fn a_second_refusal_is_delivered_and_there_is_no_third_attempt(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.server.inject(Fault::status(UNAUTHORIZED).on("/audit"));

        let answer = rig.client.get(&rig.audit()).await.unwrap();

        let outcome = answer.outcome.unwrap();
        assert_eq!((answer.status, outcome.attempts()), (UNAUTHORIZED, 2));
        assert!(!answer.body.is_empty());
        assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (2, 2));
    }

    async fn many_refusals_of_one_token_cause_one_token_request(adapter: Adapter) {
        let rig = Arc::new(ImmutaRig::start(adapter).await);
        rig.client.get(&rig.audit()).await.unwrap();
        rig.server.expire_tokens();
        let hold = rig.server.hold("/audit");
        let calls: Vec<_> = (0..50).map(|_| {
            let rig = Arc::clone(&rig);
            tokio::spawn(async move { rig.client.get(&rig.audit()).await })
        }).collect();
        hold.arrived(50).await;
        hold.release();

        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().status, StatusCode::OK);
        }
        assert_eq!(rig.server.tokens_issued(), 2);
    }

    async fn after_invalidate_the_next_request_obtains_a_new_token(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.client.get(&rig.audit()).await.unwrap();
        rig.bearer.invalidate();
        assert_eq!(rig.client.get(&rig.audit()).await.unwrap().outcome, None);
        assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (2, 2));
    }

    async fn the_same_token_again_gives_the_caller_the_refusal(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.server.reuse_token(true);
        rig.client.get(&rig.audit()).await.unwrap();
        rig.server.inject(Fault::status(UNAUTHORIZED).on("/audit"));

        let answer = rig.client.get(&rig.audit()).await.unwrap();

        let outcome = answer.outcome.unwrap();
        assert_eq!((answer.status, outcome.attempts()), (UNAUTHORIZED, 1));
        assert_eq!(outcome.not_replayed(), Some(NotReplayed::SameToken));
        assert!(String::from_utf8_lossy(&answer.body).contains("Unauthorized"));
        assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (2, 2));
    }

    async fn a_refresh_that_fails_is_an_error_that_names_both_and_the_next_call_works(adapter: Adapter) {
        let rig = ImmutaRig::impatient(adapter).await;
        rig.client.get(&rig.audit()).await.unwrap();
        rig.server.expire_tokens();
        rig.server.inject(Fault::status(StatusCode::SERVICE_UNAVAILABLE).times(1).on("/bim/apikey"));

        let error = auth_error(rig.client.get(&rig.audit()).await);

        assert!(error.is_transient());
        let AuthError::Refresh { status, cause: source, .. } = error else { panic!("{error:?}") };
        assert_eq!(status, UNAUTHORIZED);
        assert!(matches!(*source, AuthError::TokenRequest { problem: TokenRequestProblem::Status(_), .. }));
        assert_eq!(rig.client.get(&rig.audit()).await.unwrap().status, StatusCode::OK);
    }

    async fn a_refused_token_request_is_an_error_and_not_a_recursion(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.server.revoke_api_key(rig.server.api_key());

        let error = auth_error(rig.client.get(&rig.audit()).await);

        assert!(!error.is_transient());
        assert!(matches!(error, AuthError::TokenRequest { problem: TokenRequestProblem::Refused, .. }));
        assert_eq!(rig.server.request_count(), 1);
    }

    async fn a_declared_status_refreshes_and_an_undeclared_one_does_not(adapter: Adapter) {
        let forbidden = || Fault::status(StatusCode::FORBIDDEN).times(1).on("/audit");
        let usual = ImmutaRig::start(adapter).await;
        usual.server.inject(forbidden());
        let answer = usual.client.get(&usual.audit()).await.unwrap();
        assert_eq!((answer.status, answer.outcome), (StatusCode::FORBIDDEN, None));
        assert_eq!(usual.server.tokens_issued(), 1);

        let statuses = [UNAUTHORIZED, StatusCode::FORBIDDEN];
        let declared = ImmutaRig::with(adapter, |bearer| bearer.refresh_on(statuses).unwrap()).await;
        declared.server.inject(forbidden());
        let answer = declared.client.get(&declared.audit()).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.outcome.unwrap().refused_with(), StatusCode::FORBIDDEN);
        assert_eq!(declared.server.tokens_issued(), 2);
    }

    async fn a_token_that_lacks_a_permission_is_not_refreshed(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        let challenge = r#"Bearer error="insufficient_scope", scope="audit""#;
        let refusal = multi_auth_testing::ScriptedResponse::new(UNAUTHORIZED)
            .with_header("www-authenticate", challenge).unwrap();
        rig.server.inject(Fault::response(refusal).on("/audit"));

        let answer = rig.client.get(&rig.audit()).await.unwrap();

        let why = answer.outcome.unwrap().not_replayed();
        assert_eq!(why, Some(NotReplayed::Rejected(Rejection::InsufficientScope)));
        assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (1, 1));
    }

    async fn a_refusal_of_a_request_without_our_credential_refreshes_nothing(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        let mut request = Request::get(rig.audit()).body(TestBody::default()).unwrap();
        request.extensions_mut().insert(Anonymous);

        let answer = rig.client.send(request).await.unwrap();

        assert_eq!((answer.status, answer.outcome), (UNAUTHORIZED, None));
        assert_eq!(rig.server.tokens_issued(), 0);
    }

    async fn a_refusal_with_no_challenge_or_a_foreign_one_refreshes_too(adapter: Adapter) {
        for challenge in [None, Some("Negotiate"), Some("Digest realm=\"x\", nonce=\"1\"")] {
            let rig = ImmutaRig::start(adapter).await;
            rig.server.set_challenge(challenge.map(http::HeaderValue::from_static));
            rig.client.get(&rig.audit()).await.unwrap();
            rig.server.expire_tokens();
            assert_eq!(rig.client.get(&rig.audit()).await.unwrap().status, StatusCode::OK);
        }
    }

    async fn a_token_that_was_refused_is_not_used_again_while_it_has_life_left(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.server.set_token_lifetime(Some(std::time::Duration::from_secs(86_400)));
        rig.server.announce_expiration(true);
        rig.client.get(&rig.audit()).await.unwrap();
        rig.server.expire_tokens();
        rig.server.inject(Fault::status(StatusCode::SERVICE_UNAVAILABLE).times(1).on("/bim/apikey"));

        assert!(matches!(auth_error(rig.client.get(&rig.audit()).await), AuthError::Refresh { .. }));
        assert_eq!(rig.api_requests(), 2);
    }

    async fn with_refresh_switched_off_the_first_refusal_is_delivered_with_its_body(adapter: Adapter) {
        let rig = ImmutaRig::with(adapter, |bearer| bearer.refresh_on([]).unwrap()).await;
        rig.client.get(&rig.audit()).await.unwrap();
        rig.server.expire_tokens();

        let answer = rig.client.get(&rig.audit()).await.unwrap();

        let why = answer.outcome.unwrap().not_replayed();
        assert_eq!(why, Some(NotReplayed::Rejected(Rejection::RefreshDisabled)));
        assert!(!answer.body.is_empty());
        assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (1, 2));
    }

    async fn many_refusals_cause_few_token_requests(adapter: Adapter) {
        let rig = ImmutaRig::with(adapter, |bearer| {
            bearer.refusal_limit(3, std::time::Duration::from_secs(3600))
        }).await;
        rig.server.inject(Fault::status(UNAUTHORIZED).on("/audit"));
        for _ in 0..20 {
            assert_eq!(rig.client.get(&rig.audit()).await.unwrap().status, UNAUTHORIZED);
        }
        assert_eq!(rig.server.tokens_issued(), 4);
    }

    async fn a_fixed_key_survives_any_number_of_refusals(adapter: Adapter) {
        let (server, client) = alphamoon(adapter).await;
        server.inject(Fault::status(UNAUTHORIZED).times(3).on("/api"));
        for _ in 0..3 {
            let answer = client.get(&processes(&server)).await.unwrap();
            assert_eq!(answer.status, UNAUTHORIZED);
            let why = answer.outcome.unwrap().not_replayed();
            assert_eq!(why, Some(NotReplayed::Rejected(Rejection::FixedKey)));
        }
        assert_eq!(client.get(&processes(&server)).await.unwrap().status, StatusCode::OK);
        assert_eq!(server.request_count(), 4);
    }

    async fn a_refused_request_outside_all_protection_spaces_is_delivered_unchanged(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        let client = adapter.client(&Keyring::builder().build());
        let answer = client.get(&rig.audit()).await.unwrap();
        assert_eq!((answer.status, answer.outcome), (UNAUTHORIZED, None));
        let _ = &rig.keyring;
    }
}
