//! Bindings and their protection spaces.

use super::*;
use crate::InputProblem;

#[test]
fn refuse_unbound_refuses_a_request_outside_all_protection_spaces() {
    let keyring = Keyring::builder()
        .bind("https://a.example", key("k"))
        .unwrap()
        .refuse_unbound()
        .build();
    let refused = attached(&keyring, parts("https://b.example:8443/secret?q=1"));
    assert!(
        matches!(refused, Err(AuthError::Unbound { origin, problem: BindingProblem::NoBinding }) if origin == "https://b.example:8443")
    );
}

#[test]
fn two_bindings_of_one_protection_space_are_refused() {
    let twice = |first: &str, second: &str| {
        Keyring::builder()
            .bind(first, key("a"))
            .unwrap()
            .bind(second, key("b"))
    };
    assert!(matches!(
        twice("https://a.example", "https://A.example:443/"),
        Err(AuthError::Invalid(InputProblem::DuplicateBinding { .. }))
    ));
    assert!(matches!(
        twice("https://a.example/v1", "https://a.example/v1/"),
        Err(AuthError::Invalid(InputProblem::DuplicateBinding { .. }))
    ));
    assert!(twice("https://a.example/v1", "https://a.example/v2").is_ok());
}

#[test]
fn protection_spaces_are_equal_if_they_cover_the_same_requests() {
    use std::collections::HashSet;

    let space = |url: &str| url.parse::<ProtectionSpace>().unwrap();
    let a = space("https://a.example/v1");
    for same in [
        space("https://A.example:443/v1/"),
        space("https://a.example/v1").with_label("other"),
        ProtectionSpace::try_from(url::Url::parse("https://a.example/v1").unwrap()).unwrap(),
    ] {
        assert_eq!(a, same);
        assert!(HashSet::from([a.clone()]).contains(&same));
    }
    let named = a.clone().with_account("north".into());
    for other in [
        space("https://a.example"),
        space("https://a.example:444/v1"),
        named.clone(),
    ] {
        assert_ne!(a, other);
    }
    assert_eq!((a.path(), a.account()), ("/v1", None));
    assert_eq!(
        named.account().map(ToString::to_string).as_deref(),
        Some("north")
    );
    assert!("http://a.example".parse::<ProtectionSpace>().is_err());
}

#[test]
fn bindings_are_listed_in_order_without_secrets() {
    let spaces = [
        "https://b.example:8443/v1",
        "https://a.example",
        "https://b.example:8443/v1/deep/er",
        "http://127.0.0.1:80/x",
        "https://[::1]/%C3%A9",
    ];
    let mut builder = Keyring::builder();
    for url in spaces {
        let key = crate::ApiKey::header("x-key", "canary").unwrap();
        builder = builder.bind(url, key).unwrap();
    }
    let north = ProtectionSpace::new("https://a.example/n").unwrap();
    let north = north.with_account(Account::new("north")).with_label("N");
    let query = crate::ApiKey::query("key", "canary").unwrap();
    let keyring = builder.bind(north.clone(), query).unwrap().build();

    let listed: Vec<_> = keyring.bindings().collect();
    assert_eq!(keyring.bindings().len(), 6);
    for (binding, url) in listed.iter().zip(spaces) {
        assert_eq!(
            *binding.protection_space(),
            ProtectionSpace::new(url).unwrap()
        );
        assert_eq!(binding.placements()[0].to_string(), "x-key: ****");
    }
    let last = &listed[5];
    assert_eq!((last.protection_space(), last.label()), (&north, "N"));
    assert_eq!(listed[0].label(), "b.example:8443");
    assert!(!format!("{listed:?}").contains("canary"));
}
