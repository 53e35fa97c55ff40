#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| multi_auth_properties::digest_challenges(input));
