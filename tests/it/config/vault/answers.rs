//! What each of Vault's answers means, through both transports.

use std::error::Error;
use std::sync::Arc;

use http::StatusCode;
use multi_auth::TransportError;
use multi_auth_config::{SecretSource, VaultProblem};
use multi_auth_testing::{Fault, ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::{Late, Rig, problem, status, vault_problem, version};

on_each_adapter! {
    async fn each_response_without_a_key_has_its_own_problem(adapter: Adapter) {
        let deleted = json!({ "data": { "data": null, "metadata": { "deletion_time": "2026-11-21T13:45:10Z" } } });
        let canary = json!({ "api_key": ["canary"], "other": "canary" });
        let version1 = json!({ "data": { "api_key": "canary" } });
        for (name, answer, expected) in [
            ("none", status(404), VaultProblem::NotFound),
            ("deleted", ScriptedResponse::new(StatusCode::NOT_FOUND).with_json(&deleted), VaultProblem::Deleted),
            ("deleted, 200", ScriptedResponse::default().with_json(&deleted), VaultProblem::Deleted),
            ("no field", version(&json!({ "API_KEY": "canary" })), VaultProblem::NoField),
            ("null", version(&json!({ "api_key": null })), VaultProblem::NoField),
            ("a list", version(&canary), VaultProblem::NotText),
            ("version 1", ScriptedResponse::default().with_json(&version1), VaultProblem::NotVersion2),
            ("a number", ScriptedResponse::default().with_json(&json!(7)), VaultProblem::NotVersion2),
            ("sealed", status(503), VaultProblem::Sealed),
            ("limited", status(429), VaultProblem::RateLimited),
            ("a mistake", status(400), VaultProblem::Status(StatusCode::BAD_REQUEST)),
            ("broken", status(500), VaultProblem::Status(StatusCode::INTERNAL_SERVER_ERROR)),
            ("a page", ScriptedResponse::html(), VaultProblem::Html),
            ("cut off", ScriptedResponse::default().with_body("{\"canary\": \"canary"), VaultProblem::NotJson),
            ("empty", ScriptedResponse::default(), VaultProblem::NotJson),
            ("no JSON, 404", ScriptedResponse::new(StatusCode::NOT_FOUND), VaultProblem::NotJson),
            ("endless", ScriptedResponse::default().with_endless_body("canary".repeat(1000)), VaultProblem::TooLarge),
        ] {
            let rig = Rig::start().await;
            rig.server.push(answer);
            assert_eq!(problem(&rig.source(adapter.transport())).await, expected, "{name}");
            assert_eq!(rig.server.request_count(), 1, "{name}");
        }
    }

    async fn a_refusal_names_the_path_that_a_policy_must_allow(adapter: Adapter) {
        let rig = Rig::start().await;
        rig.server.push(status(403));
        let source = rig.source(adapter.transport());
        let error = source.read().await.unwrap_err().to_string();
        assert_eq!(
            error,
            "the secret in Vault is refused (403): renew Vault's token if it has expired, or give it \
             the capability `read` on secret/data/vendors/reports"
        );
    }

    async fn a_redirect_is_not_followed_and_its_target_sees_nothing(adapter: Adapter) {
        let (rig, active) = (Rig::start().await, ScriptedServer::start().await.unwrap());
        let target = format!("{}/v1/secret/data/vendors/reports", active.url());
        let redirect = StatusCode::TEMPORARY_REDIRECT;
        rig.server.push(ScriptedResponse::redirect(redirect, &target).unwrap());
        let source = rig.source(adapter.transport());
        assert_eq!(problem(&source).await, VaultProblem::Redirect(redirect));
        assert_eq!(active.request_count(), 0);
    }

    async fn a_failed_connection_is_an_error_with_its_cause(adapter: Adapter) {
        let rig = Rig::start().await;
        rig.server.inject(Fault::hang_up());
        let error = rig.source(adapter.transport()).read().await.unwrap_err();
        assert_eq!(vault_problem(&error), VaultProblem::Connection);
        let cause = Error::source(&error).unwrap();
        assert!(cause.downcast_ref::<TransportError>().is_some(), "{cause:?}");
    }
}

#[tokio::test]
async fn a_timeout_of_the_transport_has_its_own_problem() {
    let rig = Rig::start().await;
    assert_eq!(
        problem(&rig.source(Arc::new(Late))).await,
        VaultProblem::Timeout
    );
}
