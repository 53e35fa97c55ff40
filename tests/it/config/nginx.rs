//! Basic at nginx, which is known to refuse what is wrong.

use http::StatusCode;

use super::parse;
use crate::adapter::Adapter;
use crate::nginx::Nginx;

/// The users, and the SHA-1 digests of their passwords in base64.
const USERS: &str = "parts:{SHA}s1HF7HFFSakvaNHdFgPolrmfEH4=
müller:{SHA}9Rfd8dMqES/xrVXGbRsSyzjn6Pc=
api-key:{SHA}wDKtwf9inJtm8idJrWZ+a+rfFEs=
long:{SHA}lCGMqumQTpOj179Xi/R5GSb8XoI=
";

struct Server {
    url: String,
    _nginx: Nginx,
}

impl Server {
    async fn start() -> Self {
        let files = [("users", USERS), ("parts", "all parts")];
        let basic = "root .; auth_basic \"Parts\"; auth_basic_user_file users;";
        let nginx = Nginx::start(&files, "", basic).await;
        Self {
            url: format!("http://{}", nginx.address),
            _nginx: nginx,
        }
    }

    /// The answer to a request with the credential of `entry`.
    async fn status(&self, entry: &str, adapter: Adapter) -> StatusCode {
        let text = format!("[vendors.v]\nurl = '{}'\n{entry}", self.url);
        let config = parse(&text).unwrap();
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        let url = format!("{}/parts", self.url);
        let answer = adapter.client(&keyring).get(&url).await;
        answer.unwrap().status
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server's program: NGINX=... cargo test -- --ignored"]
async fn nginx_accepts_each_right_pair_and_refuses_each_wrong_one() {
    let server = Server::start().await;
    let basic = |rest: &str, key: &str| {
        format!("scheme = 'basic'\n{rest}key = {{ dangerous_inline = '{key}' }}")
    };
    let long = "x".repeat(200);
    for (entry, is_right) in [
        // The key is `user:password`, split at its first colon.
        (basic("", "parts:p:w:1"), true),
        (basic("", "parts:p:w:2"), false),
        (basic("", "parts:p"), false),
        (basic("", "other:p:w:1"), false),
        // UTF-8 (RFC 7617, section 2.1).
        (basic("", "müller:pässwörd"), true),
        (basic("user = 'müller'\n", "pässwörd"), true),
        (basic("", "muller:pässwörd"), false),
        // One half is a constant.
        (basic("user = 'parts'\n", "p:w:1"), true),
        (basic("user = 'parts'\n", "parts:p:w:1"), false),
        (basic("password = 'X'\n", "api-key"), true),
        (basic("password = 'x'\n", "api-key"), false),
        (basic("", &format!("long:{long}")), true),
        (basic("", &format!("long:{long}x")), false),
        // Another scheme, and Basic's own text under it.
        (
            "scheme = 'bearer'\nkey = { dangerous_inline = 'cGFydHM6cDp3OjE=' }".to_owned(),
            false,
        ),
        (
            "scheme = 'authorization'\nprefix = 'Basic '\nkey = { dangerous_inline = 'cGFydHM6cDp3OjE=' }"
                .to_owned(),
            true,
        ),
    ] {
        for adapter in [Adapter::Reqwest, Adapter::Tower, Adapter::Hyper, Adapter::Ureq] {
            let expected = if is_right { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
            assert_eq!(server.status(&entry, adapter).await, expected, "{entry} by {adapter:?}");
        }
    }
}
