//! Azure Shared Key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use multi_auth::{Authenticator, BodyView, RequestHead};
use multi_auth_sign::AzureSharedKey;

use super::{Ledger, key, token};

const ACCOUNT: &str = "myaccount";

pub(super) fn look(ledger: &mut Ledger) {
    let secret = || STANDARD.encode(key());
    let azure = AzureSharedKey::new(ACCOUNT, secret()).unwrap();
    ledger.see_debug("AzureSharedKey::new", &azure);
    let builder = AzureSharedKey::builder(ACCOUNT, secret()).table();
    let site = "AzureSharedKeyBuilder of AzureSharedKey::builder";
    ledger.see_debug(site, &builder);
    for (site, account, key) in [
        ("an invalid account", token(), secret()),
        ("a key that is not base64", ACCOUNT.to_owned(), key() + "!"),
        ("a line break", ACCOUNT.to_owned(), secret() + "\n"),
    ] {
        let error = AzureSharedKey::new(&account, key).unwrap_err();
        ledger.see_error(format!("AzureSharedKey, {site}"), &error);
    }
    let odd = AzureSharedKey::builder(ACCOUNT, secret()).version(&token());
    ledger.see_error("AzureSharedKey, a version", &odd.build().unwrap_err());

    let url = format!("https://myaccount.blob.core.windows.net/c?k={}", token());
    let (parts, ()) = Request::put(url).body(()).unwrap().into_parts();
    let body = key();
    let head = RequestHead::from_parts(&parts).with_body(BodyView::Bytes(body.as_bytes()));
    let credential = azure.ready(&head).unwrap().unwrap();
    ledger.see_debug("AzureSharedKey, a credential", &credential);
    let mut signed = parts.clone();
    credential.attach(&mut signed).unwrap();
    ledger.see_debug("AzureSharedKey, signed fields", &signed.headers);
    let stream = RequestHead::from_parts(&parts).with_body(BodyView::Stream);
    let error = azure.ready(&stream).unwrap().unwrap_err();
    ledger.see_error("AzureSharedKey, a stream", &error);
}
