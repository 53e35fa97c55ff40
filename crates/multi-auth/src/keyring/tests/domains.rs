//! Bindings for a domain and its subdomains.

use super::*;
use crate::ProtectionSpace;

/// A key that may be bound to several hosts.
#[derive(Debug)]
struct Anywhere(ApiKey);

#[async_trait::async_trait]
impl Authenticator for Anywhere {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        self.0.ready(request)
    }

    fn placements(&self) -> Vec<crate::Placement> {
        self.0.placements()
    }

    fn checks_host(&self) -> bool {
        true
    }
}

/// A keyring with a key for each host of `exact`, and for each domain of `domains`.
fn keyring(exact: &[&str], domains: &[&str]) -> Keyring {
    let mut builder = Keyring::builder();
    for host in exact {
        builder = builder
            .bind(format!("https://{host}"), key(&format!("={host}")))
            .unwrap();
    }
    for domain in domains {
        let space = ProtectionSpace::new(&format!("https://{domain}"))
            .unwrap()
            .with_subdomains();
        builder = builder
            .bind(space, Anywhere(key(&format!("*.{domain}"))))
            .unwrap();
    }
    builder.build()
}

/// The oracle: the host itself if it is bound alone, else the longest domain that ends its labels.
fn expected(host: &str, exact: &[&str], domains: &[&str]) -> Option<String> {
    if exact.contains(&host) {
        return Some(format!("={host}"));
    }
    let labels: Vec<_> = host.split('.').collect();
    let is_above = |domain: &&&str| labels.ends_with(&domain.split('.').collect::<Vec<_>>());
    let longest = domains
        .iter()
        .filter(is_above)
        .max_by_key(|domain| domain.len());
    longest.map(|domain| format!("*.{domain}"))
}

#[test]
fn the_nearest_domain_serves_a_host_that_is_not_bound_alone() {
    const NAMES: [&str; 8] = [
        "b.c", "a.b.c", "b.b.c", "a.a.b.c", "c.c", "a.c", "ab.c", "a.ab.c",
    ];
    const HOSTS: [&str; 12] = [
        "c", "b.c", "a.b.c", "b.b.c", "ab.c", "x.ab.c", "a.a.b.c", "x.a.b.c", "x.y.b.c", "xb.c",
        "b.c.d", "a.b.c.",
    ];
    for exact in 0..1_u32 << 3 {
        for domains in 0..1_u32 << NAMES.len() {
            let chosen = |bits: u32| -> Vec<&str> {
                let chosen = NAMES
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| bits >> at & 1 == 1);
                chosen.map(|(_, name)| *name).collect()
            };
            let (exact, domains) = (chosen(exact), chosen(domains));
            let keyring = keyring(&exact, &domains);
            for host in HOSTS {
                let found = attached(&keyring, parts(&format!("https://{host}/x"))).unwrap();
                assert_eq!(
                    found,
                    expected(host, &exact, &domains),
                    "{host} {exact:?} {domains:?}"
                );
            }
        }
    }
}

#[test]
fn a_domain_serves_what_a_binding_of_its_host_does_not() {
    let space = |url: &str| ProtectionSpace::new(url).unwrap();
    let north = || crate::Account::new("north");
    let keyring = Keyring::builder()
        .bind(space("https://a.vendor.example/admin"), key("=admin"))
        .unwrap()
        .bind(
            space("https://b.vendor.example").with_account(north()),
            key("=north"),
        )
        .unwrap()
        .bind(
            space("https://vendor.example").with_subdomains(),
            Anywhere(key("*")),
        )
        .unwrap()
        .bind(
            space("https://c.vendor.example")
                .with_account(north())
                .with_subdomains(),
            Anywhere(key("*.c")),
        )
        .unwrap()
        .build();
    let sent = |url: &str, account: Option<crate::Account>| {
        let mut request = parts(url);
        if let Some(account) = account {
            request.extensions.insert(account);
        }
        attached(&keyring, request).map_err(|error| match error {
            AuthError::Unbound { problem, .. } => problem,
            other => panic!("{other}"),
        })
    };
    let south = || Some(crate::Account::new("south"));
    for (url, account, expected) in [
        ("https://a.vendor.example/admin/x", None, Some("=admin")),
        ("https://a.vendor.example/data", None, Some("*")),
        ("https://b.vendor.example/", None, Some("*")),
        ("https://b.vendor.example/", Some(north()), Some("=north")),
        ("https://x.c.vendor.example/", None, Some("*")),
        ("https://x.c.vendor.example/", Some(north()), Some("*.c")),
    ] {
        let found = sent(url, account).unwrap();
        assert_eq!(found.as_deref(), expected, "{url}");
    }
    for url in ["https://b.vendor.example/", "https://x.c.vendor.example/"] {
        assert!(matches!(
            sent(url, south()),
            Err(BindingProblem::UnknownAccount { .. })
        ));
    }
    let ambiguous = sent("https://a.vendor.example/admin/..;/x", None);
    assert_eq!(ambiguous, Err(BindingProblem::AmbiguousPath));
}

#[test]
fn a_domain_covers_neither_another_scheme_nor_another_port() {
    let keyring = keyring(&[], &["vendor.example"]);
    for (url, is_served) in [
        ("https://a.vendor.example:443/", true),
        ("https://A.Vendor.Example/", true),
        ("https://user@a.vendor.example/", true),
        ("https://a.vendor.example:8443/", false),
        ("http://a.vendor.example/", false),
        ("http://a.vendor.example:443/", false),
        ("https://vendor.example@evil.example/", false),
        ("https://vendor.example.evil.example/", false),
        ("https://[::1]/", false),
        ("https://10.0.0.1/", false),
    ] {
        let found = attached(&keyring, parts(url)).unwrap();
        assert_eq!(found.is_some(), is_served, "{url}");
    }
}
