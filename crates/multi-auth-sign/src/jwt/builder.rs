//! Describes a JWT.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use multi_auth::Clock;
use serde_json::Value;

use super::Jwt;
use crate::SignError;

/// Describes a [`Jwt`], from [`Jwt::builder`].
///
/// What cannot be right is an error of [`build`](Self::build), which names the first problem.
#[must_use]
pub struct JwtBuilder {
    jwt: Jwt,
    problem: Option<SignError>,
}

/// Claims that have a method here, and header members that the key decides.
const OWN_CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
const OWN_MEMBERS: [&str; 5] = ["alg", "kid", "typ", "crit", "b64"];

/// A hundred years: no clock overflows by it.
const LONGEST_LIFE: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

impl JwtBuilder {
    pub(super) fn new(jwt: Jwt) -> Self {
        Self { jwt, problem: None }
    }

    /// Who makes the JWT: `iss`.
    pub fn issuer(self, issuer: &str) -> Self {
        self.text("iss", issuer, "the issuer is empty")
    }

    /// Whom it is about: `sub`.
    pub fn subject(self, subject: &str) -> Self {
        self.text("sub", subject, "the subject is empty")
    }

    /// Whom it is for: `aud`, as text.
    pub fn audience(self, audience: &str) -> Self {
        self.text("aud", audience, "the audience is empty")
    }

    /// Whom it is for: `aud`, as an array.
    pub fn audiences<S: Into<String>>(mut self, audiences: impl IntoIterator<Item = S>) -> Self {
        let audiences: Vec<String> = audiences.into_iter().map(Into::into).collect();
        if audiences.is_empty() || audiences.iter().any(String::is_empty) {
            self.refuse("an audience is empty", "name each one, as the vendor says");
        }
        self.put("aud", audiences.into())
    }

    /// How long it lives from now, in whole seconds: `exp`. Default: 5 minutes.
    ///
    /// Vendors have a limit: 10 minutes at GitHub, 20 at App Store Connect, 60 at Google and
    /// Snowflake. Most count it from `iat`, so [`backdated_by`](Self::backdated_by) adds to it.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        if lifetime < Duration::from_secs(1) || lifetime > LONGEST_LIFE {
            self.refuse(
                "the lifetime is under a second or over 100 years",
                "set what the vendor allows, such as 5 minutes",
            );
        }
        self.jwt.lifetime = lifetime;
        self
    }

    /// Sets `iat` so long before now, in whole seconds: a vendor whose clock is behind refuses a
    /// JWT of the future. GitHub recommends 60 seconds. Default: zero.
    pub fn backdated_by(mut self, leeway: Duration) -> Self {
        if leeway > LONGEST_LIFE {
            self.refuse(
                "the JWT is backdated by over 100 years",
                "set what clocks may differ by, such as a minute",
            );
        }
        self.jwt.backdated_by = leeway;
        self
    }

    /// Adds `nbf`, the time of `iat`.
    pub fn not_before(mut self) -> Self {
        self.jwt.has_not_before = true;
        self
    }

    /// Adds `jti`: 128 random bits, new in each JWT, by which a vendor knows one that it has seen.
    pub fn random_id(mut self) -> Self {
        self.jwt.has_random_id = true;
        self
    }

    /// Adds a claim, in place of an earlier one of this name.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        if OWN_CLAIMS.contains(&name) {
            self.refuse(
                "a registered claim was given by name",
                "use its method, such as `issuer` or `lifetime`",
            );
        }
        self.put(name, value.into())
    }

    /// The type, in place of `JWT`: the header's `typ`, such as `client-authentication+jwt`.
    pub fn typ(mut self, typ: &str) -> Self {
        if typ.is_empty() {
            self.refuse(
                "the type of the JWT is empty",
                "name the type, or leave it out",
            );
        }
        self.jwt.header.insert("typ".to_owned(), typ.into());
        self
    }

    /// Adds a member to the header, such as `x5t#S256`, the certificate's thumbprint that Microsoft
    /// Entra asks for.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        if OWN_MEMBERS.contains(&name) {
            self.refuse(
                "a header member that the key or the format decides was given by name",
                "set the key's algorithm and ID, or use `typ`; `crit` and `b64` are not supported",
            );
        }
        self.jwt.header.insert(name.to_owned(), value.into());
        self
    }

    /// The clock that tells the present time. Default: the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.jwt.clock = clock;
        self
    }

    /// The description.
    ///
    /// # Errors
    ///
    /// [`SignError::Jwt`] if a text is empty, a lifetime is under a second, or a registered claim
    /// or header member was given by name.
    pub fn build(self) -> Result<Jwt, SignError> {
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(self.jwt),
        }
    }

    fn text(mut self, name: &str, text: &str, empty: &'static str) -> Self {
        if text.is_empty() {
            self.refuse(empty, "give the value that the vendor names");
        }
        self.put(name, text.into())
    }

    fn put(mut self, name: &str, value: Value) -> Self {
        self.jwt.claims.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn refuse(&mut self, what: &'static str, remedy: &'static str) {
        self.problem.get_or_insert(SignError::jwt(what, remedy));
    }
}

impl fmt::Debug for JwtBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBuilder")
            .field("jwt", &self.jwt)
            .field("problem", &self.problem)
            .finish()
    }
}
