//! A body in memory is signed by every adapter.

use http::StatusCode;

use super::{signed, verifying};
use crate::body::TestBody;

on_every_adapter! {
    async fn a_request_is_signed_over_method_path_query_and_body(adapter: Adapter) {
        let server = verifying().await;
        let client = adapter.client(&signed(&server));
        let url = format!("{}/orders?dry_run=true", server.url());
        assert_eq!(client.get(&url).await.unwrap().status, StatusCode::OK);
        let body = TestBody::whole(r#"{"item": 1}"#);
        assert_eq!(client.post(&url, body).await.unwrap().status, StatusCode::OK);
        let requests = server.requests();
        assert_ne!(requests[0].header("x-signature"), requests[1].header("x-signature"));
    }
}
