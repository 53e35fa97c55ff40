//! The vendor: it issues tokens, replaces refresh tokens, and revokes all of them on a reuse.

use super::Setup;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Vendor {
    /// The newest access token. They are numbered.
    pub(super) issued: u8,
    /// Access tokens up to this one have expired.
    pub(super) expired: u8,
    /// Access tokens up to this one are revoked.
    pub(super) revoked: u8,
    /// The refresh token that it accepts.
    pub(super) refresh_token: u8,
    /// A refresh token was presented again: no token is valid any more.
    pub(super) is_reused: bool,
}

/// The vendor's answer to a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Response {
    Tokens {
        access_token: u8,
        refresh_token: u8,
    },
    /// It is overloaded, for example. Nothing has changed.
    Failure,
    /// The refresh token is not valid any more.
    LoginRequired,
}

impl Vendor {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            issued: 0,
            expired: 0,
            revoked: 0,
            refresh_token: u8::from(setup.refreshes()),
            is_reused: false,
        }
    }

    /// Answers a token request that presents `refresh_token`. 0: it presents none.
    pub(super) fn respond(&mut self, refresh_token: u8) -> Response {
        if refresh_token > 0 {
            self.is_reused |= refresh_token != self.refresh_token;
            if self.is_reused {
                return Response::LoginRequired;
            }
            self.refresh_token += 1;
        }
        self.issued += 1;
        Response::Tokens {
            access_token: self.issued,
            refresh_token: self.refresh_token,
        }
    }
}
