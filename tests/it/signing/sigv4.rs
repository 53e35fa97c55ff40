//! AWS Signature Version 4 through the adapters.

mod peers;
mod sources;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, StatusCode};
use multi_auth::{AuthError, Keyring, source_fn};
use multi_auth_sign::{AwsCredentials, SigV4};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};

use secrecy::ExposeSecret;

use super::clock::At;
use crate::adapter::{Adapter, Client, auth_error};
use crate::body::TestBody;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// 2015-08-30, 12:36, the time of AWS's examples.
const EXAMPLE: u64 = 1_440_938_160;

fn credentials() -> AwsCredentials {
    AwsCredentials::new("AKIDEXAMPLE", SECRET).unwrap()
}

fn signer(service: &str) -> SigV4 {
    let builder = SigV4::builder("us-east-1", service).clock(Arc::new(At(EXAMPLE)));
    builder.build(credentials()).unwrap()
}

fn client(adapter: Adapter, server: &ScriptedServer, signer: SigV4) -> Client {
    let keyring = Keyring::builder()
        .bind(server.url(), signer)
        .unwrap()
        .build();
    adapter.client(&keyring)
}

/// The names of the signed fields.
fn signed_names(request: &RecordedRequest) -> String {
    let authorization = request.header("authorization").unwrap();
    let (_, names) = authorization.split_once("SignedHeaders=").unwrap();
    names.split(',').next().unwrap().to_owned()
}

on_each_adapter! {
    async fn a_signature_covers_the_fields_and_the_body_of_the_request(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, &server, signer("execute-api"));
        let request = Request::post(format!("{}/v1/items?b=2&a=1", server.url()))
            .header("content-type", "application/json")
            .header("x-amz-target", "List")
            .header("user-agent", "mine/1")
            .body(TestBody::whole("{}")).unwrap();
        client.send(request).await.unwrap();

        let sent = server.requests().pop().unwrap();
        assert_eq!(sent.header("x-amz-date"), Some("20150830T123600Z"));
        assert_eq!(signed_names(&sent), "content-type;host;x-amz-date;x-amz-target");
        assert_eq!(sent.header("x-amz-content-sha256"), None);
        let scope = "Credential=AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request";
        assert!(sent.header("authorization").unwrap().contains(scope));
    }

    async fn a_request_that_the_caller_signed_is_sent_as_it_is(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, &server, signer("s3"));
        for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
            let request = Request::get(server.url()).header(name, "own").body(TestBody::default());
            client.send(request.unwrap()).await.unwrap();
            let sent = server.requests().pop().unwrap();
            let fields = ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
            let present: Vec<_> = fields.into_iter().filter(|field| sent.header(field).is_some()).collect();
            assert_eq!(present, [name]);
        }
    }

    async fn the_hash_of_the_caller_is_signed_in_place_of_the_body(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, &server, signer("s3"));
        let put = |hash: &str| {
            let request = Request::put(server.url()).header("x-amz-content-sha256", hash);
            client.send(request.body(TestBody::stream("abc")).unwrap())
        };
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        put(hash).await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!(sent.header_values("x-amz-content-sha256"), [hash]);
        assert_eq!(signed_names(&sent), "host;x-amz-content-sha256;x-amz-date");
        let error = auth_error(put("abc").await);
        assert!(error.to_string().contains("is no hash"), "{error}");
    }

    async fn a_stream_is_an_error_that_names_the_choices(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        // S3 takes an unsigned body over https only.
        for service in ["execute-api", "s3"] {
            let client = client(adapter, &server, signer(service));
            let error = auth_error(client.post(server.url(), TestBody::stream("abc")).await);
            let shown = error.to_string();
            for choice in ["as bytes", "X-Amz-Content-Sha256", "unsigned_payload"] {
                assert!(shown.contains(choice), "{shown}");
            }
        }
        assert_eq!(server.request_count(), 0);
        let unsigned = SigV4::builder("us-east-1", "s3").unsigned_payload();
        let client = client(adapter, &server, unsigned.build(credentials()).unwrap());
        client.post(server.url(), TestBody::stream("abc")).await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!(sent.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
        assert_eq!(sent.text(), "abc");
    }

    async fn a_clock_that_is_off_is_corrected_by_a_refusal_once(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, &server, signer("execute-api"));
        let refusal = |date: &str| {
            let refusal = ScriptedResponse::new(StatusCode::FORBIDDEN);
            let refusal = refusal.with_header("x-amzn-requestid", "1").unwrap();
            refusal.with_header("date", date).unwrap()
        };
        server.push(refusal("Sun, 30 Aug 2015 13:36:00 GMT"));
        let answer = client.post(server.url(), TestBody::whole("{}")).await.unwrap();
        assert_eq!((answer.status, answer.outcome.unwrap().attempts()), (StatusCode::OK, 2));
        let dates: Vec<_> = server.requests().iter().map(|sent| sent.header("x-amz-date").unwrap().to_owned()).collect();
        assert_eq!(dates, ["20150830T123600Z", "20150830T133600Z"]);

        // A refusal with the right time has another reason. One with an age, of a service behind
        // AWS, or for a named reason says nothing.
        server.push(refusal("Sun, 30 Aug 2015 13:35:00 GMT"));
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::FORBIDDEN);
        server.push(refusal("Sun, 30 Aug 2015 20:00:00 GMT").with_header("age", "60").unwrap());
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::FORBIDDEN);
        let other = ScriptedResponse::new(StatusCode::FORBIDDEN);
        server.push(other.with_header("date", "Sun, 30 Aug 2015 20:00:00 GMT").unwrap());
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::FORBIDDEN);
        let denied = refusal("Sun, 30 Aug 2015 20:00:00 GMT");
        server.push(denied.with_header("x-amzn-errortype", "AccessDeniedException").unwrap());
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::FORBIDDEN);
        assert_eq!(server.request_count(), 6);
    }

    async fn all_requests_that_were_signed_before_a_correction_are_signed_again(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(|request: &RecordedRequest| {
            if request.header("x-amz-date") == Some("20150830T133600Z") {
                return ScriptedResponse::new(StatusCode::OK);
            }
            ScriptedResponse::new(StatusCode::FORBIDDEN)
                .with_header("x-amzn-errortype", "InvalidSignatureException").unwrap()
                .with_header("date", "Sun, 30 Aug 2015 13:36:00 GMT").unwrap()
        });
        let client = client(adapter, &server, signer("execute-api"));
        let hold = server.hold("/");
        let calls: Vec<_> = (0..20).map(|_| {
            let (client, url) = (client.clone(), server.url().to_owned());
            tokio::spawn(async move { client.get(&url).await })
        }).collect();
        hold.arrived(20).await;
        hold.release();
        for call in calls {
            let answer = call.await.unwrap().unwrap();
            assert_eq!((answer.status, answer.outcome.unwrap().attempts()), (StatusCode::OK, 2));
        }
        assert_eq!(server.request_count(), 40);
    }

    async fn a_presigned_url_is_sent_as_it_is(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let s3 = signer("s3");
        let url = format!("{}/report.pdf?x=1", server.url()).parse().unwrap();
        let signed = s3.presign(&http::Method::GET, &url, Duration::from_secs(60)).await.unwrap();
        client(adapter, &server, s3).get(signed.expose_secret()).await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!((sent.header("authorization"), sent.header("x-amz-date")), (None, None));
        assert!(sent.query.unwrap().contains("X-Amz-Signature="));
    }

    async fn a_vendor_whose_clock_runs_away_gets_one_replay(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let hours = AtomicUsize::new(13);
        server.respond_with(move |_: &RecordedRequest| {
            let date = format!("Sun, 30 Aug 2015 {}:00:00 GMT", hours.fetch_add(1, Ordering::Relaxed));
            let refusal = ScriptedResponse::new(StatusCode::FORBIDDEN);
            let refusal = refusal.with_header("x-amzn-requestid", "1").unwrap();
            refusal.with_header("date", &date).unwrap()
        });
        let client = client(adapter, &server, signer("execute-api"));
        assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::FORBIDDEN);
        assert_eq!(server.request_count(), 2);
    }

    async fn a_session_that_has_expired_is_renewed(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let issued = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&issued);
        let source = source_fn(move || {
            let number = count.fetch_add(1, Ordering::Relaxed);
            let session = AwsCredentials::new("ASIAEXAMPLE", format!("secret-{number}")).unwrap();
            let session = session.with_session_token(format!("session-{number}")).unwrap();
            async { Ok(session.into_token()) }
        });
        let signer = SigV4::builder("us-east-1", "execute-api").build_with_source(source).unwrap();
        let client = client(adapter, &server, signer);
        client.get(server.url()).await.unwrap();
        client.get(server.url()).await.unwrap();
        server.push(ScriptedResponse::new(StatusCode::BAD_REQUEST)
            .with_header("x-amzn-errortype", "com.amazon#ExpiredTokenException:http://i").unwrap());
        let answer = client.get(server.url()).await.unwrap();
        assert_eq!((answer.status, answer.outcome.unwrap().attempts()), (StatusCode::OK, 2));
        let tokens: Vec<_> = server.requests().iter().map(|sent| sent.header("x-amz-security-token").unwrap().to_owned()).collect();
        assert_eq!(tokens, ["session-0", "session-0", "session-0", "session-1"]);
        assert_eq!(issued.load(Ordering::Relaxed), 2);
        // Every signature covers its token.
        assert!(server.requests().iter().all(|sent| signed_names(sent).contains("x-amz-security-token")));
    }

    async fn a_session_that_a_json_body_calls_expired_is_renewed(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let issued = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&issued);
        let source = source_fn(move || {
            let number = count.fetch_add(1, Ordering::Relaxed);
            let session = AwsCredentials::new("ASIAEXAMPLE", format!("secret-{number}")).unwrap();
            let session = session.with_session_token(format!("session-{number}")).unwrap();
            async { Ok(session.into_token()) }
        });
        let dynamodb = SigV4::builder("us-east-1", "dynamodb").read_json_errors();
        let signer = dynamodb.build_with_source(source).unwrap();
        let keyring = Keyring::builder().bind(server.url(), signer).unwrap().build();
        let client = adapter.client(&keyring);
        client.get(server.url()).await.unwrap();
        let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ExpiredTokenException"}"#;
        server.push(ScriptedResponse::new(StatusCode::BAD_REQUEST)
            .with_header("content-type", "application/x-amz-json-1.0").unwrap().with_body(body.to_owned()));
        let answer = client.post(server.url(), TestBody::whole("{}")).await.unwrap();
        assert_eq!((answer.status, server.request_count()), (StatusCode::OK, 3));
        let sent = server.requests().pop().unwrap();
        assert_eq!(sent.header("x-amz-security-token"), Some("session-1"));
    }

    async fn a_redirect_to_another_origin_carries_no_part_of_the_signature(adapter: Adapter) {
        let (home, away) = crate::redirect::servers().await;
        let session = credentials().with_session_token("session-1").unwrap();
        let signer = SigV4::new("us-east-1", "s3", session).unwrap();
        let client = client(adapter, &home, signer);
        home.push(crate::redirect::redirect_to(&away, "/next"));
        client.get(home.url()).await.unwrap();
        let sent = away.requests().pop().unwrap();
        for name in ["authorization", "x-amz-security-token", "x-amz-date", "x-amz-content-sha256"] {
            assert_eq!(sent.header(name), None, "{name}");
        }
        // Within the origin, the request is signed anew.
        home.push(crate::redirect::redirect_to(&home, "/next"));
        client.get(home.url()).await.unwrap();
        let sent = home.requests();
        let signatures: Vec<_> = sent.iter().rev().take(2).map(|one| one.header("authorization").unwrap()).collect();
        assert_ne!(signatures[0], signatures[1]);
    }
}

#[test]
fn a_region_and_a_service_that_are_swapped_are_an_error() {
    for (region, service, expected) in [
        ("s3", "us-east-1", "the region first"),
        ("execute-api", "us-gov-west-1", "the region first"),
        ("US-EAST-1", "s3", "lower-case"),
        ("", "s3", "lower-case"),
        ("us-east-1", "s3/evil", "lower-case"),
    ] {
        let error = SigV4::new(region, service, credentials()).unwrap_err();
        assert!(
            error.to_string().contains(expected),
            "{region} {service}: {error}"
        );
    }
    assert!(SigV4::new("us-east-1", "es", credentials()).is_ok());
    assert!(SigV4::new("local", "s3", credentials()).is_ok());
}

#[tokio::test]
async fn a_url_is_presigned_for_at_most_seven_days() {
    let s3 = signer("s3");
    let url = "https://my-bucket.s3.us-east-1.amazonaws.com/a b?x=1"
        .parse()
        .unwrap();
    for seconds in [0, 7 * 24 * 3600 + 1] {
        let length = Duration::from_secs(seconds);
        let refused = s3.presign(&http::Method::GET, &url, length).await;
        assert!(matches!(refused, Err(AuthError::Other { .. })));
    }
    let hour = Duration::from_secs(3600);
    let signed = s3.presign(&http::Method::GET, &url, hour).await.unwrap();
    let signed: url::Url = signed.expose_secret().parse().unwrap();
    let again = s3.presign(&http::Method::GET, &signed, hour).await;
    assert!(again.unwrap_err().to_string().contains("has a signature"));
}
