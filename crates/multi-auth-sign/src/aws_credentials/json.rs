//! Reads credentials from JSON, as the container and the instance metadata endpoints return them.

use std::fmt;
use std::time::SystemTime;

use multi_auth::{AuthError, SecretString, Token, TokenRequestProblem};
use secrecy::ExposeSecret;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::Value;

use super::AwsCredentialsProblem as Problem;
use super::client::Answer;
use super::{code, expiry};
use crate::{AwsCredentials, SignError};

/// The response
/// ([AWS](https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html)).
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    /// That of the instance metadata service, also in a response with status 200.
    code: Option<String>,
    access_key_id: Option<Text>,
    secret_access_key: Option<Text>,
    token: Option<Text>,
    expiration: Option<Value>,
}

/// The token of the credentials in `answer`. `who` names what sent it.
pub(super) fn read(answer: &Answer, who: &'static str) -> Result<Token, AuthError> {
    let text = answer.text()?;
    if text.starts_with('<') {
        return Err(answer.failed(TokenRequestProblem::Html));
    }
    let document = serde_json::from_str::<Document>(text);
    let document = document.map_err(|_| answer.failed(TokenRequestProblem::NotJson))?;
    document.check_code(who)?;
    let invalid = |member| SignError::from(Problem::Response { who, member });
    let id = document.access_key_id.ok_or(invalid("AccessKeyId"))?.0;
    let secret = document.secret_access_key;
    let secret = secret.ok_or(invalid("SecretAccessKey"))?.0;
    let mut credentials = AwsCredentials::new(id.expose_secret(), secret)?;
    if let Some(Text(token)) = document.token {
        credentials = credentials.with_session_token(token)?;
    }
    let token = credentials.into_token();
    match document.expiration {
        None | Some(Value::Null) => Ok(token),
        Some(time) => {
            let time = expires(&time).ok_or(invalid("Expiration"))?;
            Ok(expiry::add(token, time, &answer.headers))
        }
    }
}

impl Document {
    fn check_code(&self, who: &'static str) -> Result<(), SignError> {
        let Some(name) = self.code.as_deref().filter(|name| *name != "Success") else {
            return Ok(());
        };
        Err(match code::known(name) {
            Some(code) => code.denied(who).into(),
            None => Problem::Response {
                who,
                member: "Code",
            }
            .into(),
        })
    }
}

fn expires(value: &Value) -> Option<SystemTime> {
    match value {
        Value::String(text) => expiry::parse(text),
        Value::Number(number) => expiry::parse(&number.to_string()),
        _ => None,
    }
}

/// A secret, copied once into memory that is wiped.
struct Text(SecretString);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.into()))
    }
}
