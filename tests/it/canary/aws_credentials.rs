//! Where the credentials of AWS come from.

use std::fs;

use multi_auth::{AuthError, Token, TokenSource};
use multi_auth_reqwest::ReqwestTransport;
use multi_auth_sign::{
    AwsContainer, AwsCredentials, AwsInstanceMetadata, AwsProfile, AwsWebIdentity,
};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::{Ledger, key, token};

fn transport() -> ReqwestTransport {
    ReqwestTransport::new().unwrap()
}

/// The environment of a process, with a secret as the value of `name`.
fn only(name: &'static str) -> impl Fn(&str) -> Option<String> {
    move |asked| (asked == name).then(key)
}

fn see<T: std::fmt::Debug>(ledger: &mut Ledger, site: &str, built: Result<T, AuthError>) {
    match built {
        Ok(built) => ledger.see_debug(site, &built),
        Err(error) => ledger.see_error(site, &error),
    }
}

pub(super) async fn look(ledger: &mut Ledger) {
    see(
        ledger,
        "AwsCredentials::from_env",
        AwsCredentials::from_env(),
    );
    let variable = only("AWS_SECRET_ACCESS_KEY");
    see(
        ledger,
        "AwsCredentials::from_env_with",
        AwsCredentials::from_env_with(variable),
    );
    look_at_profiles(ledger).await;
    see(
        ledger,
        "AwsWebIdentity::from_env",
        AwsWebIdentity::from_env(transport()),
    );
    let built = AwsWebIdentity::from_env_with(only("AWS_ROLE_ARN"), transport());
    see(ledger, "AwsWebIdentity::from_env_with", built);
    see(
        ledger,
        "AwsContainer::from_env",
        AwsContainer::from_env(transport()),
    );
    let built =
        AwsContainer::from_env_with(only("AWS_CONTAINER_CREDENTIALS_FULL_URI"), transport());
    see(ledger, "AwsContainer::from_env_with", built);
    let metadata = AwsInstanceMetadata::new(transport());
    ledger.see_debug("AwsInstanceMetadata::new", &metadata);
    ledger.see_debug(
        "AwsInstanceMetadata::ipv6",
        &AwsInstanceMetadata::ipv6(transport()),
    );
    look_at_servers(ledger).await;
}

async fn look_at_profiles(ledger: &mut Ledger) {
    see(ledger, "AwsProfile::from_env", AwsProfile::from_env());
    see(
        ledger,
        "AwsProfile::from_env_with",
        AwsProfile::from_env_with(only("AWS_SECRET_ACCESS_KEY")),
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    for (site, text) in [
        (
            "a profile",
            format!(
                "[p]\naws_access_key_id = A\naws_secret_access_key = {}",
                key()
            ),
        ),
        (
            "a profile without an ID",
            format!("[p]\naws_secret_access_key = {}", key()),
        ),
        ("a line that is no setting", format!("[p]\n{}", key())),
        ("a role", format!("[p]\nrole_arn = {}", key())),
        ("no profile", format!("[{}]", key())),
    ] {
        fs::write(&file, text).unwrap();
        let profile = AwsProfile::new("p", &file, "/no/such/file");
        ledger.see_debug(format!("AwsProfile::new, {site}"), &profile);
        see(
            ledger,
            &format!("AwsProfile, {site}"),
            profile.token().await,
        );
    }
}

/// What servers that give a secret, in the right form and in others, make of the sources.
async fn look_at_servers(ledger: &mut Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, token()).unwrap();
    let credentials = json!({
        "Code": "Success", "AccessKeyId": "A", "SecretAccessKey": key(), "Token": token(),
        "Expiration": "2099-01-01T00:00:00Z",
    });
    for (site, body) in [
        ("credentials", credentials.to_string()),
        (
            "an error",
            json!({ "Code": key(), "Message": token() }).to_string(),
        ),
        ("a text", key()),
        (
            "an error of STS",
            format!("<Error><Code>{}</Code></Error>", key()),
        ),
    ] {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(move |_: &RecordedRequest| {
            ScriptedResponse::default().with_body(body.clone())
        });
        let container = AwsContainer::new(server.url(), transport()).unwrap();
        let container = container.with_authorization(token()).unwrap();
        ledger.see_debug(format!("AwsContainer::new, {site}"), &container);
        let arn = "arn:aws:iam::123456789012:role/r";
        let role = AwsWebIdentity::new("eu-central-1", arn, &file, transport()).unwrap();
        let role = role.with_endpoint(server.url()).unwrap();
        ledger.see_debug(format!("AwsWebIdentity::new, {site}"), &role);
        let instance = AwsInstanceMetadata::at_loopback(server.url(), transport()).unwrap();
        ledger.see_debug(
            format!("AwsInstanceMetadata::at_loopback, {site}"),
            &instance,
        );
        let results: [(&str, Result<Token, AuthError>); 3] = [
            ("AwsContainer", container.token().await),
            ("AwsWebIdentity", role.token().await),
            (
                "AwsInstanceMetadata, AwsCredentialsProblem",
                instance.token().await,
            ),
        ];
        for (source, result) in results {
            see(ledger, &format!("{source}, a server with {site}"), result);
        }
    }
}
