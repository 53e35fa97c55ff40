use http::Request;
use http::request::Parts;

use super::*;
use crate::{ApiKey, BindingProblem};

mod accounts;
mod bindings;
mod domains;
mod origins;
mod paths;
mod placements;

fn key(value: &str) -> ApiKey {
    ApiKey::header("x-api-key", value).unwrap()
}

fn bound_to(space: &str) -> Keyring {
    Keyring::builder().bind(space, key("k-1")).unwrap().build()
}

fn parts(uri: &str) -> Parts {
    Request::get(uri).body(()).unwrap().into_parts().0
}

/// The key that `keyring` attaches to `request`, if any.
fn attached(keyring: &Keyring, mut request: Parts) -> Result<Option<String>, AuthError> {
    let ready = keyring.ready(&RequestHead::from_parts(&request)).unwrap();
    ready?.attach(&mut request)?;
    Ok(request
        .headers
        .get("x-api-key")
        .map(|value| value.to_str().unwrap().to_owned()))
}
