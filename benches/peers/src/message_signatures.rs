//! HTTP message signatures (RFC 9421) of the same request, without a body.

use std::hint::black_box;
use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use http::request::Parts;
use httpsig::prelude::message_component::{HttpMessageComponent, HttpMessageComponentId};
use httpsig::prelude::{AlgorithmName, HttpSignatureBase, HttpSignatureParams, SecretKey};
use multi_auth_benches::callgrind::measured;
use multi_auth_benches::requests;

/// The private key of RFC 8037, A.1.
const KEY: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

const COMPONENTS: [&str; 4] = ["@method", "@authority", "@path", "@query"];

pub(crate) fn httpsig() {
    let key = SecretKey::from_bytes(&AlgorithmName::Ed25519, &KEY).unwrap();
    let ids = COMPONENTS.map(|name| HttpMessageComponentId::try_from(name).unwrap());
    let sign = |parts: &mut Parts| {
        let mut params = HttpSignatureParams::try_new(&ids).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        params.set_created(now.as_secs()).set_keyid("key-1");
        let values = [
            parts.method.to_string(),
            parts.uri.authority().unwrap().to_string(),
            parts.uri.path().to_owned(),
            format!("?{}", parts.uri.query().unwrap_or_default()),
        ];
        let lines = ids
            .iter()
            .zip(values)
            .map(|(id, value)| HttpMessageComponent::try_from((id, &[value][..])).unwrap());
        let lines: Vec<_> = lines.collect();
        let base = HttpSignatureBase::try_new(&lines, &params).unwrap();
        let fields = base.build_signature_headers(&key, Some("sig1")).unwrap();
        for (name, value) in [
            ("signature-input", fields.signature_input_header_value()),
            ("signature", fields.signature_header_value()),
        ] {
            let value = HeaderValue::try_from(value).unwrap();
            parts.headers.insert(name, value);
        }
    };
    requests::heads().iter_mut().for_each(&sign);
    let mut all = requests::heads();
    measured(|| {
        for parts in &mut all {
            sign(black_box(parts));
        }
    });
    assert!(
        all.iter()
            .all(|parts| parts.headers.contains_key("signature"))
    );
}
