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
/// [`build`](Self::build) returns an error that names the first problem.
#[must_use]
pub struct JwtBuilder {
    jwt: Jwt,
    problem: Option<SignError>,
}

/// Claims that have a method of the builder, and header members that the key sets.
const OWN_CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
const OWN_MEMBERS: [&str; 5] = ["alg", "kid", "typ", "crit", "b64"];

/// A hundred years, so that no clock overflows.
const LONGEST_LIFE: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

impl JwtBuilder {
    pub(super) fn new(jwt: Jwt) -> Self {
        Self { jwt, problem: None }
    }

    /// Sets `iss`, the issuer.
    pub fn issuer(self, issuer: &str) -> Self {
        self.text("iss", issuer, "the issuer is empty")
    }

    /// Sets `sub`, the subject.
    pub fn subject(self, subject: &str) -> Self {
        self.text("sub", subject, "the subject is empty")
    }

    /// Sets `aud`, the audience, as text.
    pub fn audience(self, audience: &str) -> Self {
        self.text("aud", audience, "the audience is empty")
    }

    /// Sets `aud`, the audience, as an array.
    pub fn audiences<S: Into<String>>(mut self, audiences: impl IntoIterator<Item = S>) -> Self {
        let audiences: Vec<String> = audiences.into_iter().map(Into::into).collect();
        if audiences.is_empty() || audiences.iter().any(String::is_empty) {
            self.refuse("an audience is empty", "name each one, as the vendor says");
        }
        self.put("aud", audiences.into())
    }

    /// Sets `exp`, as a lifetime from now in whole seconds. Default: 5 minutes.
    ///
    /// Vendors limit it: 10 minutes at GitHub, 20 at App Store Connect, 60 at Google and Snowflake.
    /// Most count it from `iat`, so [`backdated_by`](Self::backdated_by) adds to it.
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

    /// Sets `iat` to this long before now, in whole seconds: a vendor whose clock is slow refuses a
    /// JWT from the future. GitHub recommends 60 seconds. Default: zero.
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

    /// Adds `jti`: 128 random bits, new in each JWT, by which a vendor detects a replay.
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

    /// Sets the header's `typ`, such as `client-authentication+jwt`. Default: `JWT`.
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

    /// Sets the clock. Default: that of the machine.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.jwt.clock = clock;
        self
    }

    /// Builds the description.
    ///
    /// # Errors
    ///
    /// [`SignError::Jwt`] if a text is empty, if a lifetime is under a second, or if a registered
    /// claim or header member was added by name.
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
