//! The bodies of responses that a scheme reads.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use multi_auth::adapter::JsonBody;
use multi_auth::{Keyring, ResponseHead};
use multi_auth_config::Refusal;
use multi_auth_tower::{AuthLayer, BoxError, PeekedBody, ReadJson, ReadJsonFuture, ReadJsonLayer};
use tower::layer::util::Stack;
use tower::{Layer, Service};

use super::{Ledger, token};

pub(super) async fn look(ledger: &mut Ledger) {
    let json = format!("{{\"token\": \"{}\"}}", token());
    let headers = HeaderMap::new();
    let is_due = JsonBody::is_due(&headers);
    let body = JsonBody::new(json.clone().into());
    let head = ResponseHead::new(StatusCode::OK, &headers).with_json(Some(&body));
    ledger.see_debug("JsonBody::new JsonBody::is_due", &(&body, is_due));
    ledger.see_debug("ResponseHead with a JsonBody", &head);
    ledger.see_debug("Refusal", &Refusal::Credential);

    let layer: Stack<ReadJsonLayer, AuthLayer> =
        AuthLayer::new(Keyring::builder().build()).read_responses();
    ledger.see_debug("ReadJsonLayer", &layer);
    let answer = move |_: Request<()>| {
        let response = Response::new(Full::<Bytes>::from(json.clone()));
        async { Ok::<_, BoxError>(response) }
    };
    let service = layer.layer(tower::service_fn(answer));
    let mut below: ReadJson<_> = service.get_ref().clone();
    ledger.see_debug("ReadJson", &below);
    let future: ReadJsonFuture<_, _> = below.call(Request::new(()));
    ledger.see_debug("ReadJsonFuture", &future);
    let response: Response<PeekedBody<_>> = future.await.unwrap();
    ledger.see_debug("PeekedBody", response.body());
}
