//! The key of one day, region and service, and signatures with it.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key, Tag, sign};
use multi_auth::SecretString;
use percent_encoding::utf8_percent_encode;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::Settings;
use super::timestamp::Timestamp;
use crate::percent::NOT_UNRESERVED;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A signing key that is valid for one day.
pub(super) struct DayKey {
    day: [u8; 8],
    /// `20150830/us-east-1/service/aws4_request`.
    scope: Box<str>,
    key: Key,
}

impl DayKey {
    pub(super) fn derive(secret: &SecretString, time: &Timestamp, settings: &Settings) -> Self {
        let day = time.day();
        let first = Zeroizing::new(format!("AWS4{}", secret.expose_secret()));
        let (region, service) = (&settings.region, &settings.service);
        let parts = [
            &day[..],
            region.as_bytes(),
            service.as_bytes(),
            b"aws4_request",
        ];
        let mut key = Key::new(HMAC_SHA256, first.as_bytes());
        for part in parts {
            key = Key::new(HMAC_SHA256, sign(&key, part).as_ref());
        }
        let date = String::from_utf8_lossy(&day);
        Self {
            scope: format!("{date}/{region}/{service}/aws4_request").into(),
            day,
            key,
        }
    }

    pub(super) fn is_of(&self, time: &Timestamp) -> bool {
        self.day == time.day()
    }

    /// The signature of the canonical request `canonical`, in hexadecimal.
    pub(super) fn sign(&self, time: &Timestamp, canonical: &[u8]) -> [u8; 64] {
        let hash = hexadecimal(digest(&SHA256, canonical).as_ref());
        let mut text = Context::with_key(&self.key);
        text.update(&first_lines(time));
        text.update(self.scope.as_bytes());
        text.update(b"\n");
        text.update(&hash);
        let signature: Tag = text.sign();
        hexadecimal(signature.as_ref())
    }

    /// The parameters of a signature in the query, except the signature itself.
    pub(super) fn parameters(
        &self,
        access_key_id: &str,
        time: &Timestamp,
        valid: Duration,
    ) -> String {
        let scope = self.scope.replace('/', "%2F");
        let id = utf8_percent_encode(access_key_id, NOT_UNRESERVED);
        let date = time.text();
        let date = String::from_utf8_lossy(&date);
        let seconds = valid.as_secs();
        format!(
            "X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={id}%2F{scope}\
             &X-Amz-Date={date}&X-Amz-Expires={seconds}&X-Amz-SignedHeaders=host"
        )
    }

    /// The value of `Authorization`. `names` are the names of the signed fields.
    pub(super) fn authorization(
        &self,
        access_key_id: &str,
        names: &[u8],
        signature: &[u8; 64],
    ) -> Vec<u8> {
        let parts = [
            ALGORITHM.as_bytes(),
            b" Credential=",
            access_key_id.as_bytes(),
            b"/",
            self.scope.as_bytes(),
            b", SignedHeaders=",
            names,
            b", Signature=",
            signature,
        ];
        parts.concat()
    }
}

/// The algorithm and the time, each in a line.
fn first_lines(time: &Timestamp) -> [u8; 34] {
    let mut lines = *b"AWS4-HMAC-SHA256\n00000000T000000Z\n";
    lines[17..33].copy_from_slice(&time.text());
    lines
}

/// A SHA-256 hash in hexadecimal.
pub(super) fn hexadecimal(hash: &[u8]) -> [u8; 64] {
    let mut text = [0; 64];
    // A hash of 32 bytes has 64 digits.
    let _ = hex::encode_to_slice(hash, &mut text);
    text
}
