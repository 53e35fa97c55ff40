//! The promises between the crates; the tests are in `it/`. Here the samples of the READMEs and of
//! `docs/` run.

mod listen;

pub use listen::listen;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../docs/adding-a-scheme.md")]
mod adding_a_scheme {}

#[cfg(doctest)]
#[doc = include_str!("../docs/adding-a-vendor.md")]
mod adding_a_vendor {}

#[cfg(doctest)]
#[doc = include_str!("../docs/adding-an-adapter.md")]
mod adding_an_adapter {}

#[cfg(doctest)]
#[doc = include_str!("../docs/client-certificates.md")]
mod client_certificates {}

#[cfg(doctest)]
#[doc = include_str!("../docs/comparison.md")]
mod comparison {}

#[cfg(doctest)]
#[doc = include_str!("../docs/configuration.md")]
mod configuration {}

#[cfg(doctest)]
#[doc = include_str!("../docs/design.md")]
mod design {}

#[cfg(doctest)]
#[doc = include_str!("../docs/migrating.md")]
mod migrating {}

#[cfg(doctest)]
#[doc = include_str!("../docs/operations.md")]
mod operations {}

#[cfg(doctest)]
#[doc = include_str!("../docs/performance.md")]
mod performance {}

#[cfg(doctest)]
#[doc = include_str!("../docs/proxy.md")]
mod proxy {}

#[cfg(doctest)]
#[doc = include_str!("../docs/security.md")]
mod security {}

#[cfg(doctest)]
#[doc = include_str!("../docs/signing.md")]
mod signing {}

#[cfg(doctest)]
#[doc = include_str!("../docs/vendors.md")]
mod vendors {}

#[cfg(doctest)]
#[doc = include_str!("../crates/multi-auth/README.md")]
mod multi_auth_readme {}

#[cfg(doctest)]
#[doc = include_str!("../crates/multi-auth-cli/README.md")]
mod multi_auth_cli_readme {}

#[cfg(doctest)]
#[doc = include_str!("../crates/multi-auth-config/README.md")]
mod multi_auth_config_readme {}

#[cfg(doctest)]
#[doc = include_str!("../crates/multi-auth-proxy/README.md")]
mod multi_auth_proxy_readme {}

#[cfg(doctest)]
#[doc = include_str!("../crates/multi-auth-reqwest/README.md")]
mod multi_auth_reqwest_readme {}

#[cfg(doctest)]
#[doc = include_str!("../crates/multi-auth-sign/README.md")]
mod multi_auth_sign_readme {}

#[cfg(doctest)]
#[doc = include_str!("../crates/multi-auth-testing/README.md")]
mod multi_auth_testing_readme {}

#[cfg(doctest)]
#[doc = include_str!("../crates/multi-auth-tower/README.md")]
mod multi_auth_tower_readme {}

#[cfg(doctest)]
#[doc = include_str!("../docs/scale.md")]
mod scale {}
