use super::*;

/// The errors that no constructor returns. The integration tests have the texts of the others.
#[test]
fn each_error_says_what_happened_and_what_to_do() {
    let unbound = |problem| AuthError::Unbound {
        origin: "https://a.example:443".to_owned(),
        problem,
    };
    let failed = |problem| AuthError::token_request("https://a.example/token", problem);
    let refused = failed(TokenRequestProblem::Refused);
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
        failed(TokenRequestProblem::LoginRequired),
        failed(TokenRequestProblem::Timeout),
        failed(TokenRequestProblem::Panicked),
        failed(TokenRequestProblem::Interrupted),
        AuthError::refresh(StatusCode::UNAUTHORIZED, refused),
    ];
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("errors", texts.join("\n"));
    });
}

#[test]
fn a_wrapped_error_keeps_its_retry_after() {
    let delay = Duration::from_secs(7);
    let busy = TokenRequestProblem::Status(StatusCode::TOO_MANY_REQUESTS);
    let busy = AuthError::token_request("https://a.example/token", busy).with_retry_after(delay);
    let refresh = AuthError::refresh(StatusCode::UNAUTHORIZED, busy);
    assert_eq!(
        (refresh.retry_after(), refresh.is_transient()),
        (Some(delay), true)
    );
}

#[test]
fn a_wrapped_refusal_of_the_key_is_not_transient() {
    let refused = AuthError::token_request("https://a.example/token", TokenRequestProblem::Refused);
    let refresh = AuthError::refresh(StatusCode::UNAUTHORIZED, refused);
    assert!(!refresh.is_transient());
    let wrapped = std::io::Error::other(refresh);
    assert!(!AuthError::find(&wrapped).unwrap().is_transient());
}

/// The texts of an error and its causes, as `anyhow`'s `{:#}` prints them.
fn texts(error: &(dyn Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |error| (*error).source())
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_report_of_all_causes_shows_each_text_once() {
    let io = || std::io::Error::new(std::io::ErrorKind::ConnectionReset, "reset by peer");
    let broken = || TokenRequestProblem::Transport(crate::TransportError::connection(io()));
    let request = |problem| AuthError::token_request("https://a.example/token", problem);
    for error in [
        AuthError::invalid_secret("key", SecretProblem::Empty),
        AuthError::permanent(io()),
        request(TokenRequestProblem::Refused),
        request(broken()),
        AuthError::refresh(StatusCode::UNAUTHORIZED, request(broken())),
        AuthError::refresh(
            StatusCode::UNAUTHORIZED,
            AuthError::transient(request(broken())),
        ),
    ] {
        let texts = texts(&error);
        let report = texts.join(": ");
        for text in &texts {
            assert_eq!(
                report.matches(text.as_str()).count(),
                1,
                "{text:?} in {report:?}"
            );
        }
    }
    let wrapped = AuthError::refresh(StatusCode::UNAUTHORIZED, request(broken()));
    assert_eq!(texts(&wrapped).pop().unwrap(), "reset by peer");
}

#[test]
fn an_error_is_found_in_any_error_that_holds_it() {
    #[derive(Debug, thiserror::Error)]
    #[error("the adapter failed")]
    struct Wrapped<E: Error + 'static>(#[source] E);

    let errors: [Box<dyn Error + Send + Sync>; 6] = [
        Box::new(AuthError::NotReady),
        Box::new(Wrapped(AuthError::NotReady)),
        Box::new(Wrapped(Box::new(AuthError::NotReady))),
        Box::new(Wrapped(Arc::new(AuthError::NotReady))),
        Box::new(Wrapped(Wrapped(std::io::Error::other(AuthError::NotReady)))),
        Box::new(std::io::Error::other(Wrapped(AuthError::NotReady))),
    ];
    for error in errors {
        assert!(
            matches!(AuthError::find(&*error), Some(AuthError::NotReady)),
            "{error:?}"
        );
    }
    assert!(AuthError::find(&std::io::Error::other("x")).is_none());
}
