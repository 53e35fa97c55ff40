//! The parts of a request that a signature covers (RFC 9421, 2), by their identifiers.

use http::HeaderName;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::SignError;

/// All bytes except those that a form leaves as they are (RFC 9421, 2.2.8).
pub(super) const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

const CONTENT_DIGEST: &str = "content-digest";

/// A part of a request that a signature covers.
#[derive(Clone, Debug)]
pub(super) struct Component {
    /// The identifier as it is sent, such as `"@query-param";name="id"` (RFC 9421, 2).
    pub(super) id: Box<str>,
    pub(super) source: Source,
    /// Whether a request without it is an error.
    pub(super) is_required: bool,
}

/// Where the value of a component is.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Method,
    TargetUri,
    Authority,
    Scheme,
    RequestTarget,
    Path,
    Query,
    /// The parameter with this name, decoded.
    QueryParam(Box<str>),
    Field(HeaderName),
    /// The same, each line in base64: the parameter `bs`.
    Bytes(HeaderName),
    /// The field `Content-Digest`, of the caller or computed.
    ContentDigest,
    /// A value that the signer adds to the request.
    Added(Box<str>),
}

impl Component {
    /// Reads an identifier as users write it, such as `@method` and `x-id;bs`.
    pub(super) fn parse(text: &str, is_required: bool) -> Result<Self, SignError> {
        let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
        let (id, source) = match (name, parameters) {
            ("@query-param", parameters) => query_param(parameters)?,
            (name, parameters) if name.starts_with('@') => derived(name, parameters)?,
            (name, parameters) => field(name, parameters)?,
        };
        Ok(Self {
            id: id.into(),
            source,
            is_required,
        })
    }

    /// The member of the field `Signature-Agent` that belongs to this signature.
    pub(super) fn signature_agent(member: &str, value: &str) -> Self {
        Self {
            id: format!(r#""signature-agent";key="{member}""#).into(),
            source: Source::Added(value.into()),
            is_required: true,
        }
    }

    pub(super) fn is_content_digest(&self) -> bool {
        matches!(self.source, Source::ContentDigest)
    }
}

fn derived(name: &str, parameters: &str) -> Result<(String, Source), SignError> {
    const UNKNOWN: SignError = SignError::signature(
        "a component has an `@` name that a request does not have",
        "use @method, @target-uri, @authority, @scheme, @request-target, @path, @query or @query-param",
    );
    const PARAMETERS: SignError = SignError::signature(
        "a component with an `@` name has a parameter",
        "write the name alone: only @query-param has one, `;name`",
    );
    let source = match name {
        "@method" => Source::Method,
        "@target-uri" => Source::TargetUri,
        "@authority" => Source::Authority,
        "@scheme" => Source::Scheme,
        "@request-target" => Source::RequestTarget,
        "@path" => Source::Path,
        "@query" => Source::Query,
        _ => return Err(UNKNOWN),
    };
    if !parameters.is_empty() {
        return Err(PARAMETERS);
    }
    Ok((format!(r#""{name}""#), source))
}

/// The name is read decoded or encoded, and written encoded (RFC 9421, 2.2.8).
fn query_param(parameters: &str) -> Result<(String, Source), SignError> {
    const NAME: SignError = SignError::signature(
        "the component @query-param has no valid name",
        r#"write `@query-param;name="id"`, with the name percent-encoded"#,
    );
    let name = parameters
        .strip_prefix(r#"name=""#)
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|name| !name.contains(['"', '\\']))
        .ok_or(NAME)?;
    let name = percent_decode_str(name).decode_utf8().map_err(|_| NAME)?;
    let encoded = utf8_percent_encode(&name, FORM);
    let id = format!(r#""@query-param";name="{encoded}""#);
    Ok((id, Source::QueryParam(name.into())))
}

fn field(name: &str, parameters: &str) -> Result<(String, Source), SignError> {
    const NAME: SignError = SignError::signature(
        "a component is not the name of a header field",
        "write it as `content-type`, or with an `@` as `@method`",
    );
    const OWN: SignError = SignError::signature(
        "a component is a field that the signature itself sets",
        "leave `signature` and `signature-input` out: a request that has them is not signed again",
    );
    const PARAMETER: SignError = SignError::signature(
        "a component has a parameter that is not supported",
        "use `;bs` or no parameter: `;sf`, `;key`, `;tr` and `;req` are not supported",
    );
    let field: HeaderName = name.parse().map_err(|_| NAME)?;
    let name = field.as_str().to_owned();
    if ["signature", "signature-input"].contains(&&*name) {
        return Err(OWN);
    }
    match parameters {
        "" if name == CONTENT_DIGEST => Ok((format!(r#""{name}""#), Source::ContentDigest)),
        "" => Ok((format!(r#""{name}""#), Source::Field(field))),
        "bs" => Ok((format!(r#""{name}";bs"#), Source::Bytes(field))),
        _ => Err(PARAMETER),
    }
}
