//! What a signature is on the wire.

use std::sync::Arc;

use http::Request;
use multi_auth_sign::{AwsCredentials, SigV4, SigV4Builder};
use multi_auth_testing::ScriptedServer;

use super::{EXAMPLE, client, credentials};
use crate::adapter::Adapter;
use crate::body::TestBody;
use crate::signing::clock::At;
use crate::wire::{assert_wire, transcript};

/// Sends a request with a fixed `Host`, which is signed.
async fn sent(adapter: Adapter, aws: SigV4Builder, credentials: AwsCredentials) -> String {
    let server = ScriptedServer::start().await.unwrap();
    let signer: SigV4 = aws.clock(Arc::new(At(EXAMPLE))).build(credentials).unwrap();
    let request = Request::post(format!("{}/a%20b/?b=2&a=1", server.url()))
        .header("host", "service.us-east-1.amazonaws.com")
        .header("content-type", "application/json");
    let request = request.body(TestBody::whole("{}")).unwrap();
    let client = client(adapter, &server, signer);
    client.send(request).await.unwrap();
    transcript(&server)
}

on_each_adapter! {
    async fn a_signature_on_the_wire(adapter: Adapter) {
        let session = || credentials().with_session_token("session-1").unwrap();
        let text = [
            sent(adapter, SigV4::builder("us-east-1", "execute-api"), credentials()).await,
            sent(adapter, SigV4::builder("us-east-1", "execute-api"), session()).await,
            sent(adapter, SigV4::builder("us-east-1", "s3"), credentials()).await,
            sent(adapter, SigV4::builder("us-east-1", "s3").unsigned_payload(), session()).await,
        ];
        assert_wire(adapter, "aws_sigv4", &text.concat());
    }
}
