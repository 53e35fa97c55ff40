//! Base URLs that a token response names.

use multi_auth::{AuthError, BaseUrls, Bearer, BearerWithBaseUrl, Keyring, Token, source_fn};

use super::{Ledger, in_url, token};

/// A vendor whose token response names `url`.
fn bearer(url: String) -> BearerWithBaseUrl {
    let allowed = BaseUrls::at_domains(["https://vendor.example"]).unwrap();
    let source = source_fn(move || {
        let token = Token::new(token()).with_part("instance_url", url.clone());
        async { Ok(token) }
    });
    Bearer::builder(source).build_with_base_url("instance_url", allowed)
}

pub(super) async fn look(ledger: &mut Ledger) {
    let good = bearer("https://a.vendor.example".to_owned());
    let base = good.base_url().await.unwrap();
    ledger.see_debug("BearerWithBaseUrl::base_url", &(&good, base));
    let spaces = good.protection_spaces();
    let keyring = Keyring::builder()
        .bind_all(spaces.clone(), good)
        .unwrap()
        .build();
    let request = http::Request::get("https://b.vendor.example/").body(());
    let (parts, ()) = request.unwrap().into_parts();
    let head = multi_auth::RequestHead::from_parts(&parts);
    let error: AuthError = keyring.authenticate(&head).await.unwrap_err();
    ledger.see_error("AuthError, OtherBaseUrl", &error);

    let hidden = bearer(format!("https://{}.example/{}", in_url(), token()));
    let error = hidden.base_url().await.unwrap_err();
    ledger.see_error("AuthError, BaseUrl", &error);

    for (site, url) in [
        ("Path", format!("https://v.example/{}", in_url())),
        ("Wildcard", format!("https://*.{}.example", in_url())),
        ("TopLevelDomain", format!("https://{}", in_url())),
    ] {
        let error = BaseUrls::at_domains([&*url]).unwrap_err();
        ledger.see_error(format!("BaseUrls::at_domains, {site}"), &error);
    }
}
