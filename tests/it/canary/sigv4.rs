//! AWS Signature Version 4.

use std::time::Duration;

use http::{HeaderMap, Method, Request, StatusCode};
use multi_auth::{Authenticator, RequestHead, ResponseHead, source_fn};
use multi_auth_sign::{AwsCredentials, SigV4};
use url::Url;

use super::{Ledger, key, token};

fn credentials() -> AwsCredentials {
    let credentials = AwsCredentials::new("AKIDEXAMPLE", key()).unwrap();
    credentials.with_session_token(token()).unwrap()
}

pub(super) async fn look(ledger: &mut Ledger) {
    ledger.see_debug("AwsCredentials::new", &credentials());
    ledger.see_debug("AwsCredentials::into_token", &credentials().into_token());
    let fixed = SigV4::new("eu-central-1", "s3", credentials()).unwrap();
    ledger.see_debug("SigV4::new", &fixed);
    let builder = SigV4::builder("eu-central-1", "s3").unsigned_payload();
    ledger.see_debug("SigV4Builder of SigV4::builder", &builder);
    let source = source_fn(|| async { Ok(credentials().into_token()) });
    let refreshed = builder.build_with_source(source).unwrap();
    ledger.see_debug("SigV4, refreshed", &refreshed);

    let request = Request::get("https://b.s3.eu-central-1.amazonaws.com/k").body(());
    let (parts, ()) = request.unwrap().into_parts();
    let head = RequestHead::from_parts(&parts);
    for scheme in [&fixed, &refreshed] {
        let credential = scheme.authenticate(&head).await.unwrap();
        ledger.see_debug("SigV4, a credential", &credential);
        let mut signed = parts.clone();
        credential.clone().attach(&mut signed).unwrap();
        ledger.see_debug("SigV4, a signed request", &signed);
        let headers = HeaderMap::new();
        let response = ResponseHead::new(StatusCode::FORBIDDEN, &headers);
        ledger.see_debug(
            "SigV4, a verdict",
            &scheme.judge(credential.id(), &response),
        );
    }
    let url = Url::parse("https://b.s3.eu-central-1.amazonaws.com/k").unwrap();
    let presigned = fixed
        .presign(&Method::GET, &url, Duration::from_secs(60))
        .await;
    ledger.see_debug("SigV4, presigned", &presigned.unwrap());
    let presigned = fixed.presign(&Method::GET, &url, Duration::ZERO).await;
    ledger.see_error("SigV4, presigned for no time", &presigned.unwrap_err());

    for (site, secret) in [("a line break", key() + "\n"), ("a space", key() + " x")] {
        let error = AwsCredentials::new("AKIDEXAMPLE", secret).unwrap_err();
        ledger.see_error(format!("AwsCredentials, {site}"), &error);
        let error = AwsCredentials::new(&(key() + " "), "s").unwrap_err();
        ledger.see_error(format!("AwsCredentials, {site} in the ID"), &error);
    }
    for (region, service) in [
        (key(), "s3".to_owned()),
        ("eu-central-1".to_owned(), key() + "!"),
    ] {
        let error = SigV4::new(&region, &service, credentials()).map(|_| ());
        if let Err(error) = error {
            ledger.see_error("SigV4, not a name", &error);
        }
    }
}
