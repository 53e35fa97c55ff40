//! An authorization server and an API in one, which verify each proof from what arrived.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use jsonwebtoken::jwk::ThumbprintHash;
use jsonwebtoken::{DecodingKey, Validation};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What the server has issued and seen.
#[derive(Clone)]
pub(crate) struct Server(Arc<Mutex<State>>);

struct State {
    token_type: &'static str,
    /// How many tokens it has issued. Only the newest is valid.
    issued: usize,
    /// The thumbprint of the key to which the newest token is bound.
    bound_to: String,
    /// The current nonces of the token endpoint and of the API, if it demands them.
    endpoint_nonce: Option<&'static str>,
    api_nonce: Option<&'static str>,
    ids: HashSet<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            token_type: "DPoP",
            issued: 0,
            bound_to: String::new(),
            endpoint_nonce: None,
            api_nonce: None,
            ids: HashSet::new(),
        })))
    }
}

impl Server {
    pub(crate) async fn start() -> (Self, ScriptedServer) {
        let own = Self::default();
        let server = ScriptedServer::start().await.unwrap();
        let answering = own.clone();
        server.respond_with(move |request: &RecordedRequest| answering.answer(request));
        (own, server)
    }

    pub(crate) fn demand(&self, endpoint: Option<&'static str>, api: Option<&'static str>) {
        let mut state = self.0.lock().unwrap();
        (state.endpoint_nonce, state.api_nonce) = (endpoint, api);
    }

    /// Issues tokens of this type from now on.
    pub(crate) fn issue(&self, token_type: &'static str) {
        self.0.lock().unwrap().token_type = token_type;
    }

    /// Refuses the newest token from now on.
    pub(crate) fn expire_token(&self) {
        self.0.lock().unwrap().bound_to.clear();
    }

    /// How many proofs it has accepted or refused for another reason than a repeated ID.
    pub(crate) fn proofs(&self) -> usize {
        self.0.lock().unwrap().ids.len()
    }

    fn answer(&self, request: &RecordedRequest) -> ScriptedResponse {
        let mut state = self.0.lock().unwrap();
        if request.path == "/token" {
            state.token(request)
        } else {
            state.api(request)
        }
    }
}

impl State {
    fn token(&mut self, request: &RecordedRequest) -> ScriptedResponse {
        let nonce = self.endpoint_nonce;
        let error = |code: &str| {
            let response = ScriptedResponse::new(StatusCode::BAD_REQUEST);
            with_nonce(response.with_json(&json!({ "error": code })), nonce)
        };
        let Some((thumbprint, claims)) = self.proof(request) else {
            return error("invalid_dpop_proof");
        };
        if !claims["ath"].is_null() {
            return error("invalid_dpop_proof");
        }
        if claims["nonce"].as_str() != nonce {
            return error("use_dpop_nonce");
        }
        self.issued += 1;
        self.bound_to = thumbprint;
        let token = json!({
            "access_token": format!("t-{}", self.issued),
            "token_type": self.token_type,
            "expires_in": 3600,
        });
        with_nonce(ScriptedResponse::default().with_json(&token), nonce)
    }

    fn api(&mut self, request: &RecordedRequest) -> ScriptedResponse {
        let nonce = self.api_nonce;
        let refusal = |code: &str| {
            let challenge = format!(r#"DPoP algs="ES256", error="{code}""#);
            let response = ScriptedResponse::new(StatusCode::UNAUTHORIZED);
            with_nonce(
                response
                    .with_header("www-authenticate", &challenge)
                    .unwrap(),
                nonce,
            )
        };
        let sent = request.header("authorization").unwrap_or_default();
        let Some(token) = sent.strip_prefix("DPoP ") else {
            return refusal("invalid_token");
        };
        let Some((thumbprint, claims)) = self.proof(request) else {
            return refusal("invalid_dpop_proof");
        };
        if claims["ath"] != URL_SAFE_NO_PAD.encode(Sha256::digest(token)) {
            return refusal("invalid_dpop_proof");
        }
        if claims["nonce"].as_str() != nonce {
            return refusal("use_dpop_nonce");
        }
        if token != format!("t-{}", self.issued) || thumbprint != self.bound_to {
            return refusal("invalid_token");
        }
        with_nonce(ScriptedResponse::new(StatusCode::OK), nonce)
    }

    /// The thumbprint of the key and the claims of the proof of `request`, if it is valid (RFC
    /// 9449, 4.3).
    fn proof(&mut self, request: &RecordedRequest) -> Option<(String, Value)> {
        let [proof] = request.header_values("dpop")[..] else {
            return None;
        };
        let header = jsonwebtoken::decode_header(proof).ok()?;
        let jwk = header
            .jwk
            .filter(|_| header.typ.as_deref() == Some("dpop+jwt"))?;
        let mut validation = Validation::new(header.alg);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        let claims = jsonwebtoken::decode::<Value>(proof, &key, &validation);
        let claims = claims.ok()?.claims;
        let url = format!("http://{}{}", request.authority.as_ref()?, request.path);
        let age = jsonwebtoken::get_current_timestamp().abs_diff(claims["iat"].as_u64()?);
        let is_new = self.ids.insert(claims["jti"].as_str()?.to_owned());
        let is_valid =
            claims["htm"] == request.method.as_str() && claims["htu"] == url && age < 60 && is_new;
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).ok()?;
        is_valid.then_some((thumbprint, claims))
    }
}

fn with_nonce(response: ScriptedResponse, nonce: Option<&str>) -> ScriptedResponse {
    match nonce {
        Some(nonce) => response.with_header("dpop-nonce", nonce).unwrap(),
        None => response,
    }
}
