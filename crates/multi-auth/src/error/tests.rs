use super::*;

/// The errors that no constructor gives; those have their texts in the integration tests.
#[test]
fn each_error_says_what_happened_and_what_to_do() {
    let origin = || "https://a.example:443".to_owned();
    let exchange = |problem| AuthError::exchange("https://a.example/token", problem);
    let refused = exchange(ExchangeProblem::Refused);
    let errors = [
        AuthError::KeyExpired {
            what: "Alphamoon key",
            since: SystemTime::UNIX_EPOCH,
        },
        AuthError::Unbound { origin: origin() },
        AuthError::UnknownAccount {
            origin: origin(),
            account: "east".to_owned(),
        },
        AuthError::AccountRequired { origin: origin() },
        AuthError::AmbiguousPath { origin: origin() },
        AuthError::ForeignTarget { origin: origin() },
        AuthError::NotReady,
        AuthError::NoRuntime,
        AuthError::Attach {
            what: "its header map is full",
        },
        AuthError::permanent("the agent has no identity"),
        exchange(ExchangeProblem::Timeout),
        exchange(ExchangeProblem::Panicked),
        exchange(ExchangeProblem::Interrupted),
        AuthError::Renewal {
            status: StatusCode::UNAUTHORIZED,
            source: Box::new(refused),
        },
    ];
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("errors", texts.join("\n"));
    });
}

#[test]
fn a_wish_to_be_left_alone_survives_wrapping() {
    let wish = Duration::from_secs(7);
    let busy = ExchangeProblem::Status(StatusCode::TOO_MANY_REQUESTS);
    let busy = AuthError::exchange("https://a.example/token", busy).with_retry_after(wish);
    let renewal = AuthError::Renewal {
        status: StatusCode::UNAUTHORIZED,
        source: Box::new(busy),
    };
    assert_eq!(
        (renewal.retry_after(), renewal.is_transient()),
        (Some(wish), true)
    );
}

/// case 108
#[test]
fn a_refused_key_is_recognised_inside_another_error() {
    let refused = AuthError::exchange("https://a.example/token", ExchangeProblem::Refused);
    let renewal = AuthError::Renewal {
        status: StatusCode::UNAUTHORIZED,
        source: Box::new(refused),
    };
    assert!(!renewal.is_transient());
    let wrapped = std::io::Error::other(renewal);
    assert!(!AuthError::find(&wrapped).unwrap().is_transient());
}
