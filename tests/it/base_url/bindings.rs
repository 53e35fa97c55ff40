//! What may be bound, and how it is listed.

use multi_auth::{
    AllOf, ApiKey, BaseUrls, Bearer, Keyring, ProtectionSpace, Rotating, Token, source_fn,
};

#[tokio::test]
async fn a_binding_without_a_base_url_has_none() {
    let space = ProtectionSpace::new("https://api.example.com").unwrap();
    let key = ApiKey::header("x-key", "k-1").unwrap();
    let keyring = Keyring::builder().bind(space.clone(), key).unwrap().build();
    assert_eq!(keyring.base_url(&space).await.unwrap(), None);
    let other = ProtectionSpace::new("https://other.example.com").unwrap();
    assert_eq!(keyring.base_url(&other).await.unwrap(), None);
}

#[test]
fn a_credential_that_knows_no_base_url_is_not_bound_to_all_subdomains() {
    let allowed = BaseUrls::at_domains(["https://my.vendor.example"]).unwrap();
    let space = allowed.protection_spaces()[0].clone();
    let key = ApiKey::header("x-key", "k-1").unwrap();
    let error = Keyring::builder().bind(space.clone(), key).unwrap_err();
    assert!(error.to_string().contains("all subdomains"), "{error}");

    let vendor = source_fn(|| async { Ok(Token::new("t")) });
    let bearer = Bearer::builder(vendor).build_with_base_url("instance_url", allowed);
    let key = ApiKey::header("x-key", "k-1").unwrap();
    let both = Rotating::new(AllOf::new(bearer, key));
    assert!(Keyring::builder().bind(space, both).is_ok());
}

#[test]
fn a_space_with_subdomains_is_listed_as_such() {
    let allowed = BaseUrls::at_domains(["https://my.vendor.example"]).unwrap();
    let bearer = Bearer::builder(source_fn(|| async { Ok(Token::new("t")) }));
    let bearer = bearer.build_with_base_url("instance_url", allowed);
    let keyring = Keyring::builder().bind_all(bearer.protection_spaces(), bearer);
    let keyring = keyring.unwrap().build();
    let listed: Vec<_> = keyring
        .bindings()
        .map(|binding| binding.protection_space().to_string())
        .collect();
    assert_eq!(listed, ["https://*.my.vendor.example/"]);
}
