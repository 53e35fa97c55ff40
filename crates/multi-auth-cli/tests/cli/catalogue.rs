//! `vendors`, presets in `init`, and `--catalogue`.

use multi_auth_testing::ScriptedServer;

use crate::program::Home;

const ACME: &str = "format = 1\ntitle = \"Acme\"\ndocs = \"https://docs.acme.example/auth\"\nread = 2026-11-29\n\n\
     [inputs.url]\nlabel = \"Server URL\"\nexample = \"https://acme.example.com\"\n\n\
     [inputs.key]\nlabel = \"API key\"\n\n\
     [entry]\nscheme = \"header\"\nname = \"X-Acme-Key\"\nverify = \"/me\"\n";

/// A directory `vendors` with one vendor.
fn with_acme(home: &Home) {
    std::fs::create_dir(home.path("vendors")).unwrap();
    std::fs::write(home.path("vendors/acme.toml"), ACME).unwrap();
}

#[tokio::test]
async fn the_list_of_the_documentation_is_current() {
    let page = include_str!("../../../../docs/vendor-list.md");
    let run = Home::empty().run(&["vendors", "--markdown"]).await;
    assert!(
        run.output == page,
        "write it again: cargo run --bin multi-auth -- vendors --markdown > docs/vendor-list.md"
    );
}

#[tokio::test]
async fn vendors_are_listed_searched_and_explained() {
    let home = Home::empty();
    let all = home.run(&["vendors", "--json"]).await.json();
    let count = all["vendors"].as_array().unwrap().len();
    assert!(count >= 200, "{count}");
    let run = home.run(&["vendors", "--search", "DataDog"]).await;
    assert!(run.output.contains("dd-application-key: ****"), "{run:?}");
    assert_eq!(run.output.lines().count(), 2, "{run:?}");
    let run = home.run(&["vendors", "--search", "no such vendor"]).await;
    assert!(run.errors.starts_with("0 vendors"), "{run:?}");
    let mut shown = String::new();
    for name in ["freshdesk", "datadog", "akeneo", "mattermost", "dropbox"] {
        let run = home.run(&["vendors", name]).await;
        assert_eq!(run.code, Some(0), "{run:?}");
        shown.push_str(&run.output);
        shown.push_str("\n---\n\n");
    }
    insta::assert_snapshot!("vendors", shown);
    let one = home.run(&["vendors", "datadog", "--json"]).await.json();
    assert_eq!(one["inputs"][1]["field"], "also.key");
}

#[tokio::test]
async fn an_unknown_vendor_is_reported_without_its_name() {
    let home = Home::empty();
    for (name, expected) in [
        ("desk", "freshdesk"),
        ("canary", "--search"),
        ("", "--search"),
    ] {
        let run = home.run(&["vendors", name]).await;
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.errors.contains(expected), "{run:?}");
        run.shows_no_key();
    }
}

#[tokio::test]
async fn the_vendors_of_a_directory_are_listed_and_checked() {
    let home = Home::empty();
    with_acme(&home);
    let server = ScriptedServer::start().await.unwrap();
    let config = format!(
        "[vendors.parts]\npreset = \"acme\"\nurl = \"{}\"\nkey = {{ dangerous_inline = \"k-1\" }}\n",
        server.url()
    );
    home.secret("multi-auth.toml", config);
    let list = home
        .run(&["vendors", "--search", "acme", "--catalogue", "vendors"])
        .await;
    assert!(list.output.contains("x-acme-key: ****"), "{list:?}");
    let check = home.run(&["check", "--catalogue", "vendors"]).await;
    assert_eq!(check.code, Some(0), "{check:?}");
    assert_eq!(server.requests()[0].header("x-acme-key"), Some("k-1"));
    let without = home.run(&["check"]).await;
    assert_eq!(without.code, Some(2), "{without:?}");
    let advice = "vendors.parts.preset: is not a vendor of the catalogue";
    assert!(without.errors.contains(advice), "{without:?}");

    std::fs::write(home.path("vendors/broken.toml"), "format = 1\n").unwrap();
    let broken = home.run(&["check", "--catalogue", "vendors"]).await;
    assert_eq!(broken.code, Some(2), "{broken:?}");
    assert!(
        broken.errors.contains("vendors/broken.toml:1:1"),
        "{broken:?}"
    );
    let none = home.run(&["check", "--catalogue", "none"]).await;
    assert!(none.errors.contains("none: was not found"), "{none:?}");
}

#[tokio::test]
async fn init_asks_for_what_each_preset_needs() {
    let home = Home::empty();
    with_acme(&home);
    // A preset with a closed list and two keys, one with a login, one with a second secret, and one
    // for a server that the user hosts.
    let answers = "datadog\ndatadoghq.nowhere\ndatadoghq.eu\nenv DD_KEY\n\n2027-03-01\ny\n\
                   dropbox\nmy-app\n\n\ny\n\
                   acme\nhttps://parts.example.com\n\n\nn\n";
    let arguments = ["init", "--catalogue", "vendors"];
    let run = home.answering(&arguments, answers).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.errors
            .contains("That has an invalid value: write one of"),
        "{run:?}"
    );
    let written = std::fs::read_to_string(home.path("multi-auth.toml")).unwrap();
    insta::assert_snapshot!("init_presets", format!("{written}\n---\n{}", run.output));
    let check = home
        .run(&["check", "--offline", "--json", "--catalogue", "vendors"])
        .await;
    assert_eq!(check.json()["vendors"][0]["vendor"], "acme");
}

#[tokio::test]
async fn the_schema_of_a_vendors_file_is_printed() {
    let schema = Home::empty().run(&["schema", "--vendor"]).await.json();
    assert!(
        schema["properties"]["entry"]["description"].is_string(),
        "{schema}"
    );
    assert!(schema["$defs"]["VariableTable"]["properties"]["kind"].is_object());
}
