//! The properties with random inputs: any bytes, and bytes that look like what is read.

mod pieces;

use multi_auth_properties::{
    cases, challenges, digest_challenges, keys, locations, protection_spaces, retry_after,
    server_documents, signature_templates, signed_requests, signing_keys, token_responses,
    vendor_files,
};
use proptest::collection::vec;
use proptest::prelude::*;

use self::pieces::{
    ANSWER, CHALLENGE, DATE, DIGEST, DOCUMENT, KEY, LOCATION, SIGNED_REQUEST, SIGNING_KEY, TARGET,
    TEMPLATE, VENDOR_FILE, made_of,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(4096), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_challenge_is_read(input in prop_oneof![made_of(CHALLENGE), vec(any::<u8>(), 0..200)]) {
        challenges(&input);
    }

    #[test]
    fn any_response_to_a_token_request_is_read(
        form in any::<[u8; 2]>(),
        body in prop_oneof![made_of(ANSWER), vec(any::<u8>(), 0..200)],
    ) {
        token_responses(&[&form[..], &body].concat());
    }

    #[test]
    fn any_key_is_sent_as_it_is_or_refused(
        input in prop_oneof![made_of(KEY), vec(any::<u8>(), 0..200)],
    ) {
        keys(&input);
    }

    #[test]
    fn any_location_is_cleaned(input in made_of(LOCATION)) {
        locations(&[b"key-0123456789\n", &*input].concat());
    }

    #[test]
    fn any_retry_after_is_read(input in prop_oneof![made_of(DATE), vec(any::<u8>(), 0..100)]) {
        retry_after(&input);
    }

    #[test]
    fn any_signing_key_is_read_or_refused(
        input in prop_oneof![made_of(SIGNING_KEY), vec(any::<u8>(), 0..200)],
    ) {
        signing_keys(&input);
    }

    #[test]
    fn any_digest_challenge_is_answered_or_refused(input in prop_oneof![
        made_of(DIGEST),
        made_of(DIGEST).prop_map(|input| [b"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\", ", &*input].concat()),
    ]) {
        digest_challenges(&input);
    }

    #[test]
    fn any_template_is_filled_or_refused(template in made_of(TEMPLATE), target in made_of(SIGNED_REQUEST)) {
        signature_templates(&[&*template, b"\n/", &*target].concat());
    }

    #[test]
    fn any_request_is_signed_whole_or_not_at_all(input in made_of(SIGNED_REQUEST)) {
        signed_requests(&[b"/", &*input].concat());
    }

    #[test]
    fn any_document_of_an_authorization_server_is_read_or_refused(
        input in prop_oneof![made_of(DOCUMENT), vec(any::<u8>(), 0..200)],
    ) {
        server_documents(&input);
    }

    #[test]
    fn a_variable_of_a_vendor_never_chooses_the_domain(
        input in prop_oneof![made_of(VENDOR_FILE), vec(any::<u8>(), 0..80)],
    ) {
        vendor_files(&input);
    }

    #[test]
    fn a_credential_stays_in_its_protection_space(input in made_of(TARGET)) {
        protection_spaces(&input);
    }
}
