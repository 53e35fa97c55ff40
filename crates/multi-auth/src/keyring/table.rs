//! Finds the binding for a request: origin, then account, then path.

use http::{Extensions, HeaderMap, Method};
use url::Url;

use super::ambiguity::may_lead_elsewhere;
use super::map::Map;
use super::origins::Origins;
use super::path::{Ambiguous, Paths};
use super::places::Places;
use super::{Account, ProtectionSpace};
use crate::{AuthError, BindingProblem, InputProblem, Placement, RequestHead};

/// All bindings, with their numbers in the keyring.
#[derive(Debug, Default)]
pub(super) struct Table {
    origins: Origins<Origin>,
    /// The bindings for a domain and all its subdomains.
    domains: Origins<Origin>,
    has_domains: bool,
}

#[derive(Debug, Default)]
struct Origin {
    /// The bindings for requests that name no account.
    unnamed: Paths,
    /// Boxed, because most origins have none.
    extra: Option<Box<Extra>>,
}

#[derive(Debug, Default)]
struct Extra {
    accounts: Map<Paths>,
    places: Places,
}

/// Why an origin that has bindings has none for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    UnknownAccount(Account),
    AccountRequired,
    /// Servers may resolve the path to one below a bound prefix or to another one.
    AmbiguousPath,
    /// The target may lead to another origin than the default one.
    ForeignTarget,
}

impl Miss {
    pub(super) fn into_error(self, request: &RequestHead<'_>) -> AuthError {
        let origin = request.shown_origin();
        match self {
            Self::UnknownAccount(account) => AuthError::Unbound {
                origin,
                problem: BindingProblem::UnknownAccount {
                    account: account.name().to_owned(),
                },
            },
            Self::AccountRequired => AuthError::Unbound {
                origin,
                problem: BindingProblem::AccountRequired,
            },
            Self::AmbiguousPath => AuthError::Unbound {
                origin,
                problem: BindingProblem::AmbiguousPath,
            },
            Self::ForeignTarget => AuthError::Unbound {
                origin,
                problem: BindingProblem::ForeignTarget,
            },
        }
    }
}

impl Table {
    pub(super) fn insert(
        &mut self,
        space: &ProtectionSpace,
        binding: u32,
        placements: Vec<Placement>,
    ) -> Result<(), AuthError> {
        let url = space.url();
        let origins = if space.has_subdomains() {
            self.has_domains = true;
            &mut self.domains
        } else {
            &mut self.origins
        };
        let origin = origins.entry(url);
        for placement in placements {
            if !placement.is_cleared_always() {
                origin.extra().places.add(&placement);
            }
        }
        let paths = match space.account() {
            Some(account) => origin.extra().accounts.entry(account.name()),
            None => &mut origin.unnamed,
        };
        if paths.insert(url.path(), binding) {
            return Ok(());
        }
        Err(AuthError::Invalid(InputProblem::DuplicateBinding {
            protection_space: space.to_string(),
        }))
    }

    /// The number of each binding with its protection space, in arbitrary order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, ProtectionSpace)> {
        let domains = spaces(&self.domains);
        let domains = domains.map(|(number, space)| (number, space.with_subdomains()));
        spaces(&self.origins).chain(domains)
    }

    /// The numbers of the bindings that have subdomains.
    pub(super) fn with_subdomains(&self) -> Box<[u32]> {
        spaces(&self.domains).map(|(number, _)| number).collect()
    }

    /// The number of the binding at `space`.
    pub(super) fn number_of(&self, space: &ProtectionSpace) -> Option<u32> {
        let origins = if space.has_subdomains() {
            &self.domains
        } else {
            &self.origins
        };
        let (headers, extensions) = (HeaderMap::new(), Extensions::new());
        let head = RequestHead::from_url(&Method::GET, space.url(), &headers, &extensions);
        let origin = origins.get(&head)?;
        origin.find(&head.with_account(space.account())).ok()?
    }

    /// The placements of all bindings at the origin of `request`, for any path and account.
    pub(super) fn places(&self, request: &RequestHead<'_>) -> impl Iterator<Item = &Places> {
        let domains = self.domains.above(request);
        let origins = self.origins.get(request).into_iter().chain(domains);
        origins.filter_map(|origin| Some(&origin.extra.as_ref()?.places))
    }

    #[inline(always)]
    pub(super) fn find(&self, request: &RequestHead<'_>) -> Result<Option<u32>, Miss> {
        if self.has_domains {
            return self.find_with_domains(request);
        }
        match self.origins.get(request) {
            Some(origin) => origin.find(request),
            None => Ok(None),
        }
    }

    /// The binding of the origin or, if it has none, of the nearest domain that has one.
    #[cold]
    #[inline(never)]
    fn find_with_domains(&self, request: &RequestHead<'_>) -> Result<Option<u32>, Miss> {
        let has_none = |found: &Result<_, Miss>| {
            matches!(
                found,
                Ok(None) | Err(Miss::UnknownAccount(_) | Miss::AccountRequired)
            )
        };
        let mut found = Ok(None);
        let domains = self.domains.above(request).into_iter();
        for origin in self.origins.get(request).into_iter().chain(domains) {
            let next = origin.find(request);
            // The first miss says more about the request.
            if found.is_ok() || !has_none(&next) {
                found = next;
            }
            if !has_none(&found) {
                break;
            }
        }
        found
    }
}

/// All bindings of `origins`, with their protection spaces.
fn spaces(origins: &Origins<Origin>) -> impl Iterator<Item = (u32, ProtectionSpace)> {
    origins.iter().flat_map(|(url, origin)| {
        let accounts = origin.extra.iter().flat_map(|extra| extra.accounts.iter());
        let named = accounts.map(|(name, paths)| (Some(Account::from(name)), paths));
        let all = std::iter::once((None, &origin.unnamed)).chain(named);
        all.flat_map(move |(account, paths)| {
            let url = url.clone();
            paths.iter().filter_map(move |(path, binding)| {
                let url = Url::parse(&format!("{url}{path}")).ok()?;
                Some((binding, ProtectionSpace::of(url, account.clone())))
            })
        })
    })
}

/// Checks a target in origin form, for which the bindings of the default origin gave `found`.
#[inline(never)]
fn check_target(
    found: Result<Option<u32>, Ambiguous>,
    request: &RequestHead<'_>,
) -> Result<Option<u32>, Miss> {
    match found {
        Ok(None) => Ok(None),
        _ if may_lead_elsewhere(request.path()) => Err(Miss::ForeignTarget),
        found => found.map_err(|Ambiguous| Miss::AmbiguousPath),
    }
}

impl Origin {
    #[inline(always)]
    fn find(&self, request: &RequestHead<'_>) -> Result<Option<u32>, Miss> {
        let paths = match request.account() {
            Some(account) => self.paths_of(account)?,
            None if self.unnamed.is_empty() => return Err(Miss::AccountRequired),
            None => &self.unnamed,
        };
        let found = paths.find(|| request.path());
        if request.has_default_origin() {
            return check_target(found, request);
        }
        found.map_err(|Ambiguous| Miss::AmbiguousPath)
    }

    fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    #[inline(never)]
    fn paths_of(&self, account: &Account) -> Result<&Paths, Miss> {
        let extra = self.extra.as_ref();
        let paths = extra.and_then(|extra| extra.accounts.get(account.name()));
        paths.ok_or_else(|| Miss::UnknownAccount(account.clone()))
    }
}
