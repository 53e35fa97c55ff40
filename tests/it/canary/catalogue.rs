//! Vendors as data: what they show of themselves, and of what users write.

use http::{HeaderName, HeaderValue, Response};
use multi_auth::{TokenEndpoint, TokenRequestBody, TokenSource, transport_fn};
use multi_auth_config::{Catalogue, Config, Input, Variable, Vendor, VendorDefinition};

use super::{Ledger, key, token};
use crate::adapter::Adapter;

const FILE: &str = "format = 1\ntitle = 'V'\ndocs = 'https://docs.example'\nread = 2026-11-29\n\
     variables = { tenant = { label = 'T', example = 'a' }, other = { label = 'O', example = '', kind = 'secret' } }\n\
     inputs = { key = { label = 'K' } }\n\
     [entry]\nurl = 'https://{tenant}.v.example'\nscheme = 'token_endpoint'\n\
     token_endpoint = { url = 'https://v.example/token', key_field = 'k', fields = { o = '{other}' } }";

pub(super) async fn look(ledger: &mut Ledger) {
    let catalogue = Catalogue::embedded().with_vendor("v", FILE).unwrap();
    ledger.see_debug("Catalogue::embedded, Catalogue", &catalogue);
    ledger.see_debug("Catalogue::empty", &Catalogue::empty());
    let definition: VendorDefinition = catalogue.vendor("v").unwrap().unwrap();
    let variable: &Variable = &definition.variables()[0];
    let input: &Input = &definition.inputs()[0];
    ledger.see_debug(
        "VendorDefinition, Variable, Input",
        &(&definition, variable, input),
    );
    ledger.see("vendor_schema", multi_auth_config::vendor_schema());
    look_at_files(ledger);
    look_at_entries(ledger, &catalogue).await;
    look_at_encodings(ledger).await;
    look_at_responses(ledger).await;
}

fn look_at_files(ledger: &mut Ledger) {
    for (site, from, to) in [
        ("a title", "title =", "titel ="),
        ("a page", "https://docs.example", ""),
        ("an example", "example = 'a'", "example = '/'"),
        ("a scheme", "'token_endpoint'", "'tokens'"),
        ("a URL", "https://v.example/token", "v.example"),
        ("a field", "key_field", "key_fields"),
        ("no end", "[entry]", "[entry"),
    ] {
        let text = FILE.replace(from, &format!("{to} '{}'", key()));
        let error = Catalogue::empty().with_vendor("v", &text).unwrap_err();
        ledger.see_error(format!("Catalogue, {site} in a vendor's file"), &error);
    }
    let error = Catalogue::empty().with_directory("/no/such/directory");
    ledger.see_error("Catalogue, no directory", &error.unwrap_err());
}

async fn look_at_entries(ledger: &mut Ledger, catalogue: &Catalogue) {
    let secret = format!("{{ dangerous_inline = '{}' }}", key());
    let right = format!(
        "preset = 'v'\nvariables = {{ tenant = 'a' }}\nkey = {secret}\nsecrets = {{ other = {secret} }}"
    );
    let vendor = Vendor::from_toml_with("w", &right, catalogue).unwrap();
    ledger.see_debug("Vendor::from_toml, Vendor::from_toml_with", &vendor);
    let loaded = vendor.load(Adapter::Reqwest.transport()).await.unwrap();
    ledger.see_debug("VendorCredential, of two secrets", &loaded);
    let constant = format!(
        "url = 'https://v.example'\nscheme = 'bearer'\nvalue = '{}'",
        key()
    );
    let constant = Vendor::from_toml("w", &constant).unwrap();
    ledger.see_debug("Vendor, a secret as a constant", &constant);
    for (site, from, to) in [
        ("a value", "'a'", format!("'{}/'", key())),
        ("a name", "tenant", key()),
        ("a secret's name", "other", key()),
        (
            "a secret itself",
            "secrets = {",
            format!("secrets = {{ x = '{}',", key()),
        ),
        ("a preset", "'v'", format!("'{}'", key())),
        ("a field", "preset", format!("{} = 1\npreset", key())),
        ("no end", "secrets = {", format!("secrets = {}", key())),
    ] {
        let text = right.replacen(from, &to, 1);
        let error = Vendor::from_toml_with("w", &text, catalogue).unwrap_err();
        ledger.see_error(format!("Vendor::from_toml, {site}"), &error);
        let text = format!("[vendors.w]\n{text}");
        let error = Config::parse_with(&text, "", [], catalogue).unwrap_err();
        ledger.see_error(format!("Config::parse_with, {site}"), &error);
    }
    let error = Config::read_with("/no/such/file", catalogue).unwrap_err();
    ledger.see_error("Config::read_with", &error);
    let own = right.replace("dangerous_inline", "env");
    let error = Vendor::from_toml_with("w", &own.replace(&key(), "NO_SUCH"), catalogue).unwrap();
    let error = error.load(Adapter::Reqwest.transport()).await.unwrap_err();
    ledger.see_error("Vendor, missing secrets", &error);
}

/// A key that is not in the encoding that the file names.
async fn look_at_encodings(ledger: &mut Ledger) {
    for encoding in ["hex", "base64", "base64url"] {
        let entry = format!(
            "url = 'https://v.example'\nscheme = 'jwt'\nalgorithm = 'HS256'\njwt = {{ issuer = 'i' }}\n\
             key_encoding = '{encoding}'\nkey = {{ dangerous_inline = '{}*' }}",
            key()
        );
        let vendor = Vendor::from_toml("w", &entry).unwrap();
        let error = vendor.load(Adapter::Reqwest.transport()).await.unwrap_err();
        ledger.see_error(format!("Vendor, a key that is not {encoding}"), &error);
        ledger.see_debug("ConfigProblem, of an encoding", error.problem());
    }
}

/// Tokens in header fields, cookies and plain bodies.
async fn look_at_responses(ledger: &mut Ledger) {
    let body = TokenRequestBody::text(HeaderValue::from_static("text/xml"), key());
    ledger.see_debug("TokenRequestBody::text", &body);
    for broken in [false, true] {
        let name = HeaderName::from_static("x-token");
        let text = if broken {
            format!("{}\u{e9}\n{0}", token())
        } else {
            token()
        };
        let transport = transport_fn(move |_| {
            let mut response = Response::new(text.clone().into_bytes());
            let value = HeaderValue::try_from(text.replace('\n', "\t"));
            response.headers_mut().extend(
                value
                    .ok()
                    .map(|value| (HeaderName::from_static("x-token"), value)),
            );
            async { Ok(response) }
        });
        let transport = std::sync::Arc::new(transport);
        let builder = || {
            TokenEndpoint::builder("https://v.example/token", std::sync::Arc::clone(&transport))
                .unwrap()
        };
        for (place, builder) in [
            ("body", builder().token_at("")),
            ("header", builder().token_in_header(name.clone())),
            ("cookie", builder().token_in_cookie("s")),
            ("JWT", builder().token_at("").expires_by_jwt()),
        ] {
            ledger.see_debug(format!("TokenEndpointBuilder, {place}"), &builder);
            let site = format!("TokenEndpoint, a token in a {place}, {broken}");
            match builder.build().token().await {
                Ok(token) => ledger.see_debug(site, &token),
                Err(error) => ledger.see_error(site, &error),
            }
        }
    }
}
