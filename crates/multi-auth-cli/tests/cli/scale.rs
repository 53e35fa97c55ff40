//! The commands of the page on scale, as a reader runs them. `REDIS` names Redis's program.

use std::path::Path;

use crate::page::{assert_in_order, blocks};
use crate::program::Home;
use crate::redis_server::free_port;

const PAGE: &str = include_str!("../../../../docs/scale.md");

/// The port that the page gives to Redis.
const PORT: &str = "7379";

#[tokio::test]
#[ignore = "needs Redis"]
async fn every_command_of_the_page_does_what_it_says() {
    let home = Home::empty();
    let folder = tempfile::tempdir().unwrap();
    let redis = std::env::var("REDIS").expect("REDIS names the program of Redis");
    std::os::unix::fs::symlink(redis, folder.path().join("redis-server")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_multi-auth"))
        .parent()
        .unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{}:{path}", program.display(), folder.path().display());
    let commands = blocks(PAGE, "sh");
    let (shell, commands) = commands.split_first().unwrap();
    assert!(shell.ends_with("multi-auth simulate -- sh\n"), "{shell}");
    let commands = commands.concat().replace(PORT, &free_port().to_string());
    let script = format!("PATH={path}\nexec 2>&1\n{commands}");

    let run = home.run(&["simulate", "--", "sh", "-euc", &script]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_in_order(&run.output, &blocks(PAGE, "text").concat());
}
