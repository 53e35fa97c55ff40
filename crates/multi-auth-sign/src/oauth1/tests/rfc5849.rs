//! The examples of RFC 5849, and that of X.

use super::*;

const REQUEST: &str = "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b";

fn example() -> OAuth1 {
    // The secrets are those of erratum 2550.
    let builder = OAuth1::builder("9djdj82h48djs9d2", "j49sk3j29djd")
        .token("kkk9d7dh3k39sjv7", "dh893hdasih9")
        .realm("Example")
        .without_version();
    fixed(builder, 137_131_201, "7d8f3e4a").build().unwrap()
}

#[test]
fn the_base_string_is_that_of_section_3_4_1_1() {
    let parts = request("POST", REQUEST, &[FORM]);
    assert_eq!(
        base(&example(), &head(&parts, b"c2&a3=2+q")),
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q\
         %26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_\
         key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_m\
         ethod%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk\
         9d7dh3k39sjv7"
    );
    let header = authorization(&example(), &parts, b"c2&a3=2+q");
    assert!(header.starts_with("OAuth realm=\"Example\", "), "{header}");
    assert!(
        header.ends_with("oauth_signature=\"r6%2FTJjbCOr97%2F%2BUU0NsvSne7s5g%3D\""),
        "{header}"
    );
}

#[test]
fn the_uris_are_those_of_section_3_4_1_2() {
    for (url, host, expected) in [
        (
            "http://EXAMPLE.COM:80/r%20v/X?id=123",
            None,
            "http://example.com/r%20v/X",
        ),
        (
            "https://www.example.net:8080/?q=1",
            None,
            "https://www.example.net:8080/",
        ),
        ("https://a.example:443", None, "https://a.example/"),
        ("HTTP://a.example:443/x", None, "http://a.example:443/x"),
        (
            "https://[2001:DB8::1]:8443/",
            None,
            "https://[2001:db8::1]:8443/",
        ),
        (
            "https://a.example:1/",
            Some("B.example:443"),
            "https://b.example/",
        ),
    ] {
        let fields: Vec<_> = host.map(|host| ("host", host)).into_iter().collect();
        let parts = request("GET", url, &fields);
        let uri = base_string::uri(&RequestHead::from_parts(&parts)).unwrap();
        assert_eq!(str::from_utf8(&uri).unwrap(), expected);
    }
}

#[test]
fn the_parameters_are_those_of_section_3_4_1_3() {
    let parts = request("POST", REQUEST, &[FORM]);
    let head = head(&parts, b"c2&a3=2+q");
    let signer = example();
    let protocol = signer.0.protocol(&head).unwrap();
    let mut parameters = Parameters::of(&head).unwrap();
    parameters.extend(&protocol);
    let mut text = Vec::new();
    parameters.write(&mut text);
    let normalized: Vec<u8> = percent_encoding::percent_decode(&text).collect();
    assert_eq!(
        str::from_utf8(&normalized).unwrap(),
        "a2=r%20b&a3=2%20q&a3=a&b5=%3D%253D&c%40=&c2=&oauth_consumer_key=9dj\
         dj82h48djs9d2&oauth_nonce=7d8f3e4a&oauth_signature_method=HMAC-SHA1\
         &oauth_timestamp=137131201&oauth_token=kkk9d7dh3k39sjv7"
    );
}

/// The client of section 1.2.
fn printer() -> OAuth1Builder {
    OAuth1::builder("dpf43f3p2l4k3l03", "kd94hf93k423kf44")
        .realm("Photos")
        .without_version()
}

#[test]
fn the_three_requests_of_section_1_2_have_their_signatures() {
    let initiate =
        fixed(printer(), 137_131_200, "wIjqoS").callback("http://printer.example.com/ready");
    let token = fixed(printer(), 137_131_201, "walatlh")
        .token("hh5s93j4hdidpola", "hdhd0244k9j7ao03")
        .verifier("hfdp7dh39dks9884");
    let photos =
        fixed(printer(), 137_131_202, "chapoH").token("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00");
    for (builder, method, url, signature) in [
        (
            initiate,
            "POST",
            "https://photos.example.net/initiate",
            "74KNZJeDHnMBp0EMJ9ZHt%2FXKycU%3D",
        ),
        (
            token,
            "POST",
            "https://photos.example.net/token",
            "gKgrFCywp7rO0OXSjdot%2FIHF7IU%3D",
        ),
        (
            photos,
            "GET",
            "http://photos.example.net/photos?file=vacation.jpg&size=original",
            "MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D",
        ),
    ] {
        let signer = builder.build().unwrap();
        let header = authorization(&signer, &request(method, url, &[]), b"");
        let expected = format!("oauth_signature=\"{signature}\"");
        assert!(header.ends_with(&expected), "{url}: {header}");
    }
}

#[test]
fn the_form_of_the_example_of_x_has_its_signature() {
    // https://docs.x.com/fundamentals/authentication/oauth-1-0a/creating-a-signature
    let builder = OAuth1::builder(
        "xvz1evFS4wEEPTGEFPHBog",
        "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    )
    .token(
        "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    );
    let nonce = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg";
    let signer = fixed(builder, 1_318_622_958, nonce).build().unwrap();
    let url = "https://api.twitter.com/1.1/statuses/update.json?include_entities=true";
    let parts = request("POST", url, &[FORM]);
    let body = b"status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21";
    assert_eq!(
        authorization(&signer, &parts, body),
        "OAuth oauth_nonce=\"kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg\", \
         oauth_timestamp=\"1318622958\", oauth_version=\"1.0\", \
         oauth_signature_method=\"HMAC-SHA1\", oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", \
         oauth_token=\"370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb\", \
         oauth_signature=\"hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D\""
    );
}

#[test]
fn plaintext_is_both_encoded_secrets() {
    // RFC 5849, 3.4.4, and 3.6 for the value in the header.
    let builder =
        OAuth1::builder("consumer", "djr9rj-t0jd78 jf88").token("token", "jjd99$tj88uiths3");
    let signer = fixed(builder, 7, "n")
        .dangerous_plaintext()
        .build()
        .unwrap();
    let header = authorization(&signer, &request("GET", "https://a.example", &[]), b"");
    assert!(header.contains("oauth_signature_method=\"PLAINTEXT\""));
    let expected = "oauth_signature=\"djr9rj-t0jd78%2520jf88%26jjd99%2524tj88uiths3\"";
    assert!(header.ends_with(expected), "{header}");
}
