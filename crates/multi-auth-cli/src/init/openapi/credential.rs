//! The security schemes of a document (OpenAPI 3.1, 4.8.27), as the schemes of an entry.

use serde_json::Value;
use url::Url;

/// How a request carries a key or a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A field of an entry: `scheme`, and `name` or `prefix`.
    Static {
        scheme: &'static str,
        name: Option<String>,
        prefix: Option<String>,
    },
    OAuth(Flow),
    /// The issuer of OpenID Connect.
    Issuer(String),
}

/// A flow of OAuth 2.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    ClientCredentials {
        token_url: String,
    },
    Login {
        token_url: String,
        authorization_url: Option<String>,
        device_authorization_url: Option<String>,
    },
}

const CONFIGURATION: &str = "/.well-known/openid-configuration";

impl Credential {
    /// The credential of the security scheme `scheme`, or why there is none. URLs start at `base`.
    pub(super) fn of(scheme: &Value, base: Option<&Url>) -> Result<Self, &'static str> {
        let text = |name: &str| scheme[name].as_str().unwrap_or_default();
        match text("type") {
            "apiKey" => api_key(text("in"), text("name")),
            "http" => http(text("scheme")),
            "oauth2" => flow(&scheme["flows"], base).map(Self::OAuth),
            "openIdConnect" => {
                let url = absolute(text("openIdConnectUrl"), base)
                    .ok_or("has an OpenID Connect URL that is not https")?;
                let issuer = url
                    .strip_suffix(CONFIGURATION)
                    .ok_or("has an OpenID Connect URL without an issuer")?;
                Ok(Self::Issuer(issuer.to_owned()))
            }
            "mutualTLS" => Err("needs a client certificate, which belongs to the HTTP client"),
            _ => Err("has a security scheme of an unknown type"),
        }
    }

    /// What it is, in a few words.
    pub(crate) fn summary(&self) -> String {
        match self {
            Self::Static {
                scheme,
                name: Some(name),
                ..
            } => format!("{scheme} `{name}`"),
            Self::Static {
                scheme: "authorization",
                prefix: Some(prefix),
                ..
            } => {
                format!("`Authorization: {}...`", super::shown(prefix))
            }
            Self::Static { scheme, .. } => (*scheme).to_owned(),
            Self::OAuth(Flow::ClientCredentials { .. }) => "OAuth client credentials".to_owned(),
            Self::OAuth(Flow::Login { .. }) | Self::Issuer(_) => "login of a person".to_owned(),
        }
    }

    /// What the user is asked for.
    pub(super) fn secret(&self) -> String {
        match self {
            Self::Static {
                scheme: "basic", ..
            } => "the key, as user:password".to_owned(),
            Self::Static {
                name: Some(name), ..
            } => format!("the key for {}", super::shown(name)),
            Self::Static { .. } => "the key".to_owned(),
            Self::OAuth(_) | Self::Issuer(_) => "the client secret".to_owned(),
        }
    }

    /// The URL to which the client secret goes, if there is one. The metadata of an issuer names
    /// it.
    pub(super) fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Static { .. } => None,
            Self::Issuer(issuer) => Some(issuer),
            Self::OAuth(Flow::ClientCredentials { token_url } | Flow::Login { token_url, .. }) => {
                Some(token_url)
            }
        }
    }

    /// Whether it stands in `Authorization`.
    pub(super) fn is_authorization(&self) -> bool {
        match self {
            Self::Static { scheme, .. } => ["basic", "bearer", "authorization"].contains(scheme),
            Self::OAuth(_) | Self::Issuer(_) => true,
        }
    }
}

fn plain(scheme: &'static str) -> Credential {
    Credential::Static {
        scheme,
        name: None,
        prefix: None,
    }
}

fn api_key(place: &str, name: &str) -> Result<Credential, &'static str> {
    let named = |scheme| Credential::Static {
        scheme,
        name: Some(name.to_owned()),
        prefix: None,
    };
    match place {
        _ if name.is_empty() => Err("has an API key without a name"),
        "header" if name.eq_ignore_ascii_case("authorization") => Ok(plain("authorization")),
        "header" => Ok(named("header")),
        "query" => Ok(named("query")),
        "cookie" => Ok(named("cookie")),
        _ => Err("has an API key in an unknown place"),
    }
}

/// A scheme of the registry of HTTP authentication schemes (RFC 9110, 11.1).
fn http(name: &str) -> Result<Credential, &'static str> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    match &*name.to_ascii_lowercase() {
        "basic" => Ok(plain("basic")),
        "bearer" => Ok(plain("bearer")),
        "digest" | "dpop" | "hoba" | "mutual" | "negotiate" | "ntlm" | "privatetoken"
        | "scram-sha-1" | "scram-sha-256" | "vapid" => {
            Err("has an HTTP scheme that is not a constant key")
        }
        "" => Err("has a security scheme without an HTTP scheme"),
        other if other.contains("hmac") || other.contains("signature") => {
            Err("has an HTTP scheme that signs each request")
        }
        _ if !name.bytes().all(is_token) => Err("has an HTTP scheme that is not a name"),
        _ => Ok(Credential::Static {
            scheme: "authorization",
            name: None,
            prefix: Some(format!("{name} ")),
        }),
    }
}

fn flow(flows: &Value, base: Option<&Url>) -> Result<Flow, &'static str> {
    let url = |flow: &str, name: &str| {
        let text = flows[flow][name].as_str()?;
        absolute(text, base)
    };
    if let Some(token_url) = url("clientCredentials", "tokenUrl") {
        return Ok(Flow::ClientCredentials { token_url });
    }
    let authorization_url = url("authorizationCode", "authorizationUrl");
    let device = url("deviceAuthorization", "deviceAuthorizationUrl");
    let token_url = match (&authorization_url, &device) {
        (Some(_), _) => url("authorizationCode", "tokenUrl"),
        (None, Some(_)) => url("deviceAuthorization", "tokenUrl"),
        (None, None) => None,
    };
    let token_url = token_url.ok_or("has no OAuth flow for client credentials, authorization code or device authorization over https")?;
    Ok(Flow::Login {
        token_url,
        authorization_url,
        device_authorization_url: device,
    })
}

/// `text` as an https URL without a fragment. A relative one starts at `base`.
fn absolute(text: &str, base: Option<&Url>) -> Option<String> {
    let url = match (Url::parse(text), base) {
        (Ok(url), _) => url,
        (Err(_), Some(base)) => base.join(text).ok()?,
        (Err(_), None) => return None,
    };
    let is_usable = super::is_plain(text)
        && url.scheme() == "https"
        && url.fragment().is_none()
        && url.username().is_empty();
    let has_gap = text.contains(['{', '}']);
    (is_usable && !has_gap && !text.is_empty()).then(|| url.to_string())
}
