//! The lines that the vendor's page "Authenticate with the API" prints, with another host.

use std::path::PathBuf;

use crate::ImmutaSimulator;
use crate::curl::paste;
use crate::identifier::opaque;

/// A directory of this test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn with_payload() -> Self {
        let folder = std::env::temp_dir().join(opaque());
        std::fs::create_dir(&folder).unwrap();
        let payload = "{\n  \"apikey\": \"846e9e43c86a4ct1be14290d95127d13f\"\n}\n";
        std::fs::write(folder.join("example_payload.json"), payload).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

async fn audit(authorization: &str) -> u16 {
    let immuta = ImmutaSimulator::builder()
        .documented_sample_token()
        .start()
        .await
        .unwrap();
    let line = format!(
        r#"curl \
       --request GET \
       --header "Content-Type: application/json" \
       --header "Authorization: {authorization}" \
       {}/audit"#,
        immuta.url()
    );
    let bytes = format!(
        "GET /audit HTTP/1.1\n\
         Host: {}\n\
         User-Agent: curl/8.5.0\n\
         Accept: */*\n\
         Content-Type: application/json\n\
         Authorization: {authorization}\n\n",
        immuta.address()
    );
    paste(&immuta, &std::env::temp_dir(), &line, &bytes).await
}

#[tokio::test]
async fn the_printed_line_with_the_key_works() {
    assert_eq!(audit("846e9e43c86a4ct1be14290d95127d13f").await, 200);
}

#[tokio::test]
async fn the_printed_line_with_the_token_works() {
    assert_eq!(audit("Bearer dea464c07bd07300095caa8").await, 200);
}

/// `--data @file` strips the line breaks of the file.
#[tokio::test]
async fn the_printed_token_request_works() {
    let immuta = ImmutaSimulator::start().await.unwrap();
    let folder = Folder::with_payload();
    let line = format!(
        r#"curl \
       --request POST \
       --header "Content-Type: application/json" \
       --data @example_payload.json \
       {}/bim/apikey/authenticate"#,
        immuta.url()
    );
    let body = r#"{  "apikey": "846e9e43c86a4ct1be14290d95127d13f"}"#;
    let bytes = format!(
        "POST /bim/apikey/authenticate HTTP/1.1\n\
         Host: {}\n\
         User-Agent: curl/8.5.0\n\
         Accept: */*\n\
         Content-Type: application/json\n\
         Content-Length: {}\n\n\
         {body}",
        immuta.address(),
        body.len()
    );
    assert_eq!(paste(&immuta, &folder.0, &line, &bytes).await, 200);
}
