//! An agent that speaks the Model Context Protocol.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use super::{KEY, Setup};

/// An agent that has started the program.
pub(super) struct Agent {
    pub(super) child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    number: u64,
}

impl Agent {
    pub(super) async fn start(setup: &Setup, arguments: &[&str]) -> Self {
        let mut command = setup.home.command(&[&["mcp"], arguments].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut agent = Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            number: 0,
        };
        let client = json!({ "name": "tests", "version": "1" });
        let own =
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        let own = agent.ask("initialize", own).await;
        assert_eq!(own["serverInfo"]["name"], "multi-auth", "{own}");
        assert!(own["capabilities"]["tools"].is_object(), "{own}");
        agent
            .send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await;
        agent
    }

    pub(super) async fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_bytes()).await.unwrap();
    }

    pub(super) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let message =
            json!({ "jsonrpc": "2.0", "id": self.number, "method": method, "params": params });
        self.send(&message).await;
        let line = self.output.next_line().await.unwrap().unwrap();
        assert!(!line.contains("mauth_") && !line.contains(KEY), "{line}");
        let mut answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["id"], self.number, "{answer}");
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].take()
    }

    /// The text of the tool's result, and whether it is an error.
    pub(super) async fn call(&mut self, arguments: Value) -> (String, bool) {
        let result = self
            .ask(
                "tools/call",
                json!({ "name": "request", "arguments": arguments }),
            )
            .await;
        let text = result["content"][0]["text"].as_str().unwrap().to_owned();
        (text, result["isError"] == true)
    }

    pub(super) async fn vendors(&mut self) -> Value {
        let mut tools = self.ask("tools/list", json!({})).await;
        let tool = &mut tools["tools"][0];
        assert_eq!(tool["name"], "request", "{tool}");
        tool["inputSchema"]["properties"]["vendor"]["enum"].take()
    }

    pub(super) async fn end(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().await.unwrap().success());
    }
}
