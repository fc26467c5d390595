//! The guide, a chapter a page; its examples are tested.
//!
//! Two more chapters stand where they belong: [testing without a network](crate::testing), and
//! [delivery](crate::delivery), with "where did the event go?".

#[cfg(feature = "derive")]
pub mod attributes {
    #![doc = include_str!("../docs/attributes.md")]
}

#[cfg(feature = "derive")]
pub mod misuse {
    #![doc = include_str!("../docs/misuse.md")]
}

#[cfg(all(feature = "client", feature = "derive", feature = "testing"))]
pub mod sessions {
    #![doc = include_str!("../docs/sessions.md")]
}

#[cfg(all(feature = "client", feature = "derive"))]
pub mod sequences {
    #![doc = include_str!("../docs/sequences.md")]
}

#[cfg(all(feature = "client", feature = "derive"))]
pub mod catalog {
    #![doc = include_str!("../docs/catalog.md")]
}
