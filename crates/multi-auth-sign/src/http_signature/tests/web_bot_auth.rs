//! Cloudflare's vectors: <https://github.com/cloudflare/web-bot-auth>, Apache-2.0.

use serde_json::Value;

use super::rfc9421::is_verified;
use super::*;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/web-bot-auth.json")).unwrap()
}

/// The JWKs have a `kid`, which no signature names.
fn bot_key(jwk: &Value) -> SigningKey {
    let algorithm = match jwk["kty"].as_str() {
        Some("RSA") => Algorithm::PS512,
        _ => Algorithm::EdDSA,
    };
    SigningKey::from_jwk(algorithm, jwk.to_string()).unwrap()
}

fn seconds(case: &Value, member: &str) -> u64 {
    case[member].as_u64().unwrap() / 1000
}

/// The signer of `case`. The first version has a string in `Signature-Agent`, which the caller
/// sets, or no such field. The second has a dictionary.
fn signer(case: &Value, key: SigningKey) -> HttpSignature {
    let mut builder = match (&case["signature_agent"], &case["signature_agent_key"]) {
        (_, Value::String(member)) => {
            let mut builder = HttpSignature::web_bot_auth(key, "https://signature-agent.test");
            builder.agent.as_mut().unwrap().member = Some(member.clone());
            builder
        }
        (agent, _) => {
            let thumbprint = key.thumbprint().unwrap();
            let key = key.with_key_id(&thumbprint).unwrap();
            let agent = agent.as_str().map(|_| "signature-agent");
            let components = ["@authority"].into_iter().chain(agent);
            HttpSignature::builder(key)
                .components(components)
                .tag("web-bot-auth")
        }
    };
    let nonce = case["nonce"].as_str().unwrap().to_owned();
    builder = builder.nonce_from(move || Ok(nonce.clone()));
    let (created, expires) = (seconds(case, "created_ms"), seconds(case, "expires_ms"));
    builder
        .label(case["label"].as_str().unwrap())
        .algorithm_parameter()
        .clock(at(created))
        .expires_after(Duration::from_secs(expires - created))
        .build()
        .unwrap()
}

#[test]
fn each_vector_is_signed() {
    let vectors = vectors();
    let mut counts = [0, 0, 0];
    for case in vectors["cases"].as_array().unwrap() {
        let text = |member: &str| case[member].as_str().unwrap();
        let key = bot_key(&vectors["keys"][text("key")]);
        let signer = signer(case, key.clone());
        let is_added = case["signature_agent_key"].is_string();
        let agent = case["signature_agent"].as_str();
        let fields = agent
            .filter(|_| !is_added)
            .map(|agent| ("signature-agent", agent));
        let fields: Vec<_> = fields.into_iter().collect();
        let parts = request("GET", text("target_url"), &fields);
        let fields = signed(&signer, &parts, b"");
        assert_eq!(fields["signature-input"], text("signature_input"));
        if let Some(agent) = agent {
            assert_eq!(fields["signature-agent"], agent);
            counts[1] += 1;
        }
        let base = base(&signer, &parts, b"").unwrap();
        assert!(is_verified(&key, &base, text("signature")), "{base}");
        if key.algorithm() == Algorithm::EdDSA {
            assert_eq!(fields["signature"], text("signature"));
            counts[2] += 1;
        }
        counts[0] += 1;
    }
    assert_eq!(counts, [8, 4, 4]);
}

fn ed25519() -> SigningKey {
    bot_key(&vectors()["keys"]["test-key-ed25519"])
}

/// draft-meunier-webbotauth-httpsig-protocol, "Signature-Agent": the member has the label as its
/// key.
#[test]
fn the_member_of_signature_agent_has_the_label_of_the_signature() {
    let builder = HttpSignature::web_bot_auth(ed25519(), "https://bot.example:8443/")
        .components(["@authority", "@method", "@path"])
        .label("bot")
        .clock(at(1000))
        .nonce_from(|| Ok("n".to_owned()));
    let signer = builder.build().unwrap();
    let parts = request("GET", "https://shop.example/cart", &[]);
    let fields = signed(&signer, &parts, b"");
    assert_eq!(
        fields["signature-agent"],
        r#"bot="https://bot.example:8443""#
    );
    let input = r#"("@authority" "@method" "@path" "signature-agent";key="bot");created=1000;keyid="poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";expires=1300;nonce="n";tag="web-bot-auth""#;
    assert_eq!(fields["signature-input"], format!("bot={input}"));
    let expected = format!(
        "\"@authority\": shop.example\n\"@method\": GET\n\"@path\": /cart\n\
         \"signature-agent\";key=\"bot\": \"https://bot.example:8443\"\n\
         \"@signature-params\": {input}"
    );
    assert_eq!(base(&signer, &parts, b"").unwrap(), expected);
    let places = signer.placements();
    assert!(
        places
            .iter()
            .any(|place| place.to_string() == "signature-agent: ****")
    );
}

#[test]
fn the_nonce_has_64_bytes() {
    let signer = HttpSignature::web_bot_auth(ed25519(), "https://bot.example")
        .build()
        .unwrap();
    let fields = signed(&signer, &request("GET", "https://a.example/", &[]), b"");
    let input = fields["signature-input"].to_str().unwrap();
    let (_, nonce) = input.split_once(";nonce=\"").unwrap();
    assert_eq!(nonce.find('"'), Some(88));
}

#[test]
fn an_agent_that_is_not_an_https_origin_is_refused() {
    for agent in [
        "",
        "bot.example",
        "http://bot.example",
        "https://bot.example/path",
        "https://bot.example/?q",
        "https://bot.example/#f",
        "https://user@bot.example",
        "data:text/plain,x",
    ] {
        let error = HttpSignature::web_bot_auth(ed25519(), agent)
            .build()
            .unwrap_err();
        let expected = "the signature agent is not an https origin: write it as \
                        `https://bot.example.com`, without a path";
        assert_eq!(error.to_string(), expected, "{agent}");
    }
    let error = HttpSignature::web_bot_auth(key(), "https://bot.example").build();
    let expected = "Web Bot Auth needs a public key, which a shared secret does not have: \
                    sign with an Ed25519, EC or RSA key";
    assert_eq!(error.unwrap_err().to_string(), expected);
}

#[test]
fn a_request_with_another_agent_is_refused() {
    let signer = HttpSignature::web_bot_auth(ed25519(), "https://bot.example")
        .build()
        .unwrap();
    let parts = request("GET", "https://a.example/", &[("signature-agent", "\"x\"")]);
    let error = error(&signer, &head(&parts, b""));
    let expected = "the request has a `Signature-Agent` field, which the signer adds: \
                    remove the field, or build the signer without `web_bot_auth`";
    assert_eq!(error, expected);
}
