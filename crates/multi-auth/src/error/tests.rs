use super::*;

/// The errors that no constructor gives; those have their texts in the integration tests.
#[test]
fn each_error_says_what_happened_and_what_to_do() {
    let unbound = |problem| AuthError::Unbound {
        origin: "https://a.example:443".to_owned(),
        problem,
    };
    let exchange = |problem| AuthError::token_request("https://a.example/token", problem);
    let refused = exchange(TokenRequestProblem::Refused);
    let errors = [
        AuthError::KeyExpired {
            what: "Alphamoon key",
            since: SystemTime::UNIX_EPOCH,
        },
        unbound(BindingProblem::NoBinding),
        unbound(BindingProblem::UnknownAccount {
            account: "east".to_owned(),
        }),
        unbound(BindingProblem::AccountRequired),
        unbound(BindingProblem::AmbiguousPath),
        unbound(BindingProblem::ForeignTarget),
        AuthError::NotReady,
        AuthError::NoRuntime,
        AuthError::Attach {
            what: "its header map is full",
        },
        AuthError::permanent("the agent has no identity"),
        exchange(TokenRequestProblem::Timeout),
        exchange(TokenRequestProblem::Panicked),
        exchange(TokenRequestProblem::Interrupted),
        AuthError::refresh(StatusCode::UNAUTHORIZED, refused),
    ];
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("errors", texts.join("\n"));
    });
}

#[test]
fn a_wish_to_be_left_alone_survives_wrapping() {
    let wish = Duration::from_secs(7);
    let busy = TokenRequestProblem::Status(StatusCode::TOO_MANY_REQUESTS);
    let busy = AuthError::token_request("https://a.example/token", busy).with_retry_after(wish);
    let refresh = AuthError::refresh(StatusCode::UNAUTHORIZED, busy);
    assert_eq!(
        (refresh.retry_after(), refresh.is_transient()),
        (Some(wish), true)
    );
}

/// case 108
#[test]
fn a_refused_key_is_recognised_inside_another_error() {
    let refused = AuthError::token_request("https://a.example/token", TokenRequestProblem::Refused);
    let refresh = AuthError::refresh(StatusCode::UNAUTHORIZED, refused);
    assert!(!refresh.is_transient());
    let wrapped = std::io::Error::other(refresh);
    assert!(!AuthError::find(&wrapped).unwrap().is_transient());
}
