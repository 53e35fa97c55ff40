//! `init`: a configuration by asking.

use crate::program::Home;

#[tokio::test]
async fn the_answers_become_a_configuration_that_says_what_it_means() {
    let home = Home::empty();
    let answers = "alphamoon\n\n\n2027-03-01\ny\nreports\nheader\nx-api-key\nhttps://api.example.com/v1\n/me\nenv REPORTS_KEY\n\nn\n";
    let run = home.answering(&["init"], answers).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(
        "written",
        std::fs::read_to_string(home.path("multi-auth.toml")).unwrap()
    );
    insta::assert_snapshot!("told", run.output);
    let check = home.run(&["check", "--offline", "--json"]).await;
    assert_eq!(
        check.json()["vendors"][0]["error"]["rule"],
        "secret-missing"
    );
}

#[tokio::test]
async fn a_wrong_answer_is_told_at_once_and_asked_again() {
    let home = Home::empty();
    let answers = "immuta\nhttp://immuta.example\n\n\nimmuta\nhttps://immuta.example\ncommand pass show immuta\n\n\n";
    let run = home.answering(&["init", "--json"], answers).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.errors.contains("plain http"), "{run:?}");
    assert_eq!(run.json()["vendors"][0], "immuta");
}

#[tokio::test]
async fn nothing_is_written_over_or_half() {
    let home = Home::new("# mine\n");
    let run = home.answering(&["init"], "alphamoon\n").await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.errors.contains("--force"), "{run:?}");
    let run = home.answering(&["init", "--force"], "alphamoon\n").await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.errors.contains("nothing was written"), "{run:?}");
    let kept = std::fs::read_to_string(home.path("multi-auth.toml")).unwrap();
    assert_eq!(kept, "# mine\n");
}
