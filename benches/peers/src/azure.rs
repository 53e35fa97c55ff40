//! azure_core: the policy that puts a token on each request, in a pipeline that answers at once.

use std::hint::black_box;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::headers::Headers;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Context, Method, Request, StatusCode};
use azure_core::time::{Duration, OffsetDateTime};

use multi_auth_benches::callgrind::measured;
use multi_auth_benches::requests::REPEATS;
use multi_auth_benches::stacks::at_once;

const TARGET: &str = "https://api.vendor.example/v1/processes?page=2";

pub(crate) fn alone() {
    drive(&[Arc::new(AnswersAtOnce)]);
}

pub(crate) fn bearer() {
    let policy = BearerTokenAuthorizationPolicy::new(Arc::new(Fixed), ["scope"]);
    drive(&[Arc::new(policy), Arc::new(AnswersAtOnce)]);
}

fn drive(policies: &[Arc<dyn Policy>]) {
    let context = Context::new();
    let mut send = |request: &mut Request| {
        at_once(policies[0].send(&context, request, &policies[1..])).unwrap();
    };
    let one = || {
        let mut request = Request::new(TARGET.parse().unwrap(), Method::Get);
        request.insert_header("accept", "application/json");
        request.insert_header("user-agent", "costs/1");
        request.insert_header("x-trace", "1");
        request
    };
    let make = || (0..REPEATS).map(|_| one()).collect::<Vec<_>>();
    make().iter_mut().for_each(&mut send);
    let mut all = make();
    measured(|| all.iter_mut().for_each(&mut send));
}

#[derive(Debug)]
struct Fixed;

#[async_trait]
impl TokenCredential for Fixed {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let end = OffsetDateTime::now_utc() + Duration::days(1);
        Ok(AccessToken::new("t".repeat(256), end))
    }
}

#[derive(Debug)]
struct AnswersAtOnce;

#[async_trait]
impl Policy for AnswersAtOnce {
    async fn send(
        &self,
        _: &Context,
        request: &mut Request,
        _: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        black_box(request);
        let answer = AsyncRawResponse::from_bytes(StatusCode::Ok, Headers::new(), "");
        Ok(answer)
    }
}
