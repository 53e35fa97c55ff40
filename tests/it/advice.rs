//! Each error says what is wrong and what to do, in two texts that `Display` joins.

use std::fmt::Display;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use http::StatusCode;
use multi_auth::{AuthError, SecretProblem, TokenRequestProblem, TransportError, UrlProblem};
use multi_auth_config::{Config, ConfigError, SourceError, SourceProblem, VaultProblem};
use proc_macro2::{TokenStream, TokenTree};

fn assert_told(fact: &str, remedy: &str, shown: impl Display) {
    let shown = shown.to_string();
    assert_eq!(shown, format!("{fact}: {remedy}"));
    for text in [fact, remedy] {
        let is_clean = !text.is_empty() && text.trim() == text && !text.contains("  ");
        assert!(is_clean && !text.ends_with([':', '.']), "{text:?}");
    }
}

const SECRETS: [SecretProblem; 12] = [
    SecretProblem::Empty,
    SecretProblem::MissingColon,
    SecretProblem::ColonInUser,
    SecretProblem::TrailingNewline,
    SecretProblem::ControlCharacter,
    SecretProblem::OuterSpace,
    SecretProblem::NotAscii,
    SecretProblem::NotBase64,
    SecretProblem::PrefixTwice,
    SecretProblem::NotCookie,
    SecretProblem::OtherEncoding,
    SecretProblem::TooLong,
];

const URLS: [UrlProblem; 7] = [
    UrlProblem::NotAbsolute,
    UrlProblem::Scheme,
    UrlProblem::PlainHttp,
    UrlProblem::Userinfo,
    UrlProblem::Fragment,
    UrlProblem::Query,
    UrlProblem::PathSegment,
];

#[test]
fn each_problem_of_a_secret_or_url_has_its_remedy() {
    for problem in SECRETS {
        assert_told(problem.fact(), problem.remedy(), problem);
    }
    for problem in URLS {
        assert_told(problem.fact(), problem.remedy(), problem);
    }
}

#[test]
fn each_problem_of_a_token_request_has_its_remedy() {
    let statuses = [400, 429, 503].map(|code| StatusCode::from_u16(code).unwrap());
    let mut problems = vec![
        TokenRequestProblem::Refused,
        TokenRequestProblem::LoginRequired,
        TokenRequestProblem::Forbidden,
        TokenRequestProblem::Html,
        TokenRequestProblem::NotJson,
        TokenRequestProblem::Empty,
        TokenRequestProblem::TokenType,
        TokenRequestProblem::BaseUrl,
        TokenRequestProblem::Timeout,
        TokenRequestProblem::ExpiredOnArrival,
        TokenRequestProblem::Throttled,
        TokenRequestProblem::BudgetSpent,
        TokenRequestProblem::Panicked,
        TokenRequestProblem::Interrupted,
    ];
    problems.extend(statuses.map(TokenRequestProblem::Status));
    problems.extend(SECRETS.map(TokenRequestProblem::Token));
    for problem in problems {
        assert_told(&problem.fact(), problem.remedy(), &problem);
        let error = AuthError::token_request("https://v.example/token", problem);
        assert_told(&error.fact(), error.remedy(), &error);
    }
    for error in [
        TransportError::timeout(),
        TransportError::too_large(),
        TransportError::connection("reset"),
    ] {
        let error = AuthError::token_request("https://v.example/token", error.into());
        assert_told(&error.fact(), error.remedy(), &error);
    }
}

#[test]
fn each_problem_of_a_source_has_its_remedy() {
    for problem in [
        SourceProblem::Missing,
        SourceProblem::Unreadable(ErrorKind::PermissionDenied),
        SourceProblem::OpenToOthers,
        SourceProblem::Foreign,
        SourceProblem::Replaceable("/tmp/a".into()),
        SourceProblem::NotAFile,
        SourceProblem::Empty,
        SourceProblem::NotText,
        SourceProblem::TooLong,
        SourceProblem::NotStarted(ErrorKind::NotFound),
        SourceProblem::Failed("exit status: 1".to_owned()),
        SourceProblem::TimedOut(30),
        SourceProblem::Locked,
        SourceProblem::Ambiguous,
        SourceProblem::NoKeyring,
        SourceProblem::NotGiven,
    ] {
        assert_told(&problem.fact(), &problem.remedy(), &problem);
        let error = SourceError::new("the file /a: b", problem);
        assert_told(&error.fact(), &error.remedy(), &error);
    }
}

#[test]
fn each_problem_of_vault_has_its_remedy() {
    let mut problems = vec![
        VaultProblem::Location,
        VaultProblem::Path,
        VaultProblem::NotFound,
        VaultProblem::Deleted,
        VaultProblem::NoField,
        VaultProblem::NotText,
        VaultProblem::NotVersion2,
        VaultProblem::Sealed,
        VaultProblem::RateLimited,
        VaultProblem::Redirect(StatusCode::FOUND),
        VaultProblem::Status(StatusCode::BAD_GATEWAY),
        VaultProblem::Html,
        VaultProblem::NotJson,
        VaultProblem::TooLarge,
        VaultProblem::Timeout,
        VaultProblem::Connection,
    ];
    problems.extend(URLS.map(VaultProblem::Url));
    problems.extend(SECRETS.map(VaultProblem::Token));
    for problem in problems {
        assert_told(&problem.fact(), &problem.remedy(), &problem);
    }
}

#[test]
fn a_problem_of_a_configuration_has_its_place_before_it() {
    let told = |error: ConfigError| {
        let problem = error.problem();
        assert_told(&problem.fact(), &problem.remedy(), problem);
        assert_eq!(
            error.to_string(),
            format!("{}: {problem}", error.location())
        );
    };
    told(Config::read("/no/such/file").unwrap_err());
    for text in [
        "[",
        "[vendors.v]\nx = 1",
        "[vendors.v]\nkey = 'k'",
        "[vendors.v]",
    ] {
        told(Config::parse(text, "a: b.toml", []).unwrap_err());
    }
}

/// Whether `file` holds tests of a module.
fn is_of_tests(file: &Path) -> bool {
    file.ends_with("tests.rs")
        || file.to_string_lossy().contains("/src/") && {
            let inner = file.to_string_lossy();
            inner
                .rsplit_once("/src/")
                .is_some_and(|(_, inner)| inner.contains("/tests/"))
        }
}

/// Without `\` at its end, a line of a string adds the next line's indentation to the text.
#[test]
fn no_text_has_two_spaces_in_a_row() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut read = 0;
    for entry in fs::read_dir(crates).unwrap() {
        let files = sources(&entry.unwrap().path().join("src"));
        for file in files.iter().filter(|file| !is_of_tests(file)) {
            let text = fs::read_to_string(file).unwrap();
            for literal in literals(text.parse().unwrap()) {
                read += 1;
                for line in literal.split('\n').map(str::trim) {
                    assert!(!is_torn(line), "{}: {line:?}", file.display());
                }
            }
        }
    }
    assert!(read > 2_000, "{read}");
}

/// Whether two words are separated by several spaces outside a table.
fn is_torn(line: &str) -> bool {
    const TABLES: [&str; 3] = ["all answered 2xx  ", "  #", "Sun Nov  6"];
    let parts: Vec<_> = line.split("  ").collect();
    let is_word =
        |part: &str| part.ends_with(|end: char| end.is_alphabetic() || ",;:)`".contains(end));
    let is_torn = parts
        .windows(2)
        .any(|pair| is_word(pair[0]) && !pair[1].trim().is_empty());
    is_torn && !TABLES.iter().any(|table| line.contains(table))
}

fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let found = paths.flat_map(|path| {
        if path.is_dir() {
            return sources(&path);
        }
        vec![path]
    });
    found
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

/// The texts of all string literals, those of documentation left out.
fn literals(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_doc = false;
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => found.extend(literals(group.stream())),
            TokenTree::Literal(literal) if !is_doc => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                found.extend(text.ok().map(|text| text.value()));
            }
            TokenTree::Ident(ref name) => {
                is_doc = name == "doc";
                continue;
            }
            TokenTree::Literal(_) => {}
            TokenTree::Punct(_) => continue,
        }
        is_doc = false;
    }
    found
}
