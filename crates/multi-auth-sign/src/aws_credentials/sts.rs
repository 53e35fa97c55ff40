//! Reads the answer of STS, which is XML.
//!
//! The values are base64, IDs and times, and so have no character that XML escapes. A value that
//! has one is refused, so no XML parser is needed.

use http::StatusCode;
use multi_auth::{AuthError, Token};

use super::AwsCredentialsProblem as Problem;
use super::client::Answer;
use super::{code, expiry};
use crate::{AwsCredentials, SignError};

const STS: &str = "STS";

/// The token of the credentials in `answer`
/// ([AWS](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html)).
pub(super) fn read(answer: Answer) -> Result<Token, AuthError> {
    if let Some(denied) = denial(&answer) {
        return Err(denied.into());
    }
    let answer = answer.success()?;
    let xml = answer.text()?;
    let invalid = |member| SignError::from(Problem::Response { who: STS, member });
    let credentials = element(xml, "Credentials").ok_or(invalid("Credentials"))?;
    let value = |name| value(credentials, name).ok_or(invalid(name));
    let expiration = expiry::parse(value("Expiration")?).ok_or(invalid("Expiration"))?;
    let token = AwsCredentials::new(value("AccessKeyId")?, value("SecretAccessKey")?)?
        .with_session_token(value("SessionToken")?)?
        .into_token();
    Ok(expiry::add(token, expiration, &answer.headers))
}

/// The documented error in `answer`. `None` for a server error and for status 429, which are
/// transient with every code.
fn denial(answer: &Answer) -> Option<SignError> {
    let status = answer.status;
    if status.is_success() || status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let error = element(answer.text().ok()?, "Error")?;
    let code = code::known(value(error, "Code")?)?;
    Some(code.denied(STS).into())
}

/// The text of the element `name`.
fn value<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let text = element(xml, name)?.trim();
    (!text.is_empty() && !text.contains(['<', '&'])).then_some(text)
}

/// The content of the only element `name`. STS writes its elements without attributes.
fn element<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    let (_, rest) = xml.split_once(&begin)?;
    let (content, after) = rest.split_once(&end)?;
    (!after.contains(&begin) && !content.contains(&begin)).then_some(content)
}
