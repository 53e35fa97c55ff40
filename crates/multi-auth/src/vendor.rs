//! Vendors, one file each: the facts about a vendor, as constructors of schemes.

mod alphamoon;
pub use alphamoon::Alphamoon;

mod immuta;
pub use immuta::Immuta;
