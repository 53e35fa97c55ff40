//! The table `proxy`, checked.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use http::Method;
use toml::Spanned;

use crate::document::{AllowTable, CallerTable, ProxyTable};
use crate::proxy::{Caller, ProxySettings, Rule};
use crate::reading::Reading;
use crate::{Advice, ConfigError, Vendor};

const NO_VENDOR: Advice = Advice::new(
    "is not the name of a vendor in this file",
    "write the name after `vendors.` of one of its tables",
);

const NOT_A_METHOD: Advice = Advice::new("is not a method", "write it in capitals, as in \"GET\"");

const NOT_A_SOCKET: Advice = Advice::new(
    "is not an IP address and a port",
    "write it as in \"127.0.0.1:8781\"",
);

const UNKNOWN_CALLER: Advice = Advice::new(
    "has neither `token_hashes` nor `uids`, so no request is from it",
    "write token_hashes = [\"sha256:...\"]; `multi-auth caller-token` prints one",
);

/// The proxy that the file describes. Its rules name `vendors`.
pub(super) fn check(
    table: &Spanned<ProxyTable>,
    reading: &Reading<'_>,
    vendors: &[Vendor],
) -> Result<ProxySettings, ConfigError> {
    Check { reading, vendors }.proxy(table.get_ref())
}

/// A table that is being checked.
struct Check<'r> {
    reading: &'r Reading<'r>,
    vendors: &'r [Vendor],
}

type Checked<T> = Result<T, ConfigError>;

impl Check<'_> {
    fn proxy(&self, table: &ProxyTable) -> Checked<ProxySettings> {
        let mut settings = ProxySettings::default();
        if let Some(listen) = &table.listen {
            let listen = listen.iter().map(|text| self.parsed("listen", text));
            settings = settings.with_listen(listen.collect::<Checked<_>>()?);
        }
        if let Some(admin) = &table.admin {
            let address: Result<SocketAddr, _> = admin.get_ref().parse();
            let wrong = |_| self.invalid("admin", admin.span(), NOT_A_SOCKET);
            settings = settings.with_admin(address.map_err(wrong)?);
        }
        for host in table.hosts.iter().flatten() {
            let added = settings.with_host(host.get_ref());
            settings = added.map_err(|advice| self.invalid("hosts", host.span(), advice))?;
        }
        for host in table.private_hosts.iter().flatten() {
            let added = settings.with_private_host(host.get_ref());
            settings =
                added.map_err(|advice| self.invalid("private_hosts", host.span(), advice))?;
        }
        if let Some(seconds) = &table.response_timeout {
            let seconds = seconds.get_ref().get();
            settings = settings.with_response_timeout(Duration::from_secs(seconds.into()));
        }
        if let Some(seconds) = &table.idle_timeout {
            let seconds = seconds.get_ref().get();
            settings = settings.with_idle_timeout(Duration::from_secs(seconds.into()));
        }
        for (name, caller) in &table.callers {
            settings = settings.with_caller(self.caller(name, caller)?);
        }
        Ok(settings)
    }

    fn caller(&self, name: &Spanned<String>, table: &Spanned<CallerTable>) -> Checked<Caller> {
        let (span, table) = (table.span(), table.get_ref());
        let caller = Caller::new(name.get_ref());
        let mut caller = caller.map_err(|advice| self.invalid("callers", name.span(), advice))?;
        for hash in table.token_hashes.iter().flatten() {
            caller = caller.with_token(self.parsed("callers.token_hashes", hash)?);
        }
        for uid in table.uids.iter().flatten() {
            caller = caller.with_uid(*uid);
        }
        if caller.tokens().is_empty() && caller.uids().is_empty() {
            return Err(self.invalid("callers", span, UNKNOWN_CALLER));
        }
        for allow in &table.allow {
            caller = caller.with_rule(self.rule(allow.get_ref())?);
        }
        for hosts in table.tunnels.iter().flatten() {
            let added = caller.with_tunnels(hosts.get_ref());
            caller =
                added.map_err(|advice| self.invalid("callers.tunnels", hosts.span(), advice))?;
        }
        if let Some(most) = table.requests_per_second {
            caller = caller.with_requests_per_second(most);
        }
        if let Some(most) = table.concurrent_requests {
            caller = caller.with_concurrent_requests(most);
        }
        Ok(caller)
    }

    fn rule(&self, table: &AllowTable) -> Checked<Rule> {
        const FIELD: &str = "callers.allow";
        let name = table.vendor.get_ref();
        if !self.vendors.iter().any(|vendor| vendor.name() == name) {
            return Err(self.invalid("callers.allow.vendor", table.vendor.span(), NO_VENDOR));
        }
        let mut rule = Rule::vendor(name);
        for method in table.methods.iter().flatten() {
            let text = method.get_ref();
            let parsed = Method::from_bytes(text.as_bytes()).ok();
            let parsed = parsed.filter(|_| text.bytes().all(|byte| !byte.is_ascii_lowercase()));
            let wrong = || self.invalid("callers.allow.methods", method.span(), NOT_A_METHOD);
            rule = rule.with_method(parsed.ok_or_else(wrong)?);
        }
        for path in table.paths.iter().flatten() {
            let added = rule.with_path(path.get_ref());
            rule = added.map_err(|advice| self.invalid(FIELD, path.span(), advice))?;
        }
        Ok(rule)
    }

    fn parsed<T: std::str::FromStr<Err = Advice>>(
        &self,
        field: &str,
        text: &Spanned<String>,
    ) -> Checked<T> {
        let parsed = text.get_ref().parse();
        parsed.map_err(|advice| self.invalid(field, text.span(), advice))
    }

    fn invalid(&self, field: &str, span: Range<usize>, advice: Advice) -> ConfigError {
        ConfigError::invalid(self.reading.place(format!("proxy.{field}"), span), advice)
    }
}
