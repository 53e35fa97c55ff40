//! Examples of the RFCs.

use std::sync::Arc;

use multi_auth::BodyView;

use super::*;
use crate::digest::challenge::{Choices, Offered};
use crate::digest::session::Session;

/// A request, and the parameters that it must have.
pub(super) struct Vector {
    pub(super) user: (&'static str, &'static str),
    pub(super) challenges: &'static [&'static str],
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) body: &'static [u8],
    pub(super) cnonce: &'static str,
    pub(super) count: u32,
    pub(super) expected: &'static [(&'static str, &'static str)],
}

impl Vector {
    pub(super) fn sent(&self) -> Sent {
        let headers = fields("www-authenticate", self.challenges);
        let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
        let choices = Choices {
            has_integrity: true,
            allows_md5: true,
        };
        let Offered::Usable(offer) = Offered::strongest(&response, choices) else {
            panic!("no usable challenge in {:?}", self.challenges);
        };
        let user = User::new(self.user.0.into(), self.user.1.into()).unwrap();
        let session = Session::begin(&user, offer, Arc::default(), self.cnonce.as_bytes());
        let mut parts = get(&format!("https://a.example{}", self.path));
        parts.method = self.method.parse().unwrap();
        let request = RequestHead::from_parts(&parts).with_body(BodyView::Bytes(self.body));
        // The RFCs sign with `auth` what both could sign.
        let request = match self.body {
            [] => request.with_body(BodyView::Stream),
            _ => request,
        };
        let qop = session.qop(&request).unwrap();
        Sent::parse(&session.signed(&request, qop, self.count, self.cnonce.as_bytes()))
    }

    pub(super) fn check(&self) {
        let sent = self.sent();
        for (name, value) in self.expected {
            assert_eq!(sent.get(name), *value, "{name} of {sent:?}");
        }
    }
}

const NONCE_3_9_1: &str = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";

pub(super) const SHA256_3_9_1: &str = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
    algorithm=SHA-256, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
    opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

const MD5_3_9_1: &str = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
    algorithm=MD5, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
    opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

/// RFC 7616, 3.9.1.
pub(super) const MUFASA: Vector = Vector {
    user: ("Mufasa", "Circle of Life"),
    challenges: &[MD5_3_9_1, SHA256_3_9_1],
    method: "GET",
    path: "/dir/index.html",
    body: b"",
    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    count: 1,
    expected: &[
        ("username", "Mufasa"),
        ("realm", "http-auth@example.org"),
        ("uri", "/dir/index.html"),
        ("algorithm", "SHA-256"),
        ("nonce", NONCE_3_9_1),
        ("nc", "00000001"),
        ("cnonce", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
        ("qop", "auth"),
        ("opaque", "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"),
        (
            "response",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ],
};

#[test]
fn the_example_with_two_algorithms_is_answered_with_the_stronger() {
    MUFASA.check();
}

#[cfg(feature = "md5")]
#[test]
fn the_example_with_md5_is_answered_as_printed() {
    Vector {
        challenges: &[MD5_3_9_1],
        expected: &[
            ("algorithm", "MD5"),
            ("response", "8ca523f5e9506fed4657c9700eebdbec"),
        ],
        ..MUFASA
    }
    .check();
}

/// RFC 7616, 3.9.2. User and response are those of erratum 4897: the printed ones are wrong.
const DOE: Vector = Vector {
    user: ("J\u{e4}s\u{f8}n Doe", "Secret, or not?"),
    challenges: &[
        "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
        nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
        opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true",
    ],
    path: "/doe.json",
    cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    expected: &[
        (
            "username",
            "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",
        ),
        ("userhash", "true"),
        (
            "response",
            "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
        ),
    ],
    ..MUFASA
};

#[test]
fn the_example_with_sha_512_256_and_a_hashed_user_is_answered_as_in_the_erratum() {
    DOE.check();
}

#[test]
fn a_user_that_is_not_ascii_is_sent_in_an_extended_parameter() {
    let vector = Vector {
        challenges: &[
            "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
            nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", charset=UTF-8",
        ],
        expected: &[
            ("username*", "UTF-8''J%C3%A4s%C3%B8n%20Doe"),
            (
                "response",
                "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
            ),
        ],
        ..DOE
    };
    vector.check();
    let sent = vector.sent();
    assert_eq!((sent.find("username"), sent.find("userhash")), (None, None));
}

/// RFC 2617, 3.5.
#[cfg(feature = "md5")]
#[test]
fn the_example_of_rfc_2617_is_answered_as_printed() {
    let vector = Vector {
        user: ("Mufasa", "Circle Of Life"),
        challenges: &[
            "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
            nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
            opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
        ],
        cnonce: "0a4f113b",
        expected: &[
            ("response", "6629fae49393a05397450978507c4ef1"),
            ("opaque", "5ccc069c403ebaf9f0171e9517f40e41"),
        ],
        ..MUFASA
    };
    vector.check();
    assert_eq!(vector.sent().find("algorithm"), None);
}

/// RFC 2069, 2.4. The response is that of erratum 749: the printed one is wrong.
#[cfg(feature = "md5")]
#[test]
fn the_example_of_rfc_2069_is_answered_as_in_the_erratum() {
    let vector = Vector {
        user: ("Mufasa", "CircleOfLife"),
        challenges: &["Digest realm=\"testrealm@host.com\", \
            nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
            opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""],
        expected: &[("response", "1949323746fe6a43ef61f9606e7febea")],
        ..MUFASA
    };
    vector.check();
    for absent in ["nc", "cnonce", "qop"] {
        assert_eq!(vector.sent().find(absent), None);
    }
}
