//! Any request: the signature base equals that of a slow, separate reading of RFC 9421.

use proptest::prelude::*;

use super::*;

/// A request in the parts of which its components are made.
#[derive(Clone, Debug)]
struct Given {
    method: &'static str,
    host: String,
    port: u16,
    path: String,
    /// A name, a value, and the value encoded by a form.
    parameter: (&'static str, String),
    /// Names and values of fields, some with the same name.
    fields: Vec<(&'static str, String)>,
}

fn given() -> impl Strategy<Value = Given> {
    let field = (
        prop::sample::select(vec!["x-one", "x-two", "accept"]),
        "[ \t]{0,2}[!-~]?([ -~]{0,12}[!-~])?[ \t]{0,2}",
    );
    (
        prop::sample::select(vec!["GET", "POST", "PURGE"]),
        "[a-zA-Z][a-zA-Z0-9-]{0,9}\\.example",
        prop::sample::select(vec![443, 80, 8443]),
        "(/[a-zA-Z0-9._~%!*-]{0,5}){0,3}",
        (
            prop::sample::select(vec!["id", "a b", "ü&="]),
            "[ -~äß☃]{0,8}",
        ),
        prop::collection::vec(field, 0..6),
    )
        .prop_map(|(method, host, port, path, parameter, fields)| Given {
            method,
            host,
            port,
            path,
            parameter,
            fields,
        })
}

/// The bytes of `text`, except those that a form leaves as they are (WHATWG URL, 1.3).
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match char::from(byte) {
        plain @ ('a'..='z' | 'A'..='Z' | '0'..='9' | '*' | '-' | '.' | '_') => plain.to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

impl Given {
    fn query(&self) -> String {
        let (name, value) = &self.parameter;
        format!(
            "first=1&{}={}",
            encoded(name),
            encoded(value).replace("%20", "+")
        )
    }

    fn parts(&self) -> Parts {
        let (host, port, path) = (&self.host, self.port, &self.path);
        let url = format!("https://{host}:{port}{path}?{}", self.query());
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        request(self.method, &url, &fields)
    }

    /// The identifier and the value of each component, as the RFC describes them.
    fn components(&self) -> Vec<(String, String)> {
        let path = if self.path.is_empty() {
            "/"
        } else {
            &self.path
        };
        let host = self.host.to_lowercase();
        let authority = if self.port == 443 {
            host
        } else {
            format!("{host}:{}", self.port)
        };
        let query = self.query();
        let (name, value) = &self.parameter;
        let mut components = vec![
            ("\"@method\"".to_owned(), self.method.to_owned()),
            (
                "\"@target-uri\"".to_owned(),
                format!("https://{authority}{path}?{query}"),
            ),
            ("\"@authority\"".to_owned(), authority),
            ("\"@scheme\"".to_owned(), "https".to_owned()),
            ("\"@request-target\"".to_owned(), format!("{path}?{query}")),
            ("\"@path\"".to_owned(), path.to_owned()),
            ("\"@query\"".to_owned(), format!("?{query}")),
            (
                format!("\"@query-param\";name=\"{}\"", encoded(name)),
                encoded(value),
            ),
        ];
        for field in ["x-one", "x-two", "accept"] {
            let lines = self.fields.iter().filter(|(name, _)| *name == field);
            let lines: Vec<_> = lines
                .map(|(_, value)| value.trim_matches([' ', '\t']))
                .collect();
            if !lines.is_empty() {
                components.push((format!("\"{field}\""), lines.join(", ")));
            }
        }
        components
    }
}

const ALL: [&str; 7] = [
    "@method",
    "@target-uri",
    "@authority",
    "@scheme",
    "@request-target",
    "@path",
    "@query",
];

proptest! {
    #[test]
    fn any_request_has_the_base_that_the_rfc_describes(given in given(), time in 0..9_999_999_999_u64) {
        let parameter = format!("@query-param;name=\"{}\"", encoded(given.parameter.0));
        let signer = HttpSignature::builder(key())
            .components(ALL.into_iter().chain([&*parameter]))
            .optional_components(["x-one", "x-two", "accept"])
            .expires_after(Duration::from_secs(60))
            .clock(at(time));
        let signer = signer.build().unwrap();
        let parts = given.parts();

        let components = given.components();
        let ids: Vec<_> = components.iter().map(|(id, _)| &**id).collect();
        let input = format!("({});created={time};expires={}", ids.join(" "), time + 60);
        let lines = components.iter().map(|(id, value)| format!("{id}: {value}\n"));
        let expected = lines.collect::<String>() + "\"@signature-params\": " + &input;
        prop_assert_eq!(base(&signer, &parts, b"").unwrap(), expected);
        let fields = signed(&signer, &parts, b"");
        prop_assert_eq!(&fields["signature-input"], &format!("sig1={input}"));
    }
}
