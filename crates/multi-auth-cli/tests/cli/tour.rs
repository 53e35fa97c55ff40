//! The tour of the documentation, command by command, as a new user takes it.

use std::path::Path;

use crate::program::Home;

const TOUR: &str = include_str!("../../../../docs/tour.md");

/// The blocks of `kind` in the tour.
fn blocks(kind: &str) -> Vec<&'static str> {
    let fence = format!("```{kind}\n");
    let blocks = TOUR.split(fence.as_str()).skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .collect()
}

/// `text` without the spaces that a table is made with.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn every_command_of_the_tour_does_what_it_says() {
    let home = Home::empty();
    let commands = blocks("sh");
    let (install, commands) = commands.split_first().unwrap();
    assert!(
        install.ends_with("multi-auth simulate -- sh\n"),
        "{install}"
    );

    let program = Path::new(env!("CARGO_BIN_EXE_multi-auth"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let script = format!("PATH={path}\nexec 2>&1\n{}", commands.concat());
    let run = home.run(&["simulate", "--", "sh", "-euc", &script]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let shown = plain(&run.output);
    for line in blocks("text").concat().lines() {
        assert!(shown.contains(&plain(line)), "{line}\n{}", run.output);
    }
}
