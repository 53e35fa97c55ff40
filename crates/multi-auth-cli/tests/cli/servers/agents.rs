//! The protocol's own SDKs call vendors through `multi-auth mcp`.

use tokio::process::Command;

use super::directory;
use crate::mcp::Setup;

/// The output of a script that is given the program, the URL of a server and a caller's token.
async fn output_of(script: &str, interpreter: &str, first: &[&str]) -> String {
    let setup = Setup::new().await;
    let (mut program, url) = setup.serve().await;
    let script = format!("{}/tests/servers/{script}", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(interpreter);
    command.arg(script).args(first);
    command.args([env!("CARGO_BIN_EXE_multi-auth"), &url, setup.token.expose()]);
    command.env("PYTHONPATH", format!("{}/sdks", directory()));
    // The SDKs pass few variables on to what they start.
    command.current_dir(setup.home.path(""));
    let output = command.kill_on_drop(true).output().await.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    program.child.kill().await.unwrap();
    for request in setup.server.requests() {
        assert_eq!(request.path, "/one/open");
        assert!(!format!("{request:?}").contains("mauth_"), "{request:?}");
    }
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
#[ignore = "needs the MCP SDK of Python"]
async fn an_agent_with_the_sdk_for_python_calls_a_vendor() {
    let output = output_of("mcp_client.py", "python3", &[]).await;
    let expected = "stdio auto ['one'] 200 OK True\nhttp auto ['one'] 200 OK True\n\
                    stdio legacy ['one'] 200 OK True\nhttp legacy ['one'] 200 OK True\n";
    assert_eq!(output, expected);
}

#[tokio::test]
#[ignore = "needs the MCP SDK of Node"]
async fn an_agent_with_the_sdk_for_node_calls_a_vendor() {
    let output = output_of("mcp_client.mjs", "node", &[&directory()]).await;
    assert_eq!(output, "stdio one 200 OK true\nhttp one 200 OK true\n");
}
