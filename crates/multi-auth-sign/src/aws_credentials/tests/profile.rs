//! Profiles in files.

use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::AwsProfile;

/// A folder with these two files, or without the one that is `None`.
fn folder(credentials: Option<&str>, config: Option<&str>) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in [("credentials", credentials), ("config", config)] {
        if let Some(text) = text {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
    }
    folder
}

fn profile(name: &str, folder: &Path) -> AwsProfile {
    AwsProfile::new(name, folder.join("credentials"), folder.join("config"))
}

fn read(name: &str, credentials: Option<&str>, config: Option<&str>) -> Result<Token, AuthError> {
    let folder = folder(credentials, config);
    token(&profile(name, folder.path()))
}

const KEY: &str = "aws_access_key_id = ID\naws_secret_access_key = secret\n";

#[test]
fn a_profile_is_found_by_the_rules_of_its_file() {
    let section = |(at, name): (usize, &&str)| {
        let key = KEY.replace("ID", &format!("ID{at}"));
        [&*format!("[{name}]"), &*key].join("\n")
    };
    let sections = |names: &[&str]| {
        let all: Vec<_> = names.iter().enumerate().map(section).collect();
        all.concat()
    };
    for (name, credentials, config, id) in [
        ("default", Some(&["default"][..]), None, "ID0"),
        ("dev", Some(&["default", "dev"]), None, "ID1"),
        ("dev", Some(&["dev", "profile dev"]), None, "ID0"),
        ("dev", None, Some(&["profile dev", "dev"][..]), "ID0"),
        (
            "dev",
            None,
            Some(&["profile dev", "sso-session dev", "services dev"]),
            "ID0",
        ),
        ("default", None, Some(&["default"]), "ID0"),
        (
            "default",
            None,
            Some(&["profile default", "default"]),
            "ID0",
        ),
        (
            "default",
            None,
            Some(&["default", "profile default"]),
            "ID1",
        ),
        ("dev", None, Some(&[" profile \t dev "]), "ID0"),
        ("my dev", None, Some(&["profile \"my dev\""]), "ID0"),
        ("profile", Some(&["profile"]), None, "ID0"),
        // Sections of one name are one profile, and the last setting counts.
        ("dev", Some(&["dev", "dev"]), None, "ID1"),
        // The credentials file precedes.
        (
            "dev",
            Some(&["dev"]),
            Some(&["profile other", "profile dev"]),
            "ID0",
        ),
    ] {
        let [credentials, config] = [credentials, config].map(|names| names.map(sections));
        let token = read(name, credentials.as_deref(), config.as_deref()).unwrap();
        assert_eq!(
            parts(&token),
            [id, "secret", ""],
            "{name} {credentials:?} {config:?}"
        );
    }
}

#[test]
fn values_are_read_from_odd_lines() {
    for text in [
        "[p]\naws_access_key_id=ID\naws_secret_access_key=secret\naws_session_token=s\n",
        "[p]\r\naws_access_key_id = ID\r\naws_secret_access_key = secret\r\naws_session_token = s",
        "\u{feff}# first\n; second\n\n[p] # third\naws_access_key_id\t=\tID \t\nAWS_SECRET_ACCESS_KEY = secret ; fourth\naws_session_token = s # fifth",
        "[p]\n  # first\naws_access_key_id = ID\n\t; second\naws_secret_access_key = secret\naws_session_token = s\n",
        "[p];x\naws_access_key_id = old\naws_access_key_id = ID\naws_secret_access_key = secret\naws_session_token = s\n",
        // A line that begins with white space is a part of the setting above it.
        "[p]\naws_access_key_id = ID\naws_secret_access_key = secret\naws_session_token = s\ns3 =\n  aws_access_key_id = nested\n\taws_session_token = nested\n",
        "[p]\naws_access_key_id = ID\n[other]\naws_access_key_id = x\nnested =\n  a = b\n[p]\naws_secret_access_key = secret\naws_session_token = s\n",
    ] {
        let token = read("p", Some(text), None).unwrap();
        assert_eq!(parts(&token), ["ID", "secret", "s"], "{text}");
    }
    let text =
        "[p]\naws_access_key_id = ID\naws_secret_access_key = a#b;c=d==\naws_session_token =";
    assert_eq!(
        parts(&read("p", Some(text), None).unwrap()),
        ["ID", "a#b;c=d==", ""]
    );
}

#[test]
fn the_settings_of_both_files_are_one_profile() {
    let config = "[profile p]\naws_access_key_id = other\naws_secret_access_key = secret\n";
    let token = read("p", Some("[p]\naws_access_key_id = ID\n"), Some(config)).unwrap();
    assert_eq!(parts(&token), ["ID", "secret", ""]);
}

#[test]
fn an_invalid_line_is_named_by_its_number() {
    for (text, line) in [
        ("aws_access_key_id = canary", 1),
        ("\n# x\n[p\n", 3),
        ("[p] canary\n", 1),
        ("[p]\ncanary\n", 2),
        ("[p]\n= canary\n", 2),
        ("[p]\n  canary = 1\n", 2),
        ("[o]\na = b\n[p]\n  canary = 1\n", 4),
        (" canary\n", 1),
    ] {
        let error = read("p", Some(text), None).unwrap_err();
        let Problem::Syntax {
            line: own, path, ..
        } = problem(&error).0
        else {
            panic!("{error}");
        };
        assert_eq!(*own, line, "{text}");
        assert!(path.ends_with("credentials"));
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[test]
fn a_profile_that_is_missing_or_incomplete_is_an_error() {
    let whole = format!("[p]\n{KEY}");
    for (credentials, config) in [(None, None), (Some(&*whole), Some("[o]\n"))] {
        let error = read("o", credentials, config).unwrap_err();
        let profile = "o".into();
        assert_eq!(problem(&error), (&Problem::NoProfile { profile }, false));
    }
    for (text, setting) in [
        ("[p]\n", "aws_access_key_id"),
        ("[p]\naws_access_key_id = ID\n", "aws_secret_access_key"),
        (
            "[p]\naws_access_key_id =\naws_secret_access_key = s\n",
            "aws_access_key_id",
        ),
    ] {
        let error = read("p", Some(text), None).unwrap_err();
        let profile = "p".into();
        assert_eq!(
            problem(&error).0,
            &Problem::MissingSetting { profile, setting }
        );
    }
    let broken = format!("[p]\n{KEY}  continued\n");
    let error = read("p", Some(&broken), None).unwrap_err();
    assert!(matches!(error, AuthError::Invalid(_)), "{error:?}");
}

#[test]
fn another_way_to_obtain_credentials_is_an_error_even_beside_an_access_key() {
    for setting in [
        "role_arn",
        "credential_process",
        "web_identity_token_file",
        "sso_session",
        "sso_start_url",
        "login_session",
    ] {
        for key in ["", KEY] {
            let config = format!("[profile p]\nregion = x\n{key}{setting} = canary\n");
            let error = read("p", None, Some(&config)).unwrap_err();
            let profile = "p".into();
            assert_eq!(
                problem(&error).0,
                &Problem::Unsupported { profile, setting }
            );
            assert!(!error.to_string().contains("canary"));
        }
    }
    let other = format!("[p]\n{KEY}[o]\nrole_arn = x\n");
    assert!(read("p", Some(&other), None).is_ok());
}

#[test]
fn the_files_are_read_again_for_each_token() {
    let first = format!("[p]\n{KEY}");
    let folder = folder(Some(&first), None);
    let source = profile("p", folder.path());
    let token_1 = token(&source).unwrap();
    assert_eq!(parts(&token_1)[0], "ID");
    // The cache asks again within this time.
    assert_eq!(token_1.lifetime(), Some(Duration::from_secs(300)));
    std::fs::write(
        folder.path().join("credentials"),
        first.replace("ID", "NEW"),
    )
    .unwrap();
    assert_eq!(parts(&token(&source).unwrap())[0], "NEW");
}

#[test]
fn the_environment_names_the_profile_and_the_files() {
    let folder = folder(
        Some(&format!("[default]\n{KEY}")),
        Some("[profile dev]\naws_access_key_id = DEV\naws_secret_access_key = s\n"),
    );
    let home = folder.path();
    let inner = home.join(".aws");
    std::fs::create_dir(&inner).unwrap();
    for name in ["credentials", "config"] {
        std::fs::copy(home.join(name), inner.join(name)).unwrap();
    }
    let home = ("HOME", home.to_str().unwrap());
    let windows = ("USERPROFILE", home.1);
    let file = format!("{}/config", home.1);
    for (all, id) in [
        (&[home][..], "ID"),
        (&[windows], "ID"),
        (&[home, ("USERPROFILE", "/nonexistent")], "ID"),
        (&[home, ("AWS_PROFILE", "dev")], "DEV"),
        (
            &[
                ("AWS_CONFIG_FILE", &file),
                ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"),
                ("AWS_PROFILE", "dev"),
            ],
            "DEV",
        ),
        (
            &[
                home,
                ("AWS_SHARED_CREDENTIALS_FILE", "~/credentials"),
                ("AWS_CONFIG_FILE", "/nonexistent"),
            ],
            "ID",
        ),
    ] {
        let source = AwsProfile::from_env_with(variables(all)).unwrap();
        assert_eq!(parts(&token(&source).unwrap())[0], id, "{all:?}");
    }
    let error = AwsProfile::from_env_with(|_| None).unwrap_err();
    assert_eq!(
        problem(&error).0,
        &Problem::MissingVariable { name: "HOME" }
    );
}

#[test]
fn a_file_that_is_not_text_or_too_long_is_an_error() {
    use std::io::ErrorKind;
    let folder = TempDir::new().unwrap();
    let source = profile("p", folder.path());
    let file = folder.path().join("credentials");
    for (bytes, expected) in [
        (vec![0xff; 3], ErrorKind::InvalidData),
        (vec![b'#'; 1024 * 1024 + 1], ErrorKind::FileTooLarge),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let error = token(&source).unwrap_err();
        assert!(matches!(problem(&error).0, Problem::File { kind, .. } if *kind == expected));
    }
    std::fs::write(&file, format!("[p]\n{KEY}{}", "#".repeat(1_000_000))).unwrap();
    assert!(token(&source).is_ok());
}
