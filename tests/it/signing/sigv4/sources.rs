//! Credentials of moto's STS and instance metadata.

use multi_auth::{BodyView, RequestHead, TokenSource};
use multi_auth_reqwest::ReqwestTransport;
use multi_auth_sign::{AwsInstanceMetadata, AwsWebIdentity};

use super::peers::Moto;
use super::*;

/// Whether moto checks signatures from now on. It fails to answer an unsigned request if it does.
async fn check_signatures(moto: &Moto, check: bool) {
    let url = format!("{}/moto-api/reset-auth", moto.url);
    let request = reqwest::Client::new().post(url);
    let request = request.header("content-type", "text/plain");
    let request = request.body(if check { "0" } else { "1000000" });
    request.send().await.unwrap().error_for_status().unwrap();
}

#[tokio::test]
#[ignore = "needs moto"]
async fn a_role_that_moto_gives_for_a_web_identity_signs_requests() {
    let moto = Moto::start();
    check_signatures(&moto, false).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "header.claims.signature").unwrap();
    let transport = ReqwestTransport::new().unwrap();
    let source = AwsWebIdentity::new("us-east-1", &moto.role_arn, &file, transport).unwrap();
    let source = source.with_endpoint(&moto.url).unwrap();
    let signer = SigV4::builder("us-east-1", "sts")
        .build_with_source(source)
        .unwrap();
    let keyring = Keyring::builder().bind(&*moto.url, signer).unwrap().build();
    // The role is obtained before moto checks signatures.
    let (parts, ()) = Request::get(&*moto.url).body(()).unwrap().into_parts();
    let head = RequestHead::from_parts(&parts).with_body(BodyView::Empty);
    keyring.authenticate(&head).await.unwrap();
    check_signatures(&moto, true).await;
    let client = multi_auth_reqwest::guarded_client(keyring).build().unwrap();
    let request = client
        .post(&moto.url)
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = request
        .body("Action=GetCallerIdentity&Version=2011-06-15")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("assumed-role/reader/multi-auth")
    );
}

#[tokio::test]
#[ignore = "needs moto"]
async fn motos_instance_metadata_gives_credentials_that_expire() {
    let moto = Moto::start();
    let transport = ReqwestTransport::new().unwrap();
    let source = AwsInstanceMetadata::at_loopback(&moto.url, transport).unwrap();
    let token = source.token().await.unwrap();
    assert!(token.lifetime().is_some() || token.expiry().is_some());
}
