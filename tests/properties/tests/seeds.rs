//! Runs the properties with the seeds of the fuzzer: one input of each kind, and each that once
//! found a bug.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use multi_auth_properties::{
    challenges, digest_challenges, keys, locations, protection_spaces, retry_after,
    server_documents, signature_templates, signed_requests, signing_keys, token_responses,
    vendor_files,
};

type Property = fn(&[u8]);

#[test]
fn every_kept_input_holds() {
    let targets: [(&str, Property); 12] = [
        ("challenges", challenges),
        ("digest_challenges", digest_challenges),
        ("token_responses", token_responses),
        ("keys", keys),
        ("locations", locations),
        ("retry_after", retry_after),
        ("protection_spaces", protection_spaces),
        ("signature_templates", signature_templates),
        ("signed_requests", signed_requests),
        ("signing_keys", signing_keys),
        ("server_documents", server_documents),
        ("vendor_files", vendor_files),
    ];
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let folders = fs::read_dir(&seeds).unwrap().count();
    assert_eq!(folders, targets.len(), "a folder for each target");
    for (target, property) in targets {
        for seed in fs::read_dir(seeds.join(target)).unwrap() {
            let path = seed.unwrap().path();
            let input = fs::read(&path).unwrap();
            let held = catch_unwind(|| property(&input));
            assert!(held.is_ok(), "{}", path.display());
        }
    }
}
