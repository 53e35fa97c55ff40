//! How long a token lives, and how often one is asked for.

use super::*;

#[tokio::test]
async fn a_token_without_an_expiry_gets_the_default_lifetime_or_none() {
    for body in [
        r#"{"access_token":"t"}"#,
        r#"{"access_token":"t","expires_in":null}"#,
    ] {
        assert_eq!(token(body).await.unwrap().validity(), None);
        let minute = Duration::from_secs(60);
        let with_default = token_endpoint(&Canned::json(body)).default_lifetime(minute);
        assert_eq!(
            obtain(with_default).await.unwrap().validity(),
            Some(Validity::For(minute))
        );
    }
}

/// Go and .NET write their moment zero where none is set.
#[tokio::test]
async fn a_time_that_is_not_set_is_not_an_expiry() {
    for zero in [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00.0000000+00:00",
    ] {
        let body = format!(r#"{{"access_token":"t","end":"{zero}"}}"#);
        let token_endpoint = token_endpoint(&Canned::json(&body)).expires_at("/end");
        assert_eq!(
            obtain(token_endpoint).await.unwrap().validity(),
            None,
            "{zero}"
        );
    }
}

#[tokio::test]
async fn a_lifetime_of_zero_has_expired_on_arrival_unless_it_means_unknown() {
    for (body, place) in [
        (r#"{"access_token":"t","life":0}"#, "in"),
        (r#"{"access_token":"t","life":"0"}"#, "in"),
        (r#"{"access_token":"t","life":0.0}"#, "in"),
        (r#"{"access_token":"t","life":0}"#, "at"),
    ] {
        let described = || {
            let token_endpoint = token_endpoint(&Canned::at(body, "Sun, 06 Nov 1994 08:49:37 GMT"));
            match place {
                "in" => token_endpoint.expires_in("/life"),
                _ => token_endpoint.expires_at("/life"),
            }
        };
        let problem = obtain(described()).await.unwrap_err();
        assert!(matches!(problem, TokenRequestProblem::ExpiredOnArrival));
        let shown = problem.to_string();
        assert!(shown.contains("clock") && shown.contains("in seconds"));
        let unknown = described().zero_means_unknown_lifetime();
        assert_eq!(obtain(unknown).await.unwrap().validity(), None);
        let minute = Duration::from_secs(60);
        let unknown = described().zero_means_unknown_lifetime();
        let with_default = obtain(unknown.default_lifetime(minute)).await.unwrap();
        assert_eq!(with_default.validity(), Some(Validity::For(minute)));
    }
    for life in ["0.001", "0.999", "1e-9"] {
        let body = format!(r#"{{"access_token":"t","expires_in":{life}}}"#);
        let token_endpoint = token_endpoint(&Canned::json(&body)).zero_means_unknown_lifetime();
        let problem = obtain(token_endpoint).await.unwrap_err();
        assert!(
            matches!(problem, TokenRequestProblem::ExpiredOnArrival),
            "{life}"
        );
    }
}

#[tokio::test]
async fn an_expiry_is_compared_with_the_date_of_the_response() {
    let hour = Some(Validity::For(Duration::from_secs(3600)));
    for (end, date) in [
        (r#""1994-11-06T09:49:37Z""#, "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("784115377", "Sunday, 06-Nov-94 08:49:37 GMT"),
        ("784115377", "Sun Nov  6 08:49:37 1994"),
        ("2524611600000", "Sat, 01 Jan 2050 00:00:00 GMT"),
    ] {
        let body = format!(r#"{{"access_token":"t","end":{end}}}"#);
        let token_endpoint = token_endpoint(&Canned::at(&body, date)).expires_at("/end");
        assert_eq!(
            obtain(token_endpoint).await.unwrap().validity(),
            hour,
            "{end}"
        );
    }
    let past = r#"{"access_token":"t","end":"1994-11-06T08:49:37Z"}"#;
    let past =
        token_endpoint(&Canned::at(past, "Sun, 06 Nov 1994 08:49:37 GMT")).expires_at("/end");
    let problem = obtain(past).await.unwrap_err();
    assert!(matches!(problem, TokenRequestProblem::ExpiredOnArrival));
    // Without one, or with one that cannot be read, the expiry is left to the token cache.
    let body = r#"{"access_token":"t","end":784115377}"#;
    for canned in [Canned::json(body), Canned::at(body, "today")] {
        let token = obtain(token_endpoint(&canned).expires_at("/end"))
            .await
            .unwrap();
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(784_115_377);
        assert_eq!(token.validity(), Some(Validity::Until(end)));
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_not_part_of_a_response() {
    assert!(token("\u{feff}{\"access_token\":\"t\"}").await.is_ok());
    assert!(token(" \u{feff} {\"access_token\":\"t\"} ").await.is_ok());
    let problem = token("\u{feff}").await.unwrap_err();
    assert!(matches!(problem, TokenRequestProblem::Empty));
    let problem = token("\u{feff}<html>").await.unwrap_err();
    assert!(matches!(problem, TokenRequestProblem::Html));
    let denied = "\u{feff}{\"error\":\"invalid_grant\"}";
    let problem = status(400, "application/json", denied).await;
    assert!(matches!(problem, TokenRequestProblem::Denied { .. }));
}

#[tokio::test]
async fn token_requests_at_one_origin_share_a_limit_over_all_accounts() {
    let hour = Duration::from_secs(3600);
    let at = |path: &str| {
        let canned = Canned::json(r#"{"access_token":"t"}"#);
        let url = format!("https://limited.example/{path}");
        let token_endpoint = TokenEndpoint::builder(&url, canned).unwrap();
        token_endpoint.endpoint_limit(3, hour)
    };
    let (east, west) = (at("east").build(), at("west").build());
    for token_endpoint in [&east, &west, &east] {
        token_endpoint.token().await.unwrap();
    }
    for token_endpoint in [&west, &east, &at("north").build()] {
        let error = token_endpoint.token().await.unwrap_err();
        assert!(matches!(
            &error,
            AuthError::TokenRequest {
                problem: TokenRequestProblem::BudgetSpent,
                ..
            }
        ));
        assert!(error.is_transient() && !error.is_about_the_key());
        let wait = error.retry_after().unwrap();
        assert!(wait <= hour && wait > hour / 2);
    }
    let without = at("south").dangerous_without_endpoint_limit().build();
    without.token().await.unwrap();
    let elsewhere = token_endpoint(&Canned::json(r#"{"access_token":"t"}"#));
    elsewhere.build().token().await.unwrap();
}

#[tokio::test]
async fn an_unreadable_expiry_is_an_error() {
    for value in ["false", "{}", r#""zzz""#, "-1", "[]"] {
        let body = format!(r#"{{"access_token":"t","expires_in":{value}}}"#);
        let problem = token(&body).await.unwrap_err();
        assert!(
            matches!(problem, TokenRequestProblem::Malformed { member, .. } if member == "/expires_in")
        );
    }
}
