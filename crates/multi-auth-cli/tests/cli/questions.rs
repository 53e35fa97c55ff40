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
        check.json()["vendors"][0]["error"]["code"],
        "secret-missing"
    );
}

#[tokio::test]
async fn an_invalid_answer_is_reported_at_once_and_asked_again() {
    let home = Home::empty();
    let answers = "my vendor!\nimmuta\nimmuta.example\nhttp://immuta.example\nhttps://immuta.example\nvault x\ncommand sh -c \"x y\"\ncommand pass show immuta\n2027-13-01\n\nn\n";
    let run = home.answering(&["init", "--json"], answers).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    for question in [
        "letters, digits",
        "not an absolute URL",
        "plain http",
        "without quotes",
        "Write a date",
    ] {
        assert!(run.errors.contains(question), "{question}: {run:?}");
    }
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

#[tokio::test]
async fn the_leftover_of_an_interrupted_run_does_not_prevent_writing() {
    let home = Home::empty();
    std::fs::write(home.path("multi-auth.toml.new"), "half").unwrap();
    for arguments in [&["init"][..], &["init", "--force"]] {
        let run = home.answering(arguments, "alphamoon\n\n\n\n\n").await;
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    assert_eq!(home.run(&["check", "--offline"]).await.code, Some(1));
}

#[tokio::test]
async fn a_missing_directory_is_reported_before_any_question() {
    let home = Home::empty();
    let run = home
        .answering(&["init", "--config", "none/multi-auth.toml"], "")
        .await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(!run.errors.contains("Vendor"), "{run:?}");
    assert!(run.errors.contains("none"), "{run:?}");
}

#[tokio::test]
async fn what_is_left_to_be_done_counts_from_the_folder_of_the_file() {
    let home = Home::empty();
    std::fs::create_dir(home.path("etc")).unwrap();
    let arguments = ["init", "--config", "etc/vendors.toml"];
    let run = home
        .answering(&arguments, "alphamoon\n\nfile my key\n\n\n")
        .await;
    assert!(run.output.contains("cat > 'etc/my key'"), "{run:?}");
    assert!(
        run.output
            .ends_with("Then: multi-auth check --config etc/vendors.toml\n"),
        "{run:?}"
    );
    home.secret("etc/my key", "a:b");
    let check = home
        .run(&["check", "--offline", "--config", "etc/vendors.toml"])
        .await;
    assert_eq!(check.code, Some(0), "{check:?}");
}
