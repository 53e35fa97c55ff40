//! The vendors: each is a file of facts that gives out the schemes' own types.

mod alphamoon;
pub use alphamoon::Alphamoon;

mod immuta;
pub use immuta::Immuta;
