//! kube-client: its layer, with the token in a file.

use kube_client::Config;
use kube_client::client::ConfigExt;
use tower_layer::Layer;

use crate::stacks;

pub(crate) fn token_file() {
    let path = std::env::temp_dir().join(format!("multi-auth-peers-{}", std::process::id()));
    std::fs::write(&path, "t".repeat(256)).unwrap();
    let mut config = Config::new("https://api.vendor.example".parse().unwrap());
    config.auth_info.token_file = Some(path.to_string_lossy().into_owned());
    let layer = config.auth_layer().unwrap().unwrap();
    let service = layer.layer(stacks::Answers);
    stacks::drive(service);
    std::fs::remove_file(path).unwrap();
}
