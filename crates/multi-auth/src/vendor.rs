//! The vendors, one file of facts each. They build the schemes.

mod alphamoon;
pub use alphamoon::Alphamoon;

mod immuta;
pub use immuta::Immuta;
