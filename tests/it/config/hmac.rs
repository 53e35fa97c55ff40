//! The scheme `hmac`.

use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use multi_auth::{Rejection, RequestHead, ResponseHead, Verdict};
use multi_auth_testing::ScriptedServer;

use super::parse;
use super::sources::{secret_file, write_secret};
use crate::adapter::Adapter;

const TABLE: &str = "signature = { algorithm = 'hmac-sha256', message = '{method}{api_key}' }, headers = { x-key = '{api_key}', x-sign = 'v1 {signature}' }";

fn entry(hmac: &str, fields: &str) -> String {
    format!(
        "[vendors.v]\nurl = 'https://v.example'\nscheme = 'hmac'\nkey = {{ dangerous_inline = 'secret' }}\n\
         secrets = {{ api_key = {{ dangerous_inline = 'k-1' }} }}\nhmac = {{ {hmac} }}\n{fields}"
    )
}

#[test]
fn an_entry_shows_what_it_sends() {
    let config = parse(&entry(TABLE, "")).unwrap();
    let sends = config.vendor("v").unwrap().sends();
    assert_eq!(sends, ["x-key: ****", "x-sign: v1 ****"]);
}

#[tokio::test]
async fn a_key_and_its_id_change_together_when_their_files_do() {
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = ScriptedServer::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let [key, id] = ["key", "id"].map(|name| secret_file(&folder, name, "one"));
        let text = format!(
            "[vendors.v]\nurl = '{}'\nscheme = 'hmac'\nkey = {{ file = '{}' }}\n\
             secrets = {{ api_key = {{ file = '{}' }} }}\nhmac = {{ {TABLE} }}",
            server.url(),
            key.display(),
            id.display(),
        );
        let live = parse(&text)
            .unwrap()
            .live_keyring(adapter.transport())
            .await
            .unwrap();
        let client = adapter.client(live.keyring());
        let mut signatures = Vec::new();
        for value in ["one", "two"] {
            for path in [&key, &id] {
                write_secret(path, value);
            }
            live.refresh().await;
            client.get(server.url()).await.unwrap();
            let sent = server.requests().pop().unwrap();
            assert_eq!(sent.header("x-key"), Some(value));
            signatures.push(sent.header("x-sign").unwrap().to_owned());
        }
        // HMAC-SHA256("one", "GETone") and HMAC-SHA256("two", "GETtwo"), by Python's hmac.
        assert_eq!(
            signatures,
            [
                "v1 0916d99464c3df07e66af187367ed8823553dc88cd190f5c9d0666e6f61c3b48",
                "v1 6ac94534390cdf93b722e1424fe0c4ed10fbd8e842435563dd42e8e8f215207d",
            ]
        );
    }
}

#[test]
fn an_invalid_signature_names_its_field() {
    let message = |message: &str| TABLE.replace("{method}", message);
    for (hmac, fields, expected) in [
        (
            message("{metod}"),
            "",
            "vendors.v.hmac: a template names an unknown `{metod}`: write a name such as `method`",
        ),
        (message("{"), "", "a brace without a known name"),
        (
            TABLE.replace("headers", "header"),
            "",
            "has an unknown field",
        ),
        (
            TABLE.replace("'hmac-sha256'", "'hmac-md5'"),
            "",
            "write one of `hmac-sha1`",
        ),
        (
            TABLE.replace("x-key", "host"),
            "",
            "belongs to the connection",
        ),
        (
            TABLE.replace("{api_key}", ""),
            "",
            "vendors.v.secrets: has a secret that no template names",
        ),
        (
            TABLE.replace("'v1 {signature}'", "'{key}'"),
            "",
            "would send the key itself",
        ),
        (
            format!("{TABLE}, timestamp = {{ format = '%' }}"),
            "",
            "the format of the timestamp is invalid",
        ),
        (
            TABLE.replace("'hmac-sha256',", "'hmac-sha256', methods = ['post'],"),
            "",
            "has an invalid method",
        ),
        (
            TABLE.to_owned(),
            "name = 'x'",
            "vendors.v.name: is not used by this scheme",
        ),
        (
            TABLE.to_owned(),
            "algorithm = 'HS256'",
            "vendors.v.algorithm: is not used by this scheme",
        ),
    ] {
        let error = parse(&entry(&hmac, fields)).unwrap_err().to_string();
        assert!(error.contains(expected), "{hmac} {fields}: {error}");
    }
    let error = parse(&entry(TABLE, "").replace("hmac = {", "# hmac = {")).unwrap_err();
    assert!(
        error.to_string().contains("vendors.v.hmac: is missing"),
        "{error}"
    );
}

#[tokio::test]
async fn a_key_in_another_encoding_is_an_error() {
    let text = entry(TABLE, "key_encoding = 'hex'");
    let error = parse(&text)
        .unwrap()
        .keyring(Adapter::Tower.transport())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("vendors.v.key"), "{error}");
}

#[tokio::test]
async fn the_response_to_a_signature_of_the_caller_is_not_judged() {
    let fields = "refused_if = [{ status = [403] }]";
    let config = parse(&entry(TABLE, fields)).unwrap();
    let keyring = config.keyring(Adapter::Tower.transport()).await.unwrap();
    let headers = HeaderMap::new();
    for (own, is_judged) in [(None, true), (Some("own"), false)] {
        let mut request = Request::get("https://v.example").body(()).unwrap();
        let own = own.map(HeaderValue::from_static);
        request
            .headers_mut()
            .extend(own.map(|value| (HeaderName::from_static("x-sign"), value)));
        let (parts, ()) = request.into_parts();
        let credential = keyring
            .authenticate(&RequestHead::from_parts(&parts))
            .await
            .unwrap();
        assert_eq!(credential.is_empty(), !is_judged);
        let response = ResponseHead::new(StatusCode::FORBIDDEN, &headers);
        let verdict = keyring.judge(credential.id(), &response);
        assert_eq!(verdict == Verdict::Reject(Rejection::FixedKey), is_judged);
    }
}
