//! Requests signed for AWS, at moto.

use serde_json::Value;

use super::Server;
use crate::program::{Home, Run};

/// What `check` says about a key of the user, whose buckets are listed.
async fn check(told: &Value, service: &str, region: &str, secret: &str) -> Run {
    let (url, id) = (
        told["url"].as_str().unwrap(),
        told["user"][0].as_str().unwrap(),
    );
    let home = Home::new(&format!(
        "[vendors.aws]\nurl = '{url}'\nscheme = 'aws_sigv4'\nverify = ''\nkey = {{ file = 'key' }}\n\
         sigv4 = {{ region = '{region}', service = '{service}', access_key_id = '{id}' }}\n"
    ));
    home.secret("key", secret);
    home.run(&["check", "--json"]).await
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_key_of_aws_is_accepted_and_a_wrong_one_is_named() {
    let moto = Server::moto().await;
    let told: Value = serde_json::from_str(&moto.issuer).unwrap();
    let secret = told["user"][1].as_str().unwrap();
    let run = check(&told, "s3", "us-east-1", secret).await;
    let vendor = &run.json()["vendors"][0];
    assert_eq!(vendor["status"], "accepted", "{run:?}");
    assert_eq!(vendor["sends"][0], "Authorization: AWS4-HMAC-SHA256 ****");
    assert!(!run.shown().contains(secret));

    let run = check(&told, "s3", "us-east-1", &"canary".repeat(7)).await;
    assert_eq!(
        run.json()["vendors"][0]["error"]["code"],
        "refused-key",
        "{run:?}"
    );
    run.shows_no_key();
}
