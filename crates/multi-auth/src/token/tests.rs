use secrecy::ExposeSecret;

use super::*;

#[test]
fn a_token_returns_what_it_was_built_with() {
    let plain = Token::new("t");
    assert_eq!((plain.lifetime(), plain.expiry()), (None, None));
    let hour = Duration::from_secs(3600);
    let token = plain.with_lifetime(hour);
    assert_eq!((token.lifetime(), token.expiry()), (Some(hour), None));
    let end = SystemTime::UNIX_EPOCH + hour;
    let token = token.with_expiry(end);
    assert_eq!((token.lifetime(), token.expiry()), (None, Some(end)));
    assert_eq!(token.value().expose_secret(), "t");
}

#[test]
fn a_part_is_found_by_name_and_belongs_to_one_token() {
    let first = Token::new("t")
        .with_part("id", "a")
        .with_part("secret", "b");
    let second = first.clone().with_part("id", "c");
    let part =
        |token: &Token, name: &str| token.part(name).map(|part| part.expose_secret().to_owned());
    assert_eq!(part(&first, "id").as_deref(), Some("a"));
    assert_eq!(part(&second, "id").as_deref(), Some("c"));
    assert_eq!(part(&second, "secret").as_deref(), Some("b"));
    assert_eq!(part(&second, "other"), None);
    let names: Vec<_> = second.parts().map(|(name, _)| name).collect();
    assert_eq!(names, ["id", "secret"]);
}

#[test]
fn debug_prints_neither_value_nor_parts() {
    let token = Token::new("canary").with_part("secret", "canary");
    let shown = format!("{token:?} {token:#?}");
    assert!(
        !shown.contains("canary") && shown.contains("secret"),
        "{shown}"
    );
}
