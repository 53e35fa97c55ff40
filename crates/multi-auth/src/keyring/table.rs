//! Finds the binding for a request: origin, then account, then path.

use std::collections::HashMap;

use super::origins::Origins;
use super::path::Paths;
use super::{Account, Scope, origin};
use crate::{AuthError, Placement, RequestHead};

/// All bindings, by the numbers that the keyring gives them.
#[derive(Debug, Default)]
pub(super) struct Table {
    origins: Origins<Origin>,
}

#[derive(Debug, Default)]
struct Origin {
    /// The bindings for requests that name no account.
    unnamed: Paths,
    /// What most origins have not: in a box, for there may be many of them.
    more: Option<Box<More>>,
}

#[derive(Debug, Default)]
struct More {
    accounts: HashMap<Account, Paths>,
    /// Where any of the bindings puts its credential, each place once; but for those that are cleared in
    /// any case.
    placements: Vec<Placement>,
}

/// Why an origin that has bindings has none for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    UnknownAccount(Account),
    AccountRequired,
}

impl Miss {
    pub(super) fn into_error(self, request: &RequestHead<'_>) -> AuthError {
        let origin = origin(request);
        match self {
            Self::UnknownAccount(account) => AuthError::UnknownAccount {
                origin,
                account: account.name().to_owned(),
            },
            Self::AccountRequired => AuthError::AccountRequired { origin },
        }
    }
}

impl Table {
    pub(super) fn insert(
        &mut self,
        scope: &Scope,
        binding: u32,
        placements: Vec<Placement>,
    ) -> Result<(), AuthError> {
        let url = scope.url();
        let origin = self.origins.entry(url);
        for placement in placements {
            if !placement.is_cleared_always() {
                origin.more().add(placement);
            }
        }
        let paths = match scope.account() {
            Some(account) => origin.more().accounts.entry(account.clone()).or_default(),
            None => &mut origin.unnamed,
        };
        if paths.insert(url.path(), binding) {
            return Ok(());
        }
        Err(AuthError::DuplicateScope {
            scope: scope.to_string(),
        })
    }

    /// Where the bindings of the origin that `request` goes to put their credentials, whatever its path
    /// and account.
    pub(super) fn placements(&self, request: &RequestHead<'_>) -> &[Placement] {
        let origin = self.origins.get(request);
        let more = origin.and_then(|origin| origin.more.as_ref());
        more.map_or(&[], |more| &more.placements)
    }

    #[inline(always)]
    pub(super) fn find(&self, request: &RequestHead<'_>) -> Result<Option<u32>, Miss> {
        let origin = self.origins.get(request);
        match (origin, request.account()) {
            (None, _) => Ok(None),
            (Some(origin), Some(account)) => match origin.account(account) {
                Some(paths) => Ok(paths.find(|| request.path())),
                None => Err(Miss::UnknownAccount(account.clone())),
            },
            (Some(origin), None) if origin.unnamed.is_empty() => Err(Miss::AccountRequired),
            (Some(origin), None) => Ok(origin.unnamed.find(|| request.path())),
        }
    }
}

impl Origin {
    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    #[inline(never)]
    fn account(&self, account: &Account) -> Option<&Paths> {
        self.more.as_ref()?.accounts.get(account)
    }
}

impl More {
    fn add(&mut self, placement: Placement) {
        let is_known = |own: &Placement| own.is_same_place(&placement);
        if !self.placements.iter().any(is_known) {
            self.placements.push(placement);
        }
    }
}
