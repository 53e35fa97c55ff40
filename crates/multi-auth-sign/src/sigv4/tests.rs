//! AWS's own vectors: <https://github.com/awslabs/aws-c-auth>.

mod json_errors;

use serde::Deserialize;
use serde_json::Value;

use super::canonical::{Canonical, PathRules};
use super::key::{DayKey, hexadecimal};
use super::timestamp::Timestamp;
use super::*;
use aws_lc_rs::digest::{SHA256, digest};

#[derive(Deserialize)]
struct Suite {
    cases: Vec<Value>,
}

fn cases() -> Vec<Value> {
    let text = include_str!("../../tests/vectors/aws-signing-test-suite.json");
    serde_json::from_str::<Suite>(text).unwrap().cases
}

/// A request as text, taken apart.
struct Request<'t> {
    method: &'t str,
    path: &'t str,
    query: &'t str,
    /// Names in lower case.
    fields: Vec<(String, String)>,
    body: &'t str,
}

impl<'t> Request<'t> {
    fn parse(text: &'t str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let (line, rest) = head.split_once('\n').unwrap();
        let (method, target) = line.split_once(' ').unwrap();
        let target = target.strip_suffix(" HTTP/1.1").unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in rest.lines() {
            if line.starts_with(' ') {
                let (_, value) = fields.last_mut().unwrap();
                value.push_str(line);
                continue;
            }
            let (name, value) = line.split_once(':').unwrap();
            fields.push((name.to_lowercase(), value.to_owned()));
        }
        Self {
            method,
            path,
            query,
            fields,
            body,
        }
    }
}

/// The canonical request and the signature of a case. `query` has the parameters of a signature in
/// the query.
fn signed(case: &Value, query: Option<&str>) -> (String, String) {
    let context = &case["context"];
    let request = Request::parse(case["request"].as_str().unwrap());
    let text = |value: &'_ Value| value.as_str().unwrap().to_owned();
    let time = text(&context["timestamp"])
        .parse::<jiff::Timestamp>()
        .unwrap();
    let time = Timestamp::of(time.into(), 0).unwrap();
    let payload = hexadecimal(digest(&SHA256, request.body.as_bytes()).as_ref());
    let payload = str::from_utf8(&payload).unwrap();
    let mut added = request.fields.clone();
    if query.is_none() {
        added.push((
            "x-amz-date".to_owned(),
            String::from_utf8(time.text().to_vec()).unwrap(),
        ));
        let token = context["credentials"]["token"].as_str();
        let token = token.filter(|_| context["omit_session_token"] != true);
        added.extend(token.map(|token| ("x-amz-security-token".to_owned(), token.to_owned())));
        if context["sign_body"] == true {
            added.push(("x-amz-content-sha256".to_owned(), payload.to_owned()));
        }
    }
    let mut fields: Vec<_> = added
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    let mut canonical = Vec::new();
    Canonical {
        method: request.method,
        path: request.path,
        // The suite encodes paths once.
        rules: PathRules {
            is_normalized: context["normalize"] == true,
            is_decoded: true,
        },
        query: query.unwrap_or(request.query),
        fields: &mut fields,
        payload,
    }
    .write(&mut canonical);
    let secret = text(&context["credentials"]["secret_access_key"]).into();
    let settings = SigV4::new(
        context["region"].as_str().unwrap(),
        context["service"].as_str().unwrap(),
        AwsCredentials::new("id", "secret").unwrap(),
    );
    let key = DayKey::derive(&secret, &time, &settings.unwrap().settings);
    let signature = key.sign(&time, &canonical).to_vec();
    (
        String::from_utf8(canonical).unwrap(),
        String::from_utf8(signature).unwrap(),
    )
}

#[test]
fn each_case_of_the_suite_is_signed_in_the_header() {
    let mut counts = [0, 0];
    for case in cases() {
        let name = &case["name"];
        if case["context"].is_null() {
            // Without credentials: its path, which is encoded twice, is compared.
            let request = Request::parse(case["request"].as_str().unwrap());
            let mut text = Vec::new();
            canonical::write_path(request.path, PathRules::of(false), &mut text);
            let expected = case["header-canonical-request"].as_str().unwrap();
            assert_eq!(
                str::from_utf8(&text).ok(),
                expected.lines().nth(1),
                "{name}"
            );
            counts[1] += 1;
            continue;
        }
        let (canonical, signature) = signed(&case, None);
        assert_eq!(canonical, case["header-canonical-request"], "{name}");
        assert_eq!(signature, case["header-signature"], "{name}");
        counts[0] += 1;
    }
    assert_eq!(counts, [38, 2]);
}

#[test]
fn each_case_of_the_suite_is_signed_in_the_query() {
    let mut count = 0;
    for case in cases() {
        let Some(target) = case["query-signed-request"].as_str() else {
            continue;
        };
        let name = &case["name"];
        let request = Request::parse(target);
        // The signature itself is added last, and a token that is not signed after it.
        let (query, _) = request.query.split_once("&X-Amz-Signature=").unwrap();
        let (unsigned, _) = query
            .split_once("&X-Amz-Security-Token=")
            .unwrap_or((query, ""));
        let query = if case["context"]["omit_session_token"] == true {
            unsigned
        } else {
            query
        };
        let (canonical, signature) = signed(&case, Some(query));
        assert_eq!(canonical, case["query-canonical-request"], "{name}");
        assert_eq!(signature, case["query-signature"], "{name}");
        count += 1;
    }
    assert_eq!(count, 38);
}
