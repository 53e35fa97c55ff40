//! Every vendor of the catalogue, at a server that is driven by the same data.

mod endpoint;
mod file_errors;
mod format;
mod grant;
mod keys;
mod oracle;
mod preset_errors;
mod sample;
mod shown;
mod signature;

use std::fmt::Write;
use std::sync::Arc;

use multi_auth::Token;
use multi_auth_config::{Catalogue, Config};
use multi_auth_testing::{RecordedRequest, ScriptedServer};

use self::oracle::{Oracle, expect};
use self::sample::Sample;
use self::shown::USUAL;
use crate::adapter::Adapter;
use crate::network::Network;

const OTHER: &str = "https://other.example/";

fn samples() -> impl Iterator<Item = Sample> {
    multi_auth_catalogue::all()
        .iter()
        .map(|(name, text)| Sample::new(name, text))
}

/// Runs the vendor of `sample` through `adapter`. Returns its requests as text, or what is wrong.
async fn run(adapter: Adapter, sample: Sample, catalogue: &Catalogue) -> Result<String, String> {
    let (name, url) = (sample.name, sample.url());
    let folder = tempfile::tempdir().unwrap();
    let config = sample.config(&folder.path().join("tokens").display().to_string());
    let config =
        Config::parse_with(&config, name, [], catalogue).map_err(|error| error.to_string())?;
    let hosts = sample
        .hosts()
        .into_iter()
        .chain(["other.example".to_owned()]);
    let server = ScriptedServer::builder()
        .https_for(hosts)
        .start()
        .await
        .unwrap();
    let oracle = Arc::new(Oracle::new(sample));
    let answering = Arc::clone(&oracle);
    server.respond_with(move |request: &RecordedRequest| answering.answer(request));
    let network = Network::of(&server);
    let transport = network.transport(adapter);
    if let Some(login) = config.vendors()[0]
        .login(Arc::clone(&transport))
        .await
        .unwrap()
    {
        let token = Token::new("unused").with_part("refresh_token", "refresh-1");
        login.store(&token).await.unwrap();
    }
    let keyring = config.keyring(transport).await;
    let keyring = keyring.map_err(|error| error.to_string())?;
    let client = network.client(adapter, &keyring);

    let status = oracle.status_of(client.send(oracle.sample.request(&url)).await)?;
    let tokens = usize::from(oracle.has_token());
    expect(
        "accepted",
        &[(status, oracle.counts())],
        &[(200, (tokens, 1))],
    )?;
    let wire = oracle.wire();

    // A refused token is replaced, and a refused key is not sent again.
    oracle.revoke();
    let status = oracle.status_of(client.send(oracle.sample.request(&url)).await)?;
    if oracle.has_token() {
        expect("replaced", &[(status, oracle.counts())], &[(200, (2, 3))])?;
    } else {
        expect("refused", &[(status / 100, oracle.counts().0)], &[(4, 0)])?;
    }
    client.get(OTHER).await.unwrap();
    let sent = server.requests().pop().unwrap();
    expect("another host", &[credentials(&sent)], &[""])?;
    Ok(wire)
}

async fn run_embedded(adapter: Adapter, sample: Sample) -> Result<String, String> {
    run(adapter, sample, &Catalogue::embedded()).await
}

/// The header fields of a request to another host that could hold a credential, and its query.
fn credentials(request: &RecordedRequest) -> String {
    let names = request.headers.keys().map(http::HeaderName::as_str);
    let names = names.filter(|name| !USUAL.contains(name));
    names.chain(request.query.as_deref()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_vendor_gets_its_credential_and_no_other_host_does() {
    let (mut wires, mut faults) = (String::new(), Vec::new());
    for (by_reqwest, by_tower) in samples().zip(samples()) {
        let name = by_reqwest.name;
        let reqwest = tokio::spawn(run_embedded(Adapter::Reqwest, by_reqwest));
        let tower = tokio::spawn(run_embedded(Adapter::Tower, by_tower));
        match (reqwest.await.unwrap(), tower.await.unwrap()) {
            (Ok(reqwest), Ok(tower)) if reqwest == tower => {
                let _ = writeln!(wires, "{name}\n{reqwest}");
            }
            differing => faults.push(format!("{name}: {differing:?}")),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    insta::assert_snapshot!("catalogue_wire", wires);
}

#[test]
fn every_vendor_is_described_and_its_example_is_a_configuration() {
    let catalogue = Catalogue::embedded();
    let names = catalogue.names();
    assert!(names.len() >= 200, "{}", names.len());
    for name in names {
        let text = multi_auth_catalogue::find(name).unwrap();
        // All checks of the format, variables and URLs included.
        Catalogue::empty()
            .with_vendor(&format!("{name}-x"), text)
            .unwrap();
        let vendor = catalogue.vendor(name).unwrap().unwrap();
        assert!(
            vendor
                .docs()
                .is_some_and(|docs| docs.starts_with("https://"))
        );
        assert!(vendor.read_on().is_some_and(|day| *day >= *"2026-11-01"));
        let store = "[store]\ndirectory = 'tokens'\nkey = { env = 'K' }";
        let example = format!("{}{store}", vendor.example("mine"));
        Config::parse(&example, name, []).unwrap();
    }
}

#[tokio::test]
async fn the_presets_in_code_send_the_same_bytes_as_their_data() {
    for name in ["alphamoon", "immuta", "immuta-raw-key"] {
        let text = multi_auth_catalogue::find(name).unwrap();
        let mut wires = Vec::new();
        for preset in [name, "as-data"] {
            let sample = || Sample::new(preset, text);
            let catalogue = Catalogue::embedded().with_vendor("as-data", text).unwrap();
            for adapter in [Adapter::Reqwest, Adapter::Tower] {
                wires.push(run(adapter, sample(), &catalogue).await.unwrap());
            }
        }
        assert!(wires.iter().all(|wire| *wire == wires[0]), "{wires:?}");
    }
}

/// The part of a host that one party registers is the same for all users.
#[test]
fn no_variable_of_a_vendor_chooses_a_domain_of_the_public_suffix_list() {
    let mut hosts = 0;
    for (name, text) in multi_auth_catalogue::all() {
        let of = |label| Sample::with_labels(name, text, Some(label)).hosts();
        for (one, two) in of("one").iter().zip(&of("two")) {
            assert_eq!(registered(one), registered(two), "{name}: {one}, {two}");
            hosts += usize::from(one != two);
        }
    }
    assert!(hosts > 20, "{hosts}");
}

/// A token may be sent to any subdomain of these.
#[test]
fn the_domains_of_base_urls_are_registered_by_the_vendor() {
    let mut domains = 0;
    for (_, text) in multi_auth_catalogue::all() {
        let root: toml::Table = text.parse().unwrap();
        let named = root["entry"]
            .get("base_url")
            .and_then(|base| base["domains"].as_array());
        for domain in named.into_iter().flatten() {
            let host = domain.as_str().unwrap().strip_prefix("https://").unwrap();
            assert!(host.ends_with(psl::domain_str(host).unwrap()), "{host}");
            domains += 1;
        }
    }
    assert!(domains > 1);
}

/// What the vendor registers of `host`. A suffix such as myshopify.com is one vendor's.
fn registered(host: &str) -> String {
    use psl::{Psl, Type};

    let suffix = psl::List.suffix(host.as_bytes()).unwrap();
    if suffix.typ() == Some(Type::Private) {
        return String::from_utf8(suffix.as_bytes().to_vec()).unwrap();
    }
    psl::domain_str(host).unwrap().to_owned()
}

/// The samples that a reader copies.
#[test]
fn the_samples_of_the_documentation_are_right() {
    let page = include_str!("../../docs/catalogue.md");
    let samples = page
        .split("```toml\n")
        .skip(1)
        .map(|text| text.split("```").next().unwrap());
    let (mut files, mut entries) = (0, 0);
    for sample in samples {
        if sample.starts_with("format") {
            Catalogue::embedded().with_vendor("sample", sample).unwrap();
            files += 1;
        } else if sample.contains("[vendors.") {
            Config::parse(sample, "sample", []).unwrap();
            entries += 1;
        }
    }
    assert_eq!((files, entries), (2, 1));
}

/// The README and the changelog say how many there are.
#[test]
fn the_number_of_vendors_is_stated_as_it_is() {
    let expected = format!("{} vendors", multi_auth_catalogue::all().len());
    for page in [
        include_str!("../../README.md"),
        include_str!("../../CHANGELOG.md"),
    ] {
        assert!(page.contains(&expected), "{expected}");
    }
}
