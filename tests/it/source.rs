//! The one-method traits as their users implement them, by mocks.

use async_trait::async_trait;
use http::Request;
use mockall::mock;
use mockall::predicate::always;
use multi_auth::{
    AuthError, Authenticator, Bearer, Credential, Keyring, Placement, RequestHead, Token,
    TokenEndpoint, TokenSource, Transport, TransportError,
};

mock! {
    #[derive(Debug)]
    Source {}
    #[async_trait]
    impl TokenSource for Source {
        async fn token(&self) -> Result<Token, AuthError>;
    }
}

mock! {
    #[derive(Debug)]
    Wire {}
    #[async_trait]
    impl Transport for Wire {
        async fn send(&self, request: Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, TransportError>;
    }
}

async fn header_from(authenticator: impl Authenticator + 'static) -> Result<String, AuthError> {
    let keyring = Keyring::builder()
        .bind("https://a.example", authenticator)?
        .build();
    let (mut parts, ()) = Request::get("https://a.example/")
        .body(())
        .unwrap()
        .into_parts();
    let credential: Credential = keyring
        .authenticate(&RequestHead::from_parts(&parts))
        .await?;
    credential.attach(&mut parts)?;
    Ok(parts.headers["authorization"].to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_changed_source_is_asked_only_after_invalidate() {
    let mut source = MockSource::new();
    let mut answers = ["dXNlcjox", "dXNlcjoy"].into_iter();
    source
        .expect_token()
        .times(2)
        .returning(move || Ok(Token::new(answers.next().unwrap())));
    let basic = Placement::authorization().with_prefix("Basic ").unwrap();
    let scheme = Bearer::builder(source).placement(basic).build();

    assert_eq!(header_from(scheme.clone()).await.unwrap(), "Basic dXNlcjox");
    assert_eq!(header_from(scheme.clone()).await.unwrap(), "Basic dXNlcjox");
    scheme.invalidate();
    assert_eq!(header_from(scheme).await.unwrap(), "Basic dXNlcjoy");
}

#[tokio::test]
async fn a_source_of_user_and_password_pairs_serves_basic() {
    let mut source = MockSource::new();
    source
        .expect_token()
        .once()
        .returning(|| Ok(Token::new("Aladdin:open sesame")));
    let scheme = Bearer::builder(source)
        .placement(Placement::basic())
        .build();
    assert_eq!(
        header_from(scheme).await.unwrap(),
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    );
}

#[tokio::test]
async fn a_token_request_sends_one_request_through_its_transport() {
    let mut wire = MockWire::new();
    wire.expect_send()
        .with(always())
        .once()
        .returning(|request| {
            assert_eq!(request.uri(), "https://auth.example/token");
            Ok(http::Response::new(
                br#"{"access_token": "t-1", "expires_in": 3600}"#.to_vec(),
            ))
        });
    let endpoint = TokenEndpoint::builder("https://auth.example/token", wire)
        .unwrap()
        .build();
    let bearer = Bearer::new(endpoint);
    assert_eq!(header_from(bearer.clone()).await.unwrap(), "Bearer t-1");
    assert_eq!(header_from(bearer).await.unwrap(), "Bearer t-1");
}

#[tokio::test]
async fn a_failed_transport_is_an_error_with_its_cause() {
    let mut wire = MockWire::new();
    wire.expect_send()
        .once()
        .returning(|_| Err(TransportError::connection("no route to host")));
    let endpoint = TokenEndpoint::builder("https://auth.example/token", wire)
        .unwrap()
        .build();
    let error = header_from(Bearer::new(endpoint)).await.unwrap_err();
    assert!(error.is_transient());
    let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
        error.source()
    });
    assert!(
        chain
            .last()
            .unwrap()
            .to_string()
            .contains("no route to host")
    );
}
