//! The rows of the table, each below the base that it is measured from.

use multi_auth_benches::{attaching, requests, stacks};

use crate::{aws, azure, clouds, digest, kubernetes, message_signatures, own};

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) is_base: bool,
    pub(crate) run: fn(),
}

const fn base(name: &'static str, run: fn()) -> Row {
    Row {
        name,
        is_base: true,
        run,
    }
}

const fn row(name: &'static str, run: fn()) -> Row {
    Row {
        name,
        is_base: false,
        run,
    }
}

pub(crate) const ROWS: &[Row] = &[
    base("put on a request's head, from nothing:", own::nothing),
    row("floor: insert a cloned ready value", attaching::floor),
    row("multi-auth: static key, by dyn and keyring", || {
        attaching::attach(&requests::static_key(1));
    }),
    row("multi-auth: token", || {
        attaching::attach(&requests::token(1))
    }),
    row("multi-auth: token with an expiry", || {
        attaching::attach(&requests::token_that_ends());
    }),
    base("obtained, and not yet on a request:", own::nothing),
    row(
        "object_store: Azure credential provider",
        clouds::object_store,
    ),
    row("google-cloud-auth: Credentials::headers", clouds::google),
    row("gcp_auth: TokenProvider::token", clouds::gcp_auth),
    base("a signature of AWS, put on a request's head:", own::nothing),
    row("multi-auth: SigV4", || {
        attaching::sign(&requests::sigv4(), b"");
    }),
    row("reqsign: Signer", aws::reqsign),
    row("aws-sigv4: sign", aws::aws_sigv4),
    base(
        "a message signature with Ed25519, put on a request's head:",
        own::nothing,
    ),
    row("the bare signature", attaching::ed25519),
    row("multi-auth: HttpSignature", || {
        attaching::sign(&requests::http_signature(), b"");
    }),
    row("httpsig: HttpSignatureBase", message_signatures::httpsig),
    base(
        "an answer to a Digest challenge, put on a request's head:",
        own::nothing,
    ),
    row("multi-auth: Digest", || {
        attaching::sign(&requests::digest(), b"");
    }),
    row(
        "digest_auth: WwwAuthenticateHeader (one at a time)",
        digest::digest_auth,
    ),
    base("above a tower service alone:", stacks::tower_alone),
    row(
        "tower-http: AddAuthorization (static only)",
        stacks::tower_add_authorization,
    ),
    row("multi-auth: AuthLayer, static key", || {
        stacks::tower_auth(&requests::static_key(1));
    }),
    row(
        "kube-client: auth layer, token file",
        kubernetes::token_file,
    ),
    row(
        "multi-auth: AuthLayer, token, and a copy for a replay",
        || {
            stacks::tower_auth(&requests::token(1));
        },
    ),
    base("above azure_core's last policy alone:", azure::alone),
    row("azure_core: BearerTokenAuthorizationPolicy", azure::bearer),
    base("above reqwest's builder:", own::builder),
    row("reqwest: bearer_auth", own::bearer_auth),
    row("reqwest: basic_auth", own::basic_auth),
    base(
        "above reqwest-middleware with none:",
        stacks::middleware_none,
    ),
    row("a middleware that adds a ready header", || {
        stacks::middleware_alone();
    }),
    row("multi-auth: AuthMiddleware, static key", || {
        stacks::middleware_auth(&requests::static_key(1));
    }),
    row(
        "multi-auth: AuthMiddleware, token, and a copy for a replay",
        || stacks::middleware_auth(&requests::token(1)),
    ),
];
