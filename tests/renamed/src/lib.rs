//! Every shape that the derive takes, in a crate that knows the runtime crate by another name alone.

#![deny(missing_docs, unused, clippy::all, clippy::pedantic)]
#![allow(non_camel_case_types, clippy::trivially_copy_pass_by_ref)]

use sdk::TalentEvent;

/// A crate's own names for what it depends on.
pub mod vendor {
    pub use sdk as events;
}

macro_rules! items {
    ($($item:item)*) => { $($item)* };
}

/// As Cargo.toml calls the crate.
pub mod by_its_name {
    include!(concat!(env!("OUT_DIR"), "/renamed.rs"));
}

/// As this crate re-exports it.
pub mod by_a_path {
    include!(concat!(env!("OUT_DIR"), "/re_exported.rs"));
}

/// One event of each shape, by `crate = ::sdk`.
#[must_use]
pub fn renamed() -> Vec<Box<dyn TalentEvent>> {
    by_its_name::events()
}

/// One event of each shape, by `crate = crate::vendor::events`.
#[must_use]
pub fn re_exported() -> Vec<Box<dyn TalentEvent>> {
    by_a_path::events()
}
