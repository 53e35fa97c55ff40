//! URLs of the vendor in a response become URLs of the proxy.

use http::StatusCode;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use crate::rig::{Rig, vendor};

#[tokio::test]
async fn urls_of_the_vendor_lead_back_to_the_proxy() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::of(&vendor(&format!("{}/api", server.url()))).await;
    let (own, proxy) = (server.url(), &rig.url);
    for (sent, expected) in [
        (format!("{own}/api/a?x=1#f"), format!("{proxy}/v/a?x=1#f")),
        (format!("{own}/api"), format!("{proxy}/v/")),
        (
            format!("{}/api/a", own.to_uppercase().replace("/API", "/api")),
            format!("{proxy}/v/a"),
        ),
        ("/api/a".to_owned(), format!("{proxy}/v/a")),
        (
            format!("{}/api/a", own.replace("127.0.0.1", "0x7f.1")),
            format!("{proxy}/v/a"),
        ),
        (
            format!("{}/api/a", own.strip_prefix("http:").unwrap()),
            format!("{proxy}/v/a"),
        ),
        // Not below the vendor's URL.
        (format!("{own}/apis/a"), format!("{own}/apis/a")),
        (
            format!("{own}.evil.example/api/a"),
            format!("{own}.evil.example/api/a"),
        ),
        (
            "https://other.example/api/a".to_owned(),
            "https://other.example/api/a".to_owned(),
        ),
        (
            "//other.example/api".to_owned(),
            "//other.example/api".to_owned(),
        ),
        ("/other".to_owned(), "/other".to_owned()),
        ("a/b".to_owned(), "a/b".to_owned()),
        ("?at=12:00".to_owned(), "?at=12:00".to_owned()),
    ] {
        let response = ScriptedResponse::redirect(StatusCode::FOUND, &sent).unwrap();
        server.push(response);
        let response = rig.get("/v/x").send().await.unwrap();
        assert_eq!(response.status(), 302);
        assert_eq!(response.headers()["location"], expected, "{sent}");
    }
}

#[tokio::test]
async fn links_lead_back_to_the_proxy() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let (own, proxy) = (server.url(), &rig.url);
    let links = format!("<{own}/a?page=2>; rel=\"next\", <https://x.example/b>; rel=\"last\"");
    server.push(
        ScriptedResponse::default()
            .with_header("link", &links)
            .unwrap(),
    );
    let response = rig.get("/v/x").send().await.unwrap();
    let expected =
        format!("<{proxy}/v/a?page=2>; rel=\"next\", <https://x.example/b>; rel=\"last\"");
    assert_eq!(response.headers()["link"], expected);
    // The caller that names the vendor by the host sees its paths unchanged.
    server.push(
        ScriptedResponse::default()
            .with_header("link", &links)
            .unwrap(),
    );
    let response = rig
        .get("/x")
        .header("host", "v.localhost:1")
        .send()
        .await
        .unwrap();
    let expected =
        "<http://v.localhost:1/a?page=2>; rel=\"next\", <https://x.example/b>; rel=\"last\"";
    assert_eq!(response.headers()["link"], expected);
}
