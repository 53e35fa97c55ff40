//! Schemes that sign requests: `request`, `header` and `check`.

use http::StatusCode;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};

use crate::program::Home;

/// The key of RFC 8037, A.1.
const JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

const AWS: &str = "scheme = 'aws_sigv4'\nsigv4 = { region = 'eu-central-1', service = 'execute-api', access_key_id = 'AKIDEXAMPLE' }";

const HMAC: &str = "scheme = 'hmac'\nhmac = { signature = { algorithm = 'hmac-sha256', message = '{method}{form:n}{body}' }, headers = { x-sign = '{signature}' } }";

const MESSAGE: &str = "scheme = 'http_signature'\nalgorithm = 'EdDSA'\nkey_id = 'k'";

const DIGEST: &str = "scheme = 'digest'\nuser = 'ada'";

async fn home(scheme: &str) -> (ScriptedServer, Home) {
    let server = ScriptedServer::start().await.unwrap();
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{}'\nverify = ''\nkey = {{ file = 'key' }}\n{scheme}\n",
        server.url()
    ));
    home.secret("key", if scheme == MESSAGE { JWK } else { "k-canary" });
    (server, home)
}

/// A refusal with a challenge.
fn refusal() -> ScriptedResponse {
    let challenge = r#"Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256"#;
    let refusal = ScriptedResponse::new(StatusCode::UNAUTHORIZED);
    refusal.with_header("www-authenticate", challenge).unwrap()
}

/// A refusal, up to the request with an answer.
fn challenge(request: &RecordedRequest) -> ScriptedResponse {
    let answer = request.header("authorization").unwrap_or_default();
    if answer.starts_with("Digest ") {
        return ScriptedResponse::new(StatusCode::OK);
    }
    refusal()
}

#[tokio::test]
async fn a_request_is_signed_with_its_method_and_its_body() {
    for (scheme, field) in [
        (AWS, "authorization"),
        (HMAC, "x-sign"),
        (MESSAGE, "signature"),
        (DIGEST, "authorization"),
    ] {
        let (server, home) = home(scheme).await;
        if scheme == DIGEST {
            server.respond_with(challenge);
        }
        let run = home.run(&["request", server.url(), "-d", "n=1"]).await;
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(!run.errors.contains("no vendor"), "{run:?}");
        let sent = server.requests().pop().unwrap();
        assert_eq!((sent.method.as_str(), &*sent.text()), ("POST", "n=1"));
        assert!(sent.header(field).is_some(), "{field}");
        run.shows_no_key();
    }
}

#[tokio::test]
async fn a_signature_covers_the_fields_of_the_command_line_and_of_the_configuration() {
    let scheme = format!(
        "{MESSAGE}\nheaders = {{ x-version = '2' }}\n\
         http_signature = {{ components = ['content-type', 'x-order', 'x-version'] }}"
    );
    let (server, home) = home(&scheme).await;
    home.secret("key", JWK);
    let arguments = ["request", server.url(), "-d", "n=1", "-H", "X-Order: 7"];
    let run = home.run(&arguments).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let sent = server.requests().pop().unwrap();
    let input = sent.header("signature-input").unwrap();
    let covered = r#"("content-type" "x-order" "x-version")"#;
    assert!(input.contains(covered), "{input}");
}

#[tokio::test]
async fn a_signature_of_the_command_line_is_sent_without_a_warning() {
    let (server, home) = home(HMAC).await;
    let arguments = ["request", server.url(), "-d", "n=1", "-H", "x-sign: own"];
    let run = home.run(&arguments).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!run.errors.contains("no vendor"), "{run:?}");
    let sent = server.requests().pop().unwrap();
    assert_eq!(sent.header_values("x-sign"), ["own"]);
}

#[tokio::test]
async fn a_header_is_signed_for_the_method_and_the_body_that_are_given() {
    let (server, home) = home(HMAC).await;
    let header = |method: &'static str| {
        let url = server.url().to_owned();
        let home = &home;
        async move {
            let arguments = [
                "header",
                "-X",
                method,
                "-d",
                "n=1",
                "--show-secret",
                "--json",
                &url,
            ];
            let run = home.run(&arguments).await;
            run.json()["headers"]["x-sign"].as_str().unwrap().to_owned()
        }
    };
    // HMAC-SHA256("k-canary", "PUT1n=1"), by Python's hmac.
    assert_eq!(
        header("PUT").await,
        "6048e061436093d72a31545377887ad179e75e3aa393b69537461abe1d2db947"
    );
    assert_ne!(header("POST").await, header("PUT").await);

    let arguments = ["header", "--show-secret", server.url()];
    let run = home.run(&arguments).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.errors.contains("the body has no parameter `n`"),
        "{run:?}"
    );
}

#[tokio::test]
async fn the_header_of_a_challenge_that_has_not_come_is_an_error_that_says_so() {
    let (server, home) = home(DIGEST).await;
    let run = home.run(&["header", "--show-secret", server.url()]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.errors.contains("answers a challenge"), "{run:?}");
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn check_names_what_is_sent_and_a_key_that_is_refused() {
    for (scheme, sends) in [
        (AWS, "Authorization: AWS4-HMAC-SHA256 ****"),
        (MESSAGE, "Signature: ****"),
        (DIGEST, "Authorization: Digest ****"),
    ] {
        let (server, home) = home(scheme).await;
        if scheme == DIGEST {
            server.respond_with(challenge);
        }
        let run = home.run(&["check", "--json"]).await;
        let vendor = &run.json()["vendors"][0];
        assert_eq!(vendor["status"], "accepted", "{run:?}");
        assert_eq!(vendor["sends"][0], sends);

        server.respond_with(|_: &RecordedRequest| refusal());
        let run = home.run(&["check", "--json"]).await;
        let vendor = &run.json()["vendors"][0];
        assert_eq!(vendor["error"]["code"], "refused-key", "{scheme}: {run:?}");
        run.shows_no_key();
    }
}

#[tokio::test]
async fn credentials_come_from_where_the_tools_of_aws_find_them() {
    let metadata = ScriptedServer::start().await.unwrap();
    metadata.respond_with(|_: &RecordedRequest| {
        ScriptedResponse::new(StatusCode::OK).with_json(&serde_json::json!({
            "AccessKeyId": "ASIACONTAINER",
            "SecretAccessKey": "k-canary",
            "Token": "t-canary",
            "Expiration": "2099-01-01T00:00:00Z",
        }))
    });
    let endpoint = format!("{}/credentials", metadata.url());
    for (credentials, variables, id) in [
        (
            "'environment'",
            vec![
                ("AWS_ACCESS_KEY_ID", "ASIAENVIRONMENT"),
                ("AWS_SECRET_ACCESS_KEY", "k-canary"),
            ],
            "ASIAENVIRONMENT",
        ),
        (
            "'profile', profile = 'work'",
            vec![
                ("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
                ("AWS_CONFIG_FILE", "config"),
            ],
            "ASIAPROFILE",
        ),
        (
            "'container'",
            vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*endpoint)],
            "ASIACONTAINER",
        ),
    ] {
        let server = ScriptedServer::start().await.unwrap();
        let home = Home::new(&format!(
            "[vendors.v]\nurl = '{}'\nscheme = 'aws_sigv4'\nverify = ''\n\
             sigv4 = {{ region = 'eu-central-1', service = 'execute-api', credentials = {credentials} }}\n",
            server.url()
        ));
        home.secret(
            "credentials",
            "[work]\naws_access_key_id = ASIAPROFILE\naws_secret_access_key = k-canary\n",
        );
        let run = home.run_with(&["check", "--json"], &variables).await;
        let vendor = &run.json()["vendors"][0];
        assert_eq!(vendor["status"], "accepted", "{run:?}");
        assert_eq!(vendor["key_from"], "where AWS's own tools find it");
        let sent = server.requests().pop().unwrap();
        let authorization = sent.header("authorization").unwrap();
        assert!(
            authorization.contains(&format!("Credential={id}/")),
            "{authorization}"
        );
        run.shows_no_key();
    }
}

#[tokio::test]
async fn a_variable_of_aws_that_is_missing_is_named() {
    for (credentials, variable) in [
        ("environment", "AWS_ACCESS_KEY_ID"),
        ("web_identity", "AWS_ROLE_ARN"),
        ("container", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    ] {
        let home = Home::new(&format!(
            "[vendors.v]\nurl = 'https://v.example'\nscheme = 'aws_sigv4'\n\
             sigv4 = {{ region = 'eu-central-1', service = 's3', credentials = '{credentials}' }}\n"
        ));
        let run = home.run(&["check"]).await;
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.shown().contains(variable), "{run:?}");
    }
}
