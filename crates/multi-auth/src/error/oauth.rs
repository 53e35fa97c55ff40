//! The registered OAuth error codes and their meaning.

/// What kind of problem an OAuth error code of a token endpoint reports (RFC 6749, 5.2).
///
/// ```
/// use multi_auth::{AuthError, OAuthErrorKind, TokenRequestProblem};
///
/// fn must_ask_the_vendor(error: &AuthError) -> bool {
///     let AuthError::TokenRequest { problem, .. } = error else { return false };
///     matches!(problem, TokenRequestProblem::Denied { kind: OAuthErrorKind::Permission, .. })
/// }
/// # assert!(!must_ask_the_vendor(&AuthError::NotReady));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OAuthErrorKind {
    /// The vendor is busy. The same request may succeed later.
    Transient,
    /// The key, the client secret or the grant is wrong, expired or revoked.
    Key,
    /// The request is wrong: a parameter, a scope, a grant type.
    Request,
    /// The key is valid but lacks a permission, or a person must give consent first.
    Permission,
}

use OAuthErrorKind::{Key, Permission, Request, Transient};

/// The error codes of token endpoints (IANA, OAuth Extensions Error Registry), each with its kind.
const CODES: [(&str, OAuthErrorKind); 35] = [
    // RFC 6749, 5.2
    ("invalid_request", Request),
    ("invalid_client", Key),
    ("invalid_grant", Key),
    ("unauthorized_client", Permission),
    ("unsupported_grant_type", Request),
    ("invalid_scope", Request),
    // RFC 6749, 4.1.2.1: of the authorization endpoint, and in use at token endpoints too
    ("access_denied", Permission),
    ("unsupported_response_type", Request),
    ("server_error", Transient),
    ("temporarily_unavailable", Transient),
    // RFC 6750, 3.1
    ("invalid_token", Key),
    ("insufficient_scope", Permission),
    // RFC 7009, 2.2.1
    ("unsupported_token_type", Request),
    // RFC 8628, 3.5
    ("authorization_pending", Transient),
    ("slow_down", Transient),
    ("expired_token", Key),
    // RFC 8693, 2.2.2 and RFC 8707, 2
    ("invalid_target", Request),
    // RFC 9396, 5
    ("invalid_authorization_details", Request),
    // RFC 9449, 5 and 8
    ("invalid_dpop_proof", Request),
    ("use_dpop_nonce", Request),
    // RFC 9470, 3
    ("insufficient_user_authentication", Permission),
    // RFC 9200, 5.8.3
    ("unsupported_pop_key", Request),
    ("incompatible_ace_profiles", Request),
    // OpenID Connect Core, 3.1.2.6
    ("interaction_required", Permission),
    ("login_required", Permission),
    ("account_selection_required", Permission),
    ("consent_required", Permission),
    ("invalid_request_uri", Request),
    ("invalid_request_object", Request),
    ("request_not_supported", Request),
    ("request_uri_not_supported", Request),
    ("registration_not_supported", Request),
    // OpenID Connect CIBA, 11 and 13
    ("transaction_failed", Transient),
    ("expired_login_hint_token", Key),
    ("unknown_user_id", Request),
];

/// The registered code equal to `text`, with its kind. No other text of an endpoint is ever
/// printed, because it may hold a secret.
pub(crate) fn registered(text: &str) -> Option<(&'static str, OAuthErrorKind)> {
    CODES.into_iter().find(|(code, _)| *code == text)
}

impl OAuthErrorKind {
    /// What the user can do.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Transient => "the vendor is busy; try again later",
            Key => "check that the key is current, or create a new one with the vendor",
            Request => "compare the token request with the vendor's documentation",
            Permission => "ask the vendor to grant the permission",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_table_once() {
        for (code, kind) in CODES {
            let same = CODES.iter().filter(|(other, _)| *other == code).count();
            assert_eq!((same, registered(code)), (1, Some((code, kind))));
        }
        assert_eq!(registered("a secret"), None);
    }
}
