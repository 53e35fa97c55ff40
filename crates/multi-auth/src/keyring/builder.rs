//! Builds a keyring, and checks each binding.

use std::sync::Arc;

use super::table::Table;
use super::{Inner, Keyring, Needs, ProtectionSpace};
use crate::credential::SAME_FIELD;
use crate::telemetry::label::Label;
use crate::telemetry::metrics::{Labels, Meters};
use crate::{AuthError, Authenticator, BodyNeed, Placement};

/// Builds a [`Keyring`], from [`Keyring::builder`].
///
/// ```
/// use multi_auth::{ApiKey, Keyring};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let keyring = Keyring::builder()
///     .bind("https://api.example.com/v1", ApiKey::header("x-api-key", "k-123")?)?
///     .refuse_unbound()
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct KeyringBuilder {
    table: Table,
    authenticators: Vec<Box<dyn Authenticator>>,
    labels: Vec<Label>,
    metered: Labels,
    refuse_unbound: bool,
    replay_safe_only: bool,
}

impl KeyringBuilder {
    /// Binds `authenticator` to `space`, a URL or a [`ProtectionSpace`]: it serves the requests
    /// there, and no others.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if the URL is not valid as a protection space, if another credential
    /// is bound to it, if it has subdomains and `authenticator` does not [check
    /// hosts](Authenticator::checks_host), or if `authenticator` puts two credentials in one place,
    /// such as an [`AllOf`](crate::AllOf) of two keys with the same name.
    pub fn bind<S>(
        self,
        space: S,
        authenticator: impl Authenticator + 'static,
    ) -> Result<Self, AuthError>
    where
        S: TryInto<ProtectionSpace, Error: Into<AuthError>>,
    {
        let space = space.try_into().map_err(Into::into)?;
        self.add(&space, Box::new(authenticator))
    }

    /// Binds one `authenticator` to several protection spaces.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub fn bind_all(
        self,
        spaces: impl IntoIterator<Item = ProtectionSpace>,
        authenticator: impl Authenticator + 'static,
    ) -> Result<Self, AuthError> {
        let authenticator = Arc::new(authenticator);
        let mut spaces = spaces.into_iter();
        spaces.try_fold(self, |keyring, space| {
            keyring.add(&space, Box::new(Arc::clone(&authenticator)))
        })
    }

    /// Fails each request outside all protection spaces with [`AuthError::Unbound`]. By default,
    /// such a request is sent unchanged.
    #[must_use]
    pub fn refuse_unbound(mut self) -> Self {
        self.refuse_unbound = true;
        self
    }

    /// Replays only requests with a safe method (RFC 9110, 9.2.1) after a refresh.
    ///
    /// By default, every method is replayed, because a vendor that answers 401 has not acted on the
    /// request.
    #[must_use]
    pub fn replay_safe_methods_only(mut self) -> Self {
        self.replay_safe_only = true;
        self
    }

    /// Builds the keyring. With the feature `metrics`, it uses the recorder that is installed now.
    #[must_use]
    pub fn build(self) -> Keyring {
        let Self {
            table,
            authenticators,
            labels,
            metered,
            refuse_unbound,
            replay_safe_only,
        } = self;
        let any =
            |needs: fn(&dyn Authenticator) -> bool| authenticators.iter().any(|one| needs(&**one));
        let needs = Needs {
            bodies: any(|one| one.needs_body() != BodyNeed::Nothing),
            responses: any(|one| one.reads_responses()),
        };
        let inner = Inner {
            domains: table.with_subdomains(),
            table,
            needs,
            authenticators,
            labels: labels.into_boxed_slice(),
            meters: Meters::new(metered),
            refuse_unbound,
            replay_safe_only,
        };
        Keyring {
            inner: Arc::new(inner),
        }
    }

    fn add(
        mut self,
        space: &ProtectionSpace,
        authenticator: Box<dyn Authenticator>,
    ) -> Result<Self, AuthError> {
        const FULL: AuthError = AuthError::unsupported(
            "a keyring holds at most 2^32 - 1 bindings",
            "build a second keyring",
        );
        if space.has_subdomains() && !authenticator.checks_host() {
            return Err(ALL_SUBDOMAINS);
        }
        let number = u32::try_from(self.authenticators.len()).map_err(|_| FULL)?;
        let placements = authenticator.placements();
        check_apart(&placements)?;
        self.table.insert(space, number, placements)?;
        self.authenticators.push(authenticator);
        self.labels.push(Label::of(&space.label()));
        self.metered.add(space);
        Ok(self)
    }
}

/// Each subdomain usually belongs to another customer.
const ALL_SUBDOMAINS: AuthError = AuthError::unsupported(
    "a scheme that does not check the host cannot be bound to all subdomains of a host",
    "bind each host by itself",
);

/// Checks that all `placements` differ: a request can carry only one of two credentials in one
/// place.
fn check_apart(placements: &[Placement]) -> Result<(), AuthError> {
    let mut rest = placements;
    while let [first, others @ ..] = rest {
        if others.iter().any(|other| first.is_same_field(other)) {
            return Err(SAME_FIELD);
        }
        rest = others;
    }
    Ok(())
}
