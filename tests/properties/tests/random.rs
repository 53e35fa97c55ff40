//! The properties with random inputs: any bytes, and bytes that look like what is read.

use multi_auth_properties::{
    cases, challenges, digest_challenges, keys, locations, protection_spaces, retry_after,
    server_documents, signature_templates, signed_requests, signing_keys, token_responses,
    vendor_files,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Up to 24 of the given pieces, with any bytes between them.
fn made_of(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..4),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

const CHALLENGE: &[&str] = &[
    "Basic",
    "Bearer",
    "Digest",
    " ",
    ",",
    "=",
    "\"",
    "\\",
    "realm",
    "error",
    "\t",
    "abc==",
    "\n",
    "ünder",
    "realm=\"a, b\"",
    "error=invalid_token",
];

const ANSWER: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"access_token\"",
    "\"expires_in\"",
    "\"error\"",
    "\"t-1\"",
    "\"data\"",
    "\"token\"",
    "\"authenticated\"",
    "false",
    "null",
    "1e999",
    "-1",
    "3600",
    "18446744073709551615",
    "\"2021-09-29T19:12:51Z\"",
    "access_token=t&",
    "<html>",
    "\\r\\n",
    "é",
    "key-0123456789abcdef",
    "https://auth.example/",
];

const KEY: &[&str] = &[
    "user",
    ":",
    "password",
    "\n",
    "\r\n",
    " ",
    "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    "=",
    "%",
    "&",
    "+",
    "#",
    "?",
    ";",
    "\"",
    "x-api-key",
    "Basic ",
    "Bearer ",
    "\u{7f}",
    "\0",
    "ü",
    "own",
];

const VENDOR_FILE: &[&str] = &[
    "https://",
    "http://",
    "{label}",
    "{segment}",
    "{text}",
    "{key}",
    "{",
    "}",
    ".v.example",
    "v.example",
    ".com",
    ".",
    "..",
    "/",
    "/a/",
    "\\",
    "@",
    ":",
    "443",
    "?",
    "#",
    "%2e",
    "%2f",
    "-",
    "_",
    "ü",
    "\t",
    "\n",
    "[::1]",
    "127.0.0.1",
    "xn--",
    "l",
    "S",
    "evil.example",
    "format = 1",
    "[entry]",
];

const LOCATION: &[&str] = &[
    "https://",
    "a.example",
    "/v1",
    "?",
    "&",
    "=",
    "#",
    ";",
    "api_key",
    "key-0123456789",
    "%6bey-0123456789",
    "%256bey-0123456789",
    "key-0123",
    "456789",
    "\t",
    "%",
    "25",
    "+",
    "next=",
    "..",
    "//",
    "@",
];

const SIGNING_KEY: &[&str] = &[
    "-----BEGIN ",
    "-----END ",
    "-----",
    "PRIVATE KEY",
    "EC PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PARAMETERS",
    "ENCRYPTED ",
    "CERTIFICATE",
    "-----BEGIN PRIVATE KEY-----\n",
    "\n-----END PRIVATE KEY-----",
    "\n",
    "\r\n",
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC",
    "Proc-Type: 4,ENCRYPTED",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"kty\":",
    "\"EC\"",
    "\"OKP\"",
    "\"oct\"",
    "\"crv\":\"Ed25519\"",
    "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"",
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"",
    "\"k\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"",
    "\"kid\":\"k\"",
    "\"use\":\"sig\"",
    "\"alg\":\"EdDSA\"",
    "\"key_ops\":[\"sign\"]",
    "\\n",
];

const DIGEST: &[&str] = &[
    "Digest ",
    "Basic realm=\"b\"",
    "realm=\"r\"",
    "nonce=\"n\"",
    "nonce=m",
    "qop=\"auth\"",
    "qop=\"auth-int, auth\"",
    "algorithm=SHA-256",
    "algorithm=SHA-512-256-sess",
    "algorithm=MD5",
    "opaque=\"o\\\"\\\\\"",
    "userhash=true",
    "stale=true",
    "charset=UTF-8",
    ", ",
    "=",
    "\"",
];

const TEMPLATE: &[&str] = &[
    "{method}",
    "{scheme}",
    "{authority}",
    "{path}",
    "{query}",
    "{request_target}",
    "{body}",
    "{secret}",
    "{key}",
    "{",
    "}",
    "{other}",
    " ",
    "a",
];

const DOCUMENT: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    "null",
    "true",
    "\"issuer\":\"https://auth.example\"",
    "\"token_endpoint\":\"https://auth.example/token\"",
    "\"token_endpoint\":\"https://evil.example/token\"",
    "\"authorization_endpoint\":\"https://u:p@auth.example/\"",
    "\"revocation_endpoint\":\"http://auth.example/\"",
    "\"grant_types_supported\":[\"\"]",
    "\"device_code\":\"d\"",
    "\"user_code\":\"A\\u001b[31m\"",
    "\"user_code\":\"AB-CD\"",
    "\"verification_uri\":\"https://auth.example/d\"",
    "\"verification_url\":\"https://auth.example/d\"",
    "\"expires_in\":1e999",
    "\"expires_in\":600",
    "\"interval\":-1",
    "\"interval\":5",
    "\"error\":\"key-0123456789abcdef\"",
    "<html>",
    "\r\n",
];

const DATE: &[&str] = &[
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "120",
    "-",
    ".",
    " ",
    "\n",
    "Sun",
    "99999999999999999999",
    "+0200",
    "GMT",
    "0",
    "1994",
    ":",
];

const TARGET: &[&str] = &[
    "https://",
    "http://",
    "HTTPS:",
    "wss://",
    "api.example",
    "API.EXAMPLE",
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "[::1]",
    "[0::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
    ".",
    ":443",
    ":80",
    ":8443",
    "@",
    "user:pass@",
    "/",
    "/v1",
    "/v1",
    "/..",
    "/%2e%2E",
    "%2f",
    "\\",
    ";",
    "?",
    "#",
    "\n",
    "\n",
    "bücher.example",
    "xn--bcher-kva.example",
    "evil.example",
    "%00",
    "\t",
];

const SIGNED_REQUEST: &[&str] = &[
    "/",
    "//",
    "a",
    "%20",
    "%2F",
    "%ff",
    "%zz",
    "+",
    "..",
    ".",
    "?",
    "&",
    "=",
    "x=1",
    "X-Amz-Signature=00",
    "\n",
    "\n\n",
    "content-type:text/plain",
    "x-amz-meta-a:  one   two ",
    "x-amz-content-sha256:UNSIGNED-PAYLOAD",
    "x-amz-date:20150830T123600Z",
    "host:other.example",
    "user-agent:mine",
    "ü",
    "~",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(4096), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_challenge_is_read(input in prop_oneof![made_of(CHALLENGE), vec(any::<u8>(), 0..200)]) {
        challenges(&input);
    }

    #[test]
    fn any_response_to_a_token_request_is_read(
        form in any::<[u8; 2]>(),
        body in prop_oneof![made_of(ANSWER), vec(any::<u8>(), 0..200)],
    ) {
        token_responses(&[&form[..], &body].concat());
    }

    #[test]
    fn any_key_is_sent_as_it_is_or_refused(
        input in prop_oneof![made_of(KEY), vec(any::<u8>(), 0..200)],
    ) {
        keys(&input);
    }

    #[test]
    fn any_location_is_cleaned(input in made_of(LOCATION)) {
        locations(&[b"key-0123456789\n", &*input].concat());
    }

    #[test]
    fn any_retry_after_is_read(input in prop_oneof![made_of(DATE), vec(any::<u8>(), 0..100)]) {
        retry_after(&input);
    }

    #[test]
    fn any_signing_key_is_read_or_refused(
        input in prop_oneof![made_of(SIGNING_KEY), vec(any::<u8>(), 0..200)],
    ) {
        signing_keys(&input);
    }

    #[test]
    fn any_digest_challenge_is_answered_or_refused(input in prop_oneof![
        made_of(DIGEST),
        made_of(DIGEST).prop_map(|input| [b"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\", ", &*input].concat()),
    ]) {
        digest_challenges(&input);
    }

    #[test]
    fn any_template_is_filled_or_refused(template in made_of(TEMPLATE), target in made_of(SIGNED_REQUEST)) {
        signature_templates(&[&*template, b"\n/", &*target].concat());
    }

    #[test]
    fn any_request_is_signed_whole_or_not_at_all(input in made_of(SIGNED_REQUEST)) {
        signed_requests(&[b"/", &*input].concat());
    }

    #[test]
    fn any_document_of_an_authorization_server_is_read_or_refused(
        input in prop_oneof![made_of(DOCUMENT), vec(any::<u8>(), 0..200)],
    ) {
        server_documents(&input);
    }

    #[test]
    fn a_variable_of_a_vendor_never_chooses_the_domain(
        input in prop_oneof![made_of(VENDOR_FILE), vec(any::<u8>(), 0..80)],
    ) {
        vendor_files(&input);
    }

    #[test]
    fn a_credential_stays_in_its_protection_space(input in made_of(TARGET)) {
        protection_spaces(&input);
    }
}
