//! Signatures in the query: URLs that anyone can use until they expire.

use std::time::Duration;

use http::{Extensions, HeaderMap, Method};
use multi_auth::{AuthError, RequestHead, SecretString};
use percent_encoding::utf8_percent_encode;
use url::Url;

use super::canonical::{Canonical, PathRules};
use super::payload::{EMPTY, PayloadChoice, UNSIGNED};
use super::timestamp::Timestamp;
use super::{SigV4, identity::Identity};
use crate::SignError;
use crate::host::Host;
use crate::percent::NOT_UNRESERVED;

/// The longest time that a URL may be valid.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl SigV4 {
    /// Signs `url`, so that anyone who has it can send this request for the time `valid`, from one
    /// second to 7 days
    /// ([AWS](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html)). The
    /// body is not signed at S3 or with
    /// [`unsigned_payload`](super::SigV4Builder::unsigned_payload), and must be empty otherwise.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use http::Method;
    /// use multi_auth_sign::{AwsCredentials, SigV4};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let credentials = AwsCredentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    /// let s3 = SigV4::new("eu-central-1", "s3", credentials)?;
    /// let url = "https://my-bucket.s3.eu-central-1.amazonaws.com/report.pdf".parse()?;
    /// let url = s3.presign(&Method::GET, &url, Duration::from_secs(3600)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AuthError`] if `valid` is out of range, `url` has a signature, or there are no credentials.
    pub async fn presign(
        &self,
        method: &Method,
        url: &Url,
        valid: Duration,
    ) -> Result<SecretString, AuthError> {
        const LENGTH: SignError = SignError::signature(
            "a URL is valid for one second to 7 days",
            "give a time between them",
        );
        const SIGNED: SignError = SignError::signature(
            "the URL has a signature",
            "give the URL without its X-Amz parameters",
        );
        if valid < Duration::from_secs(1) || valid > LONGEST {
            return Err(LENGTH.into());
        }
        if url
            .query_pairs()
            .any(|(name, _)| name.starts_with("X-Amz-"))
        {
            return Err(SIGNED.into());
        }
        let (identity, _) = self.credentials.obtain().await?;
        let mut signed = url.clone();
        signed.set_fragment(None);
        let signature = self.sign_query(method, &mut signed, valid, &identity)?;
        Ok(format!("{signed}&X-Amz-Signature={signature}").into())
    }

    /// Adds the parameters of the signature to the query of `url`, and returns the signature.
    fn sign_query(
        &self,
        method: &Method,
        url: &mut Url,
        valid: Duration,
        identity: &Identity,
    ) -> Result<String, AuthError> {
        let settings = &*self.settings;
        let is_unsigned = settings.is_s3 || settings.payload == PayloadChoice::Unsigned;
        let time = self.time()?;
        let key = identity.key(&time, settings);
        let own = url.query().filter(|query| !query.is_empty());
        let own = own.map(|query| format!("{query}&")).unwrap_or_default();
        let parameters = key.parameters(identity.access_key_id(), &time, valid);
        // It is visible ASCII.
        let token = identity
            .session_token()
            .and_then(|token| token.to_str().ok());
        let token = token.map(|token| utf8_percent_encode(token, NOT_UNRESERVED));
        let token = token.map(|token| format!("&X-Amz-Security-Token={token}"));
        let token = token.unwrap_or_default();
        url.set_query(Some(&format!("{own}{parameters}{token}")));
        let (headers, extensions) = (HeaderMap::new(), Extensions::new());
        let head = RequestHead::from_url(method, url, &headers, &extensions);
        let host = Host::of(&head)?;
        let mut fields: Vec<_> = host.iter().map(|host| ("host", host.as_bytes())).collect();
        let mut text = Vec::new();
        let canonical = Canonical {
            method: method.as_str(),
            path: url.path(),
            rules: PathRules::of(settings.is_s3),
            query: url.query().unwrap_or_default(),
            fields: &mut fields,
            payload: if is_unsigned { UNSIGNED } else { EMPTY },
        };
        canonical.write(&mut text);
        Ok(String::from_utf8_lossy(&key.sign(&time, &text)).into_owned())
    }

    fn time(&self) -> Result<Timestamp, SignError> {
        Timestamp::of(self.settings.clock.wall(), self.skew.current().0)
    }
}
