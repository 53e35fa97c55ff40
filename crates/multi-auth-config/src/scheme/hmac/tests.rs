//! The vendors' published examples, with the entries of the catalogue.
//!
//! Three vendors print no signature: Coinbase, `KuCoin` and Sumsub. Theirs are computed in Python
//! by the code of their pages. Those of OVH and Akamai are from the tests of `ovh` 1.2.0 and
//! `edgegrid-python` 2.0.9, and those of Duo from `duo_client` 5.7.0: Python packages all.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::Request;
use multi_auth::{Authenticator, BodyView, Clock, RequestHead, SystemClock};
use multi_auth_sign::NonceFormat;

use crate::scheme::signing::decoded;
use crate::scheme::{Scheme, Secrets};
use crate::{Catalogue, Config};

/// A wall clock that shows this time, in milliseconds since 1970.
#[derive(Debug)]
struct At(u64);

impl Clock for At {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0)
    }
}

struct Example<'e> {
    vendor: &'e str,
    variables: &'e [(&'e str, &'e str)],
    key: &'e str,
    secrets: &'e [(&'e str, &'e str)],
    /// In milliseconds since 1970.
    time: u64,
    request: (&'e str, &'e str),
    body: &'e str,
    /// The fields of the signed request. `?` is its query.
    expected: &'e [(&'e str, &'e str)],
}

impl Example<'_> {
    fn check(&self) {
        let variables = self
            .variables
            .iter()
            .map(|(name, value)| format!("{name} = '{value}'"));
        let variables = variables.collect::<Vec<_>>().join(", ");
        let secrets = self
            .secrets
            .iter()
            .map(|(name, _)| format!("{name} = {{ env = 'S' }}"));
        let secrets = secrets.collect::<Vec<_>>().join(", ");
        let text = format!(
            "[vendors.v]\npreset = '{}'\nkey = {{ env = 'K' }}\nvariables = {{ {variables} }}\nsecrets = {{ {secrets} }}\n",
            self.vendor
        );
        let config = Config::parse_with(&text, "test", [], &Catalogue::embedded()).unwrap();
        let Scheme::Hmac(settings) = &config.vendors()[0].credential.scheme else {
            panic!("{} has another scheme", self.vendor);
        };
        let secret = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).into());
        let secrets = Secrets {
            key: self.key.into(),
            others: self.secrets.iter().map(secret).collect(),
        };
        let nonce = || "nonce-xx-xxxx-xxxx-xxxx-xxxxxxxxxxxx".to_owned();
        let builder = settings.builder(&secrets).clock(Arc::new(At(self.time)));
        let builder = builder.nonce(NonceFormat::Custom(Arc::new(nonce)));
        let key = decoded(settings.encoding, &secrets.key).unwrap();
        let signer = builder.build(&key).unwrap();

        let (method, url) = self.request;
        let (mut parts, ()) = Request::builder()
            .method(method)
            .uri(url)
            .body(())
            .unwrap()
            .into_parts();
        let original = parts.clone();
        let head = RequestHead::from_parts(&original);
        let head = head.with_body(BodyView::Bytes(self.body.as_bytes()));
        signer
            .ready(&head)
            .unwrap()
            .unwrap()
            .attach(&mut parts)
            .unwrap();
        for (name, expected) in self.expected {
            let found = match *name {
                "?" => parts.uri.query(),
                name => parts.headers.get(name).map(|value| value.to_str().unwrap()),
            };
            assert_eq!(found, Some(*expected), "{}: {name}", self.vendor);
        }
    }
}

#[test]
fn binance_signs_the_query_as_its_last_parameter() {
    Example {
        vendor: "binance",
        variables: &[],
        key: "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
        secrets: &[("api_key", "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A")],
        time: 1_499_827_319_559,
        request: ("POST", "https://api.binance.com/api/v3/order?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"),
        body: "",
        expected: &[
            ("?", "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
            ("x-mbx-apikey", "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"),
        ],
    }
    .check();
}

#[test]
fn coinbase_signs_with_a_key_in_base64() {
    Example {
        vendor: "coinbase-exchange",
        variables: &[],
        key: "dGhlIHNlY3JldCBvZiB0aGUga2V5IGluIGJhc2U2NA==",
        secrets: &[("api_key", "k"), ("passphrase", "p")],
        time: 1_499_827_319_559,
        request: ("POST", "https://api.exchange.coinbase.com/orders?x=1"),
        body: r#"{"size":"1.0"}"#,
        expected: &[
            ("cb-access-key", "k"),
            ("cb-access-passphrase", "p"),
            (
                "cb-access-sign",
                "KKS+u1M52jIiFm8IV7V2Pzj5WDCpUEQA1wbzzBAp+D4=",
            ),
            ("cb-access-timestamp", "1499827319"),
        ],
    }
    .check();
}

#[test]
fn ovhcloud_hashes_its_secret_with_the_request() {
    for (method, body, signature) in [
        ("GET", "", "$1$e9556054b6309771395efa467c22e627407461ad"),
        (
            "POST",
            r#"{"a":"b","c":"d"}"#,
            "$1$ec2fb5c7a81f64723c77d2e5b609ae6f58a84fc1",
        ),
        (
            "PUT",
            r#"{"a":"b","c":"d"}"#,
            "$1$8a75a9e7c8e7296c9dbeda6a2a735eb6bd58ec4b",
        ),
        ("DELETE", "", "$1$a1eecd00b3b02b6cf5708b84b9ff42059a950d85"),
    ] {
        Example {
            vendor: "ovhcloud",
            variables: &[("application_key", "TDPKJdwZwAQPwKX2")],
            key: "9ufkBmLaTQ9nz5yMUlg79taH0GNnzDjk",
            secrets: &[("consumer_key", "5mBuy6SUQcRw2ZUxg0cG68BoDKpED4KY")],
            time: 1_457_018_875_467,
            request: (method, "https://eu.api.ovh.com/1.0/auth"),
            body,
            expected: &[
                ("x-ovh-application", "TDPKJdwZwAQPwKX2"),
                ("x-ovh-timestamp", "1457018875"),
                ("x-ovh-signature", signature),
            ],
        }
        .check();
    }
}

#[test]
fn kraken_signs_a_hash_of_the_nonce_in_the_form() {
    Example {
        vendor: "kraken",
        variables: &[],
        key: "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==",
        secrets: &[("api_key", "k")],
        time: 0,
        request: ("POST", "https://api.kraken.com/0/private/AddOrder"),
        body: "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25",
        expected: &[
            ("api-key", "k"),
            ("api-sign", "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="),
        ],
    }
    .check();
}

#[test]
fn kucoin_signs_its_passphrase_too() {
    Example {
        vendor: "kucoin",
        variables: &[("key_version", "2")],
        key: "2142051e-5bda-4d4e-a3c6-a82395c66f80",
        secrets: &[
            ("api_key", "k"),
            ("passphrase", "CorrectHorseBatteryStaple"),
        ],
        time: 1_499_827_319_559,
        request: (
            "GET",
            "https://api.kucoin.com/api/v1/position?symbol=XBTUSDM",
        ),
        body: "",
        expected: &[
            ("kc-api-key-version", "2"),
            ("kc-api-timestamp", "1499827319559"),
            (
                "kc-api-sign",
                "ZpSkk+49GAPipeRe3MQylMIroVxcYVKboPgTDW8+KnY=",
            ),
            (
                "kc-api-passphrase",
                "QSKgC0/w6Qs+vvP5BamAfc5jzlweAAs62dd4VvlSwoQ=",
            ),
        ],
    }
    .check();
}

#[test]
fn duo_sends_its_signature_as_a_password() {
    const GET: &str = "Basic RElXSjhYNkFFWU9SNU9NQzZUUTE6MWIxODgxNmI3Mjc5NmM0ZDY0ZDhkODYzMDE5OTI4MWRjNGM3NjE0NmM0ZjMxNGU0ZGRmYTdjNzRkMzBmNTA0NDYxMzQ4N2QyMDkwZTRhNTI1NTBiODkzNDQ1Njg4N2Q4ZmEwYWU2MGFiNjMyN2I3NWY5MjU3M2U4OGM3ODUxZTk=";
    const POST: &str = "Basic RElXSjhYNkFFWU9SNU9NQzZUUTE6MmZmMzAxYjRhMDllNzJkNWZjYTkzMzRhNDc1OWEwYzc1MWJkYTY0NzA2ODkxYTczYzgyM2NiOTRhMjlmYWU1MjhiMjJlYjJlOWRhNTEyMjRjNzZjODJhMGEwMzQzMDczNzZiYjVhNDNkMmZiYjdhNmNmOWViZTE2OGRjZWNhZjc=";
    const URL: &str = "https://api-xxxxxxxx.duosecurity.com/accounts/v1/account/list";
    for (request, body, expected) in [
        // The parameters are sorted before they are signed.
        (
            (
                "GET",
                "https://api-xxxxxxxx.duosecurity.com/accounts/v1/account/list?username=root&realname=First+Last",
            ),
            "",
            GET,
        ),
        (("POST", URL), r#"{"username":"root"}"#, POST),
    ] {
        Example {
            vendor: "duo-admin",
            variables: &[
                ("host", "api-xxxxxxxx"),
                ("integration_key", "DIWJ8X6AEYOR5OMC6TQ1"),
            ],
            key: "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep",
            secrets: &[],
            time: 1_345_570_158_000,
            request,
            body,
            expected: &[
                ("date", "Tue, 21 Aug 2012 17:29:18 -0000"),
                ("authorization", expected),
            ],
        }
        .check();
    }
}

#[test]
fn akamai_signs_with_a_key_of_the_time() {
    const BASE: &str = "https://akaa-baseurl-xxxxxxxxxxx-xxxxxxxxxxxxx.luna.akamaiapis.net";
    for (method, path, body, signature) in [
        (
            "GET",
            "/",
            "",
            "tL+y4hxyHxgWVD30X3pWnGKHcPzmrIF+LThiAOhMxYU=",
        ),
        (
            "GET",
            "/testapi/v1/t1?p1=1&p2=2",
            "",
            "hKDH1UlnQySSHjvIcZpDMbQHihTQ0XyVAKZaApabdeA=",
        ),
        (
            "POST",
            "/testapi/v1/t3",
            "datadatadatadatadatadatadatadata",
            "hXm4iCxtpN22m4cbZb4lVLW5rhX8Ca82vCFqXzSTPe4=",
        ),
        (
            "POST",
            "/testapi/v1/t6",
            "",
            "1gEDxeQGD5GovIkJJGcBaKnZ+VaPtrc4qBUHixjsPCQ=",
        ),
        (
            "PUT",
            "/testapi/v1/t6",
            "PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP",
            "GNBWEYSEWOLtu+7dD52da2C39aX/Jchpon3K/AmBqBU=",
        ),
        (
            "PATCH",
            "/testapi/v1/t6",
            "PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP",
            "JIl05ImY1AOnMtmw+9LKgaFA8mnzsEKabbnHmI8LsQ4=",
        ),
        (
            "GET",
            "/testapi/v1/configs/111?from=12345&limit=200000",
            "",
            "XM+hsuSs6nuy/5eDRty1IjtVCAdr8xPFRAZ/b8RXDm8=",
        ),
        (
            "GET",
            "/testapi/v1/configs/111;222;333?from=12345&limit=200000",
            "",
            "pmQF7Is2+O4r/mMojPR4yeF58BrempNNoBX5/DT0Fxs=",
        ),
    ] {
        let unsigned = "EG1-HMAC-SHA256 client_token=akab-client-token-xxx-xxxxxxxxxxxxxxxx;access_token=akab-access-token-xxx-xxxxxxxxxxxxxxxx;timestamp=20140321T19:34:21+0000;nonce=nonce-xx-xxxx-xxxx-xxxx-xxxxxxxxxxxx;";
        let expected = format!("{unsigned}signature={signature}");
        Example {
            vendor: "akamai",
            variables: &[
                ("host", "akaa-baseurl-xxxxxxxxxxx-xxxxxxxxxxxxx"),
                ("client_token", "akab-client-token-xxx-xxxxxxxxxxxxxxxx"),
                ("access_token", "akab-access-token-xxx-xxxxxxxxxxxxxxxx"),
            ],
            key: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=",
            secrets: &[],
            time: 1_395_430_461_000,
            request: (method, &format!("{BASE}{path}")),
            body,
            expected: &[("authorization", &expected)],
        }
        .check();
    }
}

#[test]
fn gate_signs_a_hash_of_the_body() {
    Example {
        vendor: "gate",
        variables: &[],
        key: "secret",
        secrets: &[("api_key", "key")],
        time: 1_541_993_715_000,
        request: ("GET", "https://api.gateio.ws/api/v4/futures/orders?contract=BTC_USD&status=finished&limit=50"),
        body: "",
        expected: &[
            ("key", "key"),
            ("timestamp", "1541993715"),
            ("sign", "55f84ea195d6fe57ce62464daaa7c3c02fa9d1dde954e4c898289c9a2407a3d6fb3faf24deff16790d726b66ac9f74526668b13bd01029199cc4fcc522418b8a"),
        ],
    }
    .check();
}

#[test]
fn sumsub_signs_the_request_target() {
    Example {
        vendor: "sumsub",
        variables: &[],
        key: "SoMeSeCrEtKey",
        secrets: &[("app_token", "t")],
        time: 1_607_551_635_000,
        request: ("POST", "https://api.sumsub.com/resources/accessTokens?userId=cfd20712-24a2-4c7d-9ab0-146f3c142335&levelName=basic-kyc-level&ttlInSecs=600"),
        body: "",
        expected: &[
            ("x-app-token", "t"),
            ("x-app-access-ts", "1607551635"),
            ("x-app-access-sig", "b1f044e2d9622479e2ff82911e287ba45f4432e5296cadd64db2550139930445"),
        ],
    }
    .check();
}
