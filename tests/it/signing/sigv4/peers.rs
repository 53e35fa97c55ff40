//! botocore signs the same requests alike, and moto checks every signature.
//!
//! `.ci/servers DIRECTORY` installs them, and
//! `SERVERS=DIRECTORY cargo test -p multi-auth-tests --test it -- --ignored sigv4` runs these
//! tests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Request, StatusCode};
use multi_auth::{Authenticator, BodyView, RequestHead};
use multi_auth_reqwest::guarded_client;
use reqwest_middleware::ClientWithMiddleware;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::*;
use crate::signing::program::Program;

/// A random text of these letters, percent-encoded strictly.
fn text(letters: &[&str], most: usize) -> String {
    (0..fastrand::usize(0..=most))
        .map(|_| *fastrand::choice(letters).unwrap())
        .collect()
}

const PATH: [&str; 14] = [
    "a",
    "Z",
    "7",
    "-",
    "_",
    ".",
    "~",
    "/",
    "%20",
    "%C3%BC",
    "%2B",
    "%40",
    "%25",
    "%E2%82%AC",
];
const WORD: [&str; 9] = ["a", "B", "0", "-", "~", "%20", "%2F", "%C3%A9", "%3D"];
const VALUE: [&str; 6] = ["a", "B", " ", "  ", ";", "\"x\""];

/// A random request, and how the signer is built.
fn case(number: u64) -> Value {
    let service = *fastrand::choice(["s3", "execute-api", "dynamodb", "es"].iter()).unwrap();
    let host = *fastrand::choice(
        [
            "https://a.example.com",
            "http://b.example.com:8080",
            "https://c.example:443",
        ]
        .iter(),
    )
    .unwrap();
    let mut path = format!("/{}", text(&PATH, 12));
    if service != "s3" {
        // The two differ in what the last segment `.` becomes.
        path = path.replace('.', "x");
    }
    let parameters: Vec<_> = (0..fastrand::usize(0..4))
        .map(|at| format!("{}k{at}={}", text(&WORD, 3), text(&WORD, 5)))
        .collect();
    let query = if parameters.is_empty() {
        String::new()
    } else {
        format!("?{}", parameters.join("&"))
    };
    let mut headers = serde_json::Map::new();
    for name in [
        "content-type",
        "x-amz-meta-a",
        "x-amz-target",
        "my-header",
        "if-match",
    ] {
        let value = text(&VALUE, 6);
        if fastrand::bool() && !value.trim().is_empty() {
            headers.insert(name.to_owned(), value.trim().into());
        }
    }
    let body: Vec<u8> = (0..fastrand::usize(0..200))
        .map(|_| fastrand::u8(..))
        .collect();
    let token = fastrand::bool().then(|| "session/+=".repeat(fastrand::usize(1..20)));
    json!({
        "method": fastrand::choice(["GET", "POST", "PUT", "DELETE", "PATCH"].iter()).unwrap(),
        "url": format!("{host}{path}{query}"),
        "headers": headers,
        "body": STANDARD.encode(body),
        "service": service,
        "region": "eu-central-1",
        "id": "AKIDEXAMPLE",
        "secret": SECRET,
        "token": token,
        "time": EXAMPLE + number * 7919,
    })
}

fn signer_of(case: &Value) -> SigV4 {
    let text = |name: &str| case[name].as_str().unwrap();
    let mut credentials = credentials();
    if let Some(token) = case["token"].as_str() {
        credentials = credentials.with_session_token(token).unwrap();
    }
    let clock = Arc::new(At(case["time"].as_u64().unwrap()));
    let signer = SigV4::builder(text("region"), text("service")).clock(clock);
    signer.build(credentials).unwrap()
}

/// Our `Authorization` for the request of `case`.
async fn authorization(case: &Value) -> String {
    let text = |name: &str| case[name].as_str().unwrap();
    let signer = signer_of(case);
    let mut request = Request::builder().method(text("method")).uri(text("url"));
    for (name, value) in case["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let body = STANDARD.decode(text("body")).unwrap();
    let head = RequestHead::from_parts(&parts).with_body(BodyView::Bytes(&body));
    let credential = signer.authenticate(&head).await.unwrap();
    credential.attach(&mut parts).unwrap();
    parts.headers["authorization"].to_str().unwrap().to_owned()
}

#[tokio::test]
#[ignore = "needs botocore"]
async fn botocore_signs_10_000_random_requests_alike() {
    let mut botocore = Program::start("moto", "botocore_signer.py");
    for number in 0..10_000 {
        let case = case(number);
        let expected = botocore.ask(&case);
        assert_eq!(authorization(&case).await, expected, "{case}");
    }
}

#[tokio::test]
#[ignore = "needs botocore"]
async fn botocore_presigns_1_000_random_urls_alike() {
    let mut botocore = Program::start("moto", "botocore_signer.py");
    for number in 0..1_000 {
        let mut case = case(number);
        let valid = fastrand::u64(1..=604_800);
        case["service"] = "s3".into();
        // A `Url` has no dot segments.
        case["url"] = case["url"].as_str().unwrap().replace("/.", "/x").into();
        case["headers"] = json!({});
        case["body"] = "".into();
        case["presign"] = valid.into();
        let expected = botocore.ask(&case);
        let url = case["url"].as_str().unwrap().parse().unwrap();
        let method = case["method"].as_str().unwrap().parse().unwrap();
        let ours = signer_of(&case)
            .presign(&method, &url, Duration::from_secs(valid))
            .await;
        let ours: url::Url = ours.unwrap().expose_secret().parse().unwrap();
        let expected: url::Url = expected.parse().unwrap();
        // botocore writes the parameters in another order.
        let sorted = |url: &url::Url| {
            let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
            pairs.sort();
            pairs
        };
        assert_eq!(sorted(&ours), sorted(&expected), "{case}");
        assert_eq!(
            (ours.host(), ours.path()),
            (expected.host(), expected.path())
        );
    }
}

/// moto, the credentials of a user and those of a role.
pub(super) struct Moto {
    pub(super) url: String,
    user: AwsCredentials,
    role: AwsCredentials,
    pub(super) role_arn: String,
    _program: Program,
}

impl Moto {
    pub(super) fn start() -> Self {
        let mut program = Program::start("moto", "moto_server.py");
        let told: Value = serde_json::from_str(&program.line()).unwrap();
        let text = |at: &str| told.pointer(at).unwrap().as_str().unwrap();
        let role = AwsCredentials::new(text("/role/0"), text("/role/1")).unwrap();
        Self {
            url: text("/url").to_owned(),
            user: AwsCredentials::new(text("/user/0"), text("/user/1")).unwrap(),
            role: role.with_session_token(text("/role/2")).unwrap(),
            role_arn: text("/role_arn").to_owned(),
            _program: program,
        }
    }

    fn client(&self, service: &str, credentials: AwsCredentials) -> ClientWithMiddleware {
        let signer = SigV4::new("us-east-1", service, credentials).unwrap();
        let keyring = Keyring::builder().bind(&*self.url, signer).unwrap().build();
        guarded_client(keyring).build().unwrap()
    }
}

/// The identity of the credentials, or the status of the refusal.
async fn identity(moto: &Moto, credentials: AwsCredentials) -> Result<String, StatusCode> {
    let request = moto.client("sts", credentials).post(&moto.url);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request
        .body("Action=GetCallerIdentity&Version=2011-06-15")
        .send()
        .await
        .unwrap();
    let status = answer.status();
    if status.is_success() {
        Ok(answer.text().await.unwrap())
    } else {
        Err(status)
    }
}

#[tokio::test]
#[ignore = "needs moto"]
async fn moto_accepts_signatures_of_a_user_and_a_role_and_refuses_others() {
    let moto = Moto::start();
    assert!(
        identity(&moto, moto.user.clone())
            .await
            .unwrap()
            .contains("user/ada")
    );
    assert!(
        identity(&moto, moto.role.clone())
            .await
            .unwrap()
            .contains("reader")
    );
    let id = moto.user.access_key_id();
    let wrong_secret = AwsCredentials::new(id, SECRET).unwrap();
    assert_eq!(
        identity(&moto, wrong_secret).await,
        Err(StatusCode::FORBIDDEN)
    );
    let unknown = AwsCredentials::new("AKIDUNKNOWN", SECRET).unwrap();
    assert_eq!(identity(&moto, unknown).await, Err(StatusCode::FORBIDDEN));
}

fn strictly_encoded(byte: u8) -> String {
    match byte {
        b'/' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    }
}

#[tokio::test]
#[ignore = "needs moto"]
async fn moto_stores_objects_with_keys_of_any_letters() {
    let moto = Moto::start();
    let client = moto.client("s3", moto.user.clone());
    let bucket = format!("{}/my-bucket", moto.url);
    assert_eq!(
        client.put(&bucket).send().await.unwrap().status(),
        StatusCode::OK
    );
    for key in [
        "a",
        "a b+c",
        "\u{fc}/\u{20ac}",
        "d@e(f)!*'",
        "x//y",
        "a=b&c",
        "%41",
        "~tilde.-_",
    ] {
        // moto compares paths as they are sent, AWS as they are encoded.
        let path: String = key.bytes().map(strictly_encoded).collect();
        let url: url::Url = format!("{bucket}/{path}").parse().unwrap();
        let put = client
            .put(url.clone())
            .header("x-amz-meta-note", "a   b")
            .body(key.to_owned());
        assert_eq!(put.send().await.unwrap().status(), StatusCode::OK, "{key}");
        let got = client.get(url.clone()).send().await.unwrap();
        assert_eq!(
            (got.status(), got.text().await.unwrap()),
            (StatusCode::OK, key.to_owned())
        );
    }
    let listed = client.get(format!("{bucket}?list-type=2&prefix=a%20b&delimiter=%2F"));
    assert_eq!(listed.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
#[ignore = "needs moto"]
async fn moto_refuses_a_request_that_was_changed_after_it_was_signed() {
    let moto = Moto::start();
    let signer = SigV4::new("us-east-1", "sqs", moto.user.clone()).unwrap();
    let send = async |change: fn(&mut reqwest::Request)| {
        let mut request = reqwest::Client::new()
            .post(format!("{}/?x=1", moto.url))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", "AmazonSQS.ListQueues")
            .body("{}")
            .build()
            .unwrap();
        let extensions = http::Extensions::new();
        let head = RequestHead::from_url(
            request.method(),
            request.url(),
            request.headers(),
            &extensions,
        );
        let credential = signer
            .authenticate(&head.with_body(BodyView::Bytes(b"{}")))
            .await
            .unwrap();
        let mut parts = http::Request::new(()).into_parts().0;
        credential.attach(&mut parts).unwrap();
        request.headers_mut().extend(parts.headers);
        change(&mut request);
        reqwest::Client::new()
            .execute(request)
            .await
            .unwrap()
            .status()
    };
    assert_eq!(send(|_| {}).await, StatusCode::OK);
    assert_eq!(
        send(|request| *request.body_mut() = Some("{\"a\": 1}".into())).await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        send(|request| request.url_mut().set_query(Some("x=2"))).await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        send(|request| {
            let other = http::HeaderValue::from_static("AmazonSQS.CreateQueue");
            request.headers_mut().insert("x-amz-target", other);
        })
        .await,
        StatusCode::FORBIDDEN
    );
}
