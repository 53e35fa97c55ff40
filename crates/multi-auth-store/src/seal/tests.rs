use super::*;

fn key(byte: u8) -> SealingKey {
    SealingKey::from_base64(STANDARD.encode([byte; KEY_LEN])).unwrap()
}

fn entry(account: &str) -> StoreKey {
    StoreKey::new("github", account).unwrap()
}

#[test]
fn a_sealed_entry_is_opened_and_holds_no_plaintext() {
    let sealed = key(1).seal(&entry("ada"), b"r-123").unwrap();
    assert!(!sealed.windows(5).any(|bytes| bytes == b"r-123"));
    assert_eq!(&key(1).open(&entry("ada"), &sealed).unwrap()[..], b"r-123");
}

#[test]
fn each_seal_has_another_nonce() {
    let seal = || key(1).seal(&entry("ada"), b"r-123").unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn an_entry_of_another_account_is_not_authentic() {
    let sealed = key(1).seal(&entry("ada"), b"r-123").unwrap();
    let problem = key(1).open(&entry("bob"), &sealed).unwrap_err();
    assert!(matches!(problem, Unreadable::NotAuthentic), "{problem:?}");
}

#[test]
fn every_changed_bit_and_every_cut_is_refused() {
    let sealed = key(1).seal(&entry("ada"), b"r-123").unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(key(1).open(&entry("ada"), &changed).is_err(), "bit {bit}");
    }
    for len in 0..sealed.len() {
        assert!(
            key(1).open(&entry("ada"), &sealed[..len]).is_err(),
            "{len} bytes"
        );
    }
}

#[test]
fn a_previous_key_opens_and_the_new_key_seals() {
    let old = key(1).seal(&entry("ada"), b"r-123").unwrap();
    let problem = key(2).open(&entry("ada"), &old).unwrap_err();
    assert!(matches!(problem, Unreadable::OtherKey), "{problem:?}");

    let both = key(2).with_previous(key(1));
    assert_eq!(&both.open(&entry("ada"), &old).unwrap()[..], b"r-123");
    let new = both.seal(&entry("ada"), b"r-123").unwrap();
    assert_eq!(&key(2).open(&entry("ada"), &new).unwrap()[..], b"r-123");
}

#[test]
fn a_key_of_another_length_is_refused_and_not_shown() {
    for len in [0, 1, 16, 31, 33, 64] {
        let text = STANDARD.encode(vec![7; len]);
        let error = SealingKey::from_base64(text.clone()).unwrap_err();
        assert!(len == 0 || !error.to_string().contains(&text), "{error}");
    }
    assert!(SealingKey::from_base64("not base64!").is_err());
    let text = format!(" {}\n", STANDARD.encode([7; KEY_LEN]));
    assert!(SealingKey::from_base64(text).is_ok());
}
