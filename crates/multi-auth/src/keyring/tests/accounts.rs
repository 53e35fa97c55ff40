//! Accounts, and requests that opt out.

use super::*;

#[test]
fn a_request_gets_only_the_key_of_its_account() {
    let space = |name: &str| {
        ProtectionSpace::new("https://a.example")
            .unwrap()
            .with_account(Account::new(name))
    };
    let keyring = Keyring::builder()
        .bind(space("north"), key("n"))
        .unwrap()
        .bind(space("south"), key("s"))
        .unwrap()
        .build();
    let as_account = |name: &str| {
        let mut request = parts("https://a.example/");
        request.extensions.insert(Account::new(name));
        attached(&keyring, request)
    };

    assert_eq!(as_account("north").unwrap().unwrap(), "n");
    assert_eq!(as_account("south").unwrap().unwrap(), "s");
    assert!(matches!(
        as_account("east"),
        Err(AuthError::Unbound {
            problem: BindingProblem::UnknownAccount { .. },
            ..
        })
    ));
    let unnamed = attached(&keyring, parts("https://a.example/"));
    assert!(matches!(
        unnamed,
        Err(AuthError::Unbound {
            problem: BindingProblem::AccountRequired,
            ..
        })
    ));
}

#[test]
fn an_account_is_ignored_at_an_origin_without_bindings() {
    let mut request = parts("https://b.example/");
    request.extensions.insert(Account::new("north"));
    assert_eq!(
        attached(&bound_to("https://a.example"), request).unwrap(),
        None
    );
}

#[test]
fn a_request_can_opt_out() {
    let mut request = parts("https://a.example/");
    request.extensions.insert(Anonymous);
    assert_eq!(
        attached(&bound_to("https://a.example"), request).unwrap(),
        None
    );
}
