//! The lines that the vendor's pages print, with another host and with sample keys.

use crate::AlphamoonSimulator;
use crate::curl::paste;

/// From "Authenticating".
#[tokio::test]
async fn the_printed_lines_work() {
    let alphamoon = AlphamoonSimulator::start().await.unwrap();
    let (url, address) = (alphamoon.url(), alphamoon.address());
    let lines = [
        format!(r#"curl -u "h12shadjada:13ehjhj1b3j" {url}/api/v0.3/processes"#),
        format!(
            r#"curl -H "Authorization: Basic aDEyc2hhZGphZGE6MTNlaGpoajFiM2o=" {url}/api/v0.3/processes"#
        ),
    ];
    let bytes = format!(
        "GET /api/v0.3/processes HTTP/1.1\n\
         Host: {address}\n\
         Authorization: Basic aDEyc2hhZGphZGE6MTNlaGpoajFiM2o=\n\
         User-Agent: curl/8.5.0\n\
         Accept: */*\n\n"
    );
    for line in lines {
        assert_eq!(
            paste(&alphamoon, &std::env::temp_dir(), &line, &bytes).await,
            200
        );
    }
}
