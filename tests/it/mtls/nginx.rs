//! Client certificates at nginx (`ssl_verify_client`).

use http::StatusCode;
use multi_auth::{AuthError, Bearer, Keyring, TokenEndpoint, TokenRequestProblem};

use super::authority::{Authority, ClientCertificate};
use super::clients::Trust;
use crate::adapter::{Adapter, Answer, auth_error};
use crate::nginx::Nginx;

struct Server {
    url: String,
    clients: Authority,
    servers: Authority,
    _nginx: Nginx,
}

/// The token at `/token` is the fingerprint of the certificate, and the API compares both.
const PLACES: &str = r#"
ssl_certificate server.pem; ssl_certificate_key server.key;
ssl_client_certificate clients.pem; ssl_verify_client on;
location /token {
    default_type application/json;
    return 200 '{"access_token": "$ssl_client_fingerprint", "token_type": "Bearer"}';
}
location / {
    set $bound "Bearer $ssl_client_fingerprint";
    if ($http_authorization != $bound) { return 401; }
    return 200 $ssl_client_fingerprint;
}"#;

impl Server {
    async fn start() -> Self {
        let (clients, servers) = (Authority::new("clients"), Authority::new("servers"));
        let own = servers.server();
        let files = [
            ("server.pem", &*own.certificate_pem),
            ("server.key", &own.key_pem),
            ("clients.pem", &clients.root_pem),
        ];
        let nginx = Nginx::start(&files, " ssl", PLACES).await;
        Self {
            url: format!("https://{}", nginx.address),
            clients,
            servers,
            _nginx: nginx,
        }
    }

    /// The answer to a request with a token, each with the certificate that is given for it.
    async fn get(
        &self,
        adapter: Adapter,
        at_token_endpoint: Option<&ClientCertificate>,
        at_api: Option<&ClientCertificate>,
    ) -> Result<Answer, tower::BoxError> {
        let trust = Trust::authority(&self.servers.root_pem);
        let transport = trust.transport(adapter, at_token_endpoint);
        let endpoint = TokenEndpoint::builder(&format!("{}/token", self.url), transport);
        let bearer = Bearer::new(endpoint.unwrap().build());
        let keyring = Keyring::builder().bind(&*self.url, bearer).unwrap().build();
        let own: Vec<_> = at_api.into_iter().collect();
        let client = trust.client(adapter, &keyring, &own);
        client.get(&format!("{}/accounts", self.url)).await
    }
}

fn fingerprint(client: &ClientCertificate) -> String {
    let sha1 = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
    hex::encode(aws_lc_rs::digest::digest(sha1, &client.certificate))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server's program: NGINX=... cargo test -- --ignored"]
async fn nginx_accepts_a_token_with_its_certificate_and_refuses_every_other_pair() {
    let server = Server::start().await;
    let (own, other) = (server.clients.client("a"), server.clients.client("b"));
    let strange = Authority::new("others").client("a");
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let answer = server.get(adapter, Some(&own), Some(&own)).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body, fingerprint(&own));

        let answer = server.get(adapter, Some(&own), Some(&other)).await;
        assert_eq!(answer.unwrap().status, StatusCode::UNAUTHORIZED);
        for refused in [None, Some(&strange)] {
            let answer = server.get(adapter, Some(&own), refused).await.unwrap();
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{adapter:?}");
            let error = auth_error(server.get(adapter, refused, Some(&own)).await);
            assert!(
                matches!(
                    error,
                    AuthError::TokenRequest {
                        problem: TokenRequestProblem::Status(StatusCode::BAD_REQUEST),
                        ..
                    }
                ),
                "{error:?} by {adapter:?}"
            );
        }
    }
}
