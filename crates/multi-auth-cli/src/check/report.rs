//! The result of one check.

use std::time::SystemTime;

use jiff::Timestamp;
use multi_auth::TokenState;
use multi_auth_config::{Vendor, VendorCredential};
use serde::Serialize;

use super::response::VerifyResponse;
use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::output;

/// How many days before its expiry a key is reported.
const SOON: i64 = 30;

/// The result of one check. It holds no secret.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) vendor: String,
    pub(super) key_from: String,
    pub(super) scopes: Vec<String>,
    /// What is sent, with `****` for the secret.
    pub(super) sends: Vec<String>,
    verified_by: Option<String>,
    pub(super) status: Status,
    pub(super) error: Option<Diagnostic>,
    pub(super) token: Option<TokenReport>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) days_left: Option<i64>,
    pub(super) warnings: Vec<String>,
    /// Whether the key has fewer days left than `--days`.
    is_ending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    /// The vendor accepted it.
    Accepted,
    /// The key has the right format, and no request is known that would verify it.
    NotVerified,
    /// The program that uses the file provides the authenticator.
    NotVerifiable,
    /// It has a valid format, and no request was made.
    NotAsked,
    Failed,
}

/// A token's state.
#[derive(Debug, Serialize)]
pub(super) struct TokenReport {
    pub(super) state: &'static str,
    /// For how many more seconds it is used. `None`: until it is refused.
    pub(super) remaining_seconds: Option<u64>,
}

impl Report {
    pub(super) fn new(vendor: &Vendor, now: SystemTime, days: Option<u32>) -> Self {
        let days_left = vendor.days_left(now);
        let expires_at = vendor.expires_at();
        let mut warnings = Vec::new();
        if let Some(days) = days_left.filter(|days| (0..SOON).contains(days)) {
            warnings.push(format!(
                "the key expires in {days} days: create a new one with the vendor"
            ));
        }
        let asked = days_left
            .zip(days)
            .filter(|(left, days)| *left < i64::from(*days));
        if let Some((left, days)) = asked.filter(|(left, _)| *left >= SOON) {
            warnings.push(format!(
                "the key expires in {left} days, which is fewer than {days}"
            ));
        }
        let mut report = Self {
            vendor: vendor.name().to_owned(),
            key_from: vendor.origin_of_key().to_owned(),
            scopes: vendor
                .protection_spaces()
                .iter()
                .map(ToString::to_string)
                .collect(),
            sends: Vec::new(),
            verified_by: None,
            status: Status::Failed,
            error: None,
            token: None,
            expires_at: expires_at.and_then(|end| Timestamp::try_from(end).ok()),
            days_left,
            warnings,
            is_ending: asked.is_some(),
        };
        if let Some(url) = vendor.verification() {
            report.note_verification(url);
        }
        report
    }

    /// Whether the key has expired according to the file.
    pub(super) fn has_ended(&self) -> bool {
        self.days_left.is_some_and(|days| days < 0)
    }

    pub(super) fn fail(&mut self, diagnostic: Diagnostic) {
        self.status = Status::Failed;
        self.error = Some(diagnostic);
    }

    /// Notes the URL that verifies the credential, without its query.
    pub(super) fn note_verification(&mut self, url: &str) {
        self.verified_by = url.split('?').next().map(str::to_owned);
    }

    pub(super) fn note_token(&mut self, credential: &VendorCredential) {
        self.token = credential.token().map(|token| TokenReport {
            state: match token.state {
                TokenState::Fresh => "fresh",
                TokenState::InWindow => "in-window",
                TokenState::Expired => "expired",
                _ => "absent",
            },
            remaining_seconds: token.remaining.map(|remaining| remaining.as_secs()),
        });
    }

    pub(super) fn note_own_authenticator(&mut self, name: &str) {
        let warning = format!(
            "its authenticator {name:?} is in the program that uses this file: only that program can verify it"
        );
        self.warnings.push(warning);
    }

    pub(super) fn note_clock(&mut self, answer: &VerifyResponse) {
        if let Some(skew) = answer.skew() {
            let off = output::span(skew);
            let warning = format!("this machine's clock is {off} off the vendor's: set it (NTP)");
            self.warnings.push(warning);
        }
    }

    pub(super) fn exit(&self) -> Exit {
        match &self.error {
            Some(diagnostic) => diagnostic.code().exit(),
            None if self.is_ending => Exit::Ending,
            None => Exit::Fine,
        }
    }
}
