use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;

fn form_in(output: impl AsRef<[u8]>) -> Option<&'static str> {
    Canary::new("key").find_in(output).map(|leak| leak.form)
}

#[test]
fn a_secret_is_found_in_every_form() {
    let key = Canary::new("key");
    let bytes = key.as_str().as_bytes();
    let spelled = |spelled: fn(u8) -> String| forms::joined(bytes, "", spelled);
    let hex = spelled(|byte| format!("{byte:02x}"));
    let percent = spelled(|byte| format!("%{byte:02X}"));

    assert_eq!(form_in(bytes), Some("plain text"));
    assert_eq!(form_in(&key.as_str()[9..18]), Some("plain text"));
    assert_eq!(form_in(key.as_str().to_lowercase()), Some("lower case"));
    assert_eq!(form_in(hex.to_ascii_uppercase()), Some("hexadecimal"));
    assert_eq!(form_in(hex), Some("hexadecimal"));
    assert_eq!(form_in(percent), Some("percent-encoding"));
    assert_eq!(form_in(format!("{bytes:?}")), Some("a list of bytes"));
    for user in ["", "u", "us", "use", "user:"] {
        let pair = format!("{user}{}", key.as_str());
        assert_eq!(form_in(STANDARD.encode(&pair)), Some("base64"), "{user}");
        assert!(form_in(URL_SAFE_NO_PAD.encode(&pair)).is_some(), "{user}");
    }
}

#[test]
fn a_text_that_is_not_a_secret_is_not_found() {
    let key = Canary::new("key");
    assert_eq!(form_in(""), None);
    assert_eq!(form_in(format!("{key:?}")), None);
    assert_eq!(form_in(Canary::new("other").as_str()), None);
    assert_eq!(form_in(&key.as_str()[..4 + TELLING - 1]), None);
    assert_eq!(key, Canary::new("key"));
}
