//! Checks one credential: can it be read, is its format right, does the vendor accept it?

use std::time::SystemTime;

use http::HeaderMap;
use multi_auth_config::{Vendor, VendorCredential};
use multi_auth_reqwest::AuthMiddleware;
use reqwest::Url;
use reqwest::redirect::Policy;
use reqwest_middleware::ClientBuilder;

use super::report::{Report, Status};
use super::response::VerifyResponse;
use crate::args::{CheckArgs, General};
use crate::client::{self, Routes, Timed};
use crate::diagnostic::{Diagnostic, DiagnosticCode};

/// The state that all checks share.
#[derive(Clone, Debug)]
pub(super) struct Verifier {
    clients: Routes<reqwest::Client>,
    transport: Timed,
    is_offline: bool,
    days: Option<u32>,
}

impl Verifier {
    pub(super) fn new(general: &General, command: &CheckArgs) -> Result<Self, Diagnostic> {
        // A redirect is a finding, and is not followed.
        let build = |settings: reqwest::ClientBuilder| settings.redirect(Policy::none()).build();
        Ok(Self {
            clients: Routes::new(general, build)?,
            transport: Timed::new(general)?,
            is_offline: command.offline,
            days: command.days,
        })
    }

    pub(super) async fn verify(&self, vendor: &Vendor, now: SystemTime) -> Report {
        let mut report = Report::new(vendor, now, self.days);
        if report.has_ended() {
            let problem = "the key has expired by the date in the file, and was not sent";
            report.fail(Diagnostic::new(DiagnosticCode::ExpiredKey, problem));
            return report;
        }
        match self.ask(vendor, now, &mut report).await {
            Ok(status) => report.status = status,
            Err(diagnostic) => report.fail(diagnostic),
        }
        report
    }

    async fn ask(
        &self,
        vendor: &Vendor,
        now: SystemTime,
        report: &mut Report,
    ) -> Result<Status, Diagnostic> {
        if let Some(name) = vendor.own_authenticator() {
            report.note_own_authenticator(name);
            return Ok(Status::NotVerifiable);
        }
        let transport = self.transport.apart();
        let credential = vendor.load(transport.clone()).await?;
        report.sends = credential.sends().to_vec();
        let findings = credential.findings().iter().map(ToString::to_string);
        report.warnings.extend(findings);
        if self.is_offline {
            return Ok(Status::NotAsked);
        }
        let url = credential.verification().await;
        report.note_token(&credential);
        let Some(url) = &url? else {
            let obtained = credential.obtain().await;
            report.note_token(&credential);
            return obtained
                .map(|()| Status::NotVerified)
                .map_err(Diagnostic::from);
        };
        report.note_verification(url);
        let answer = self.send(vendor, &credential, url).await;
        report.note_token(&credential);
        let mut answer = answer?.with_clock(transport.date(), now);
        if answer.is_page_of_success() && vendor.has_own_verification() {
            answer.opened(&self.send_without(vendor, url).await?);
        }
        report.note_clock(&answer);
        let refusal = answer.refusal_by(vendor);
        answer.verdict(url, refusal, credential.token().as_ref())?;
        Ok(Status::Accepted)
    }

    async fn send(
        &self,
        vendor: &Vendor,
        credential: &VendorCredential,
        url: &str,
    ) -> Result<VerifyResponse, Diagnostic> {
        let url = client::url(url)?;
        let client = ClientBuilder::new(self.client(&url).clone())
            .with(AuthMiddleware::new(credential.keyring().clone()))
            .build();
        let mut request = client.get(url).headers(constant(vendor));
        if let Some(account) = vendor.account() {
            request = request.with_extension(account.clone());
        }
        VerifyResponse::read(request.send().await?).await
    }

    /// The same request without the credential.
    async fn send_without(&self, vendor: &Vendor, url: &str) -> Result<VerifyResponse, Diagnostic> {
        let url = client::url(url)?;
        let request = self.client(&url).get(url.clone()).headers(constant(vendor));
        VerifyResponse::read(request.send().await?).await
    }

    fn client(&self, url: &Url) -> &reqwest::Client {
        self.clients.to(url.host_str().unwrap_or_default())
    }
}

/// The header fields that the vendor requires.
fn constant(vendor: &Vendor) -> HeaderMap {
    let mut headers = HeaderMap::new();
    vendor.headers().add_to(&mut headers);
    headers
}
