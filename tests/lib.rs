//! The promises between the crates; the tests are in `it/`. Here the samples of the README and of
//! `docs/` run.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../docs/adding-a-scheme.md")]
mod adding_a_scheme {}

#[cfg(doctest)]
#[doc = include_str!("../docs/configuration.md")]
mod configuration {}

#[cfg(doctest)]
#[doc = include_str!("../docs/adding-a-vendor.md")]
mod adding_a_vendor {}

#[cfg(doctest)]
#[doc = include_str!("../docs/adding-an-adapter.md")]
mod adding_an_adapter {}
