//! The guide, one page a chapter. Its examples are tests.
//!
//! Read the chapters in this order:
#![cfg_attr(all(feature = "client", feature = "derive", feature = "testing"), doc = include_str!("../docs/chapters.md"))]

#[cfg(feature = "derive")]
pub mod attributes {
    #![doc = include_str!("../docs/attributes.md")]
}

#[cfg(all(feature = "client", feature = "derive", feature = "testing"))]
pub mod sessions {
    #![doc = include_str!("../docs/sessions.md")]
}

#[cfg(all(feature = "client", feature = "derive"))]
pub mod sequences {
    #![doc = include_str!("../docs/sequences.md")]
}

#[cfg(all(feature = "client", feature = "derive", feature = "testing"))]
pub mod errors {
    #![doc = include_str!("../docs/errors.md")]
}

#[cfg(all(feature = "client", feature = "derive"))]
pub mod catalog {
    #![doc = include_str!("../docs/catalog.md")]
}

#[cfg(feature = "derive")]
pub mod misuse;
