//! Python programs that sign or verify requests, and servers.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A Python program of `tests/servers`. It stops when it is dropped.
pub(crate) struct Program {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts `script` with the packages in the folder `packages` of the servers.
    pub(crate) fn start(packages: &str, script: &str) -> Self {
        let directory =
            std::env::var("SERVERS").expect("SERVERS names the directory of the servers");
        let mut process = Command::new("python3")
            .arg(format!("{}/servers/{script}", env!("CARGO_MANIFEST_DIR")))
            .env("PYTHONPATH", format!("{directory}/{packages}"))
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

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
