//! The tour of the documentation, command by command, as a new user takes it.

use std::path::Path;

use crate::page::{assert_in_order, blocks};
use crate::program::Home;

const TOUR: &str = include_str!("../../../../docs/tour.md");

#[tokio::test]
async fn every_command_of_the_tour_does_what_it_says() {
    let home = Home::empty();
    let commands = blocks(TOUR, "sh");
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
    assert_in_order(&run.output, &blocks(TOUR, "text").concat());
}
