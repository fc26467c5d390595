//! Misuse, and the compiler's words: 360 mistakes, one page a class of mistake.
//!
//! The words are those of rustc 1.95.0. Each mistake is a test, so you will read the same words. Line numbers count
//! the whole file, which has imports above.
//!
//! - [Something is missing](missing): 10
//! - [The event type](event_type): 22
//! - [The jobs](jobs): 19
//! - [The request id](request_id): 15
//! - [Long notes](notes_overflow): 6
//! - [Templates](template): 15
//! - [Private fields](private): 9
//! - [Enums](enums): 18
//! - [Unknown keys](unknown_key): 10
//! - [The right key in the wrong form](wrong_form): 26
//! - [The right key in the wrong place](wrong_place): 24
//! - [Set twice](duplicate): 21
//! - [Set in two ways](conflict): 16
//! - [Functions](with): 11
//! - [Flattened fields](flatten): 25
//! - [Contexts](context): 12
//! - [Types that cannot play their role, and bounds of your own](bounds): 21
//! - [Generics](generics): 3
//! - [The path of the crate](crate_path): 6
//! - [Malformed attributes](malformed): 28
//! - [Sessions](session): 7
//! - [Steps out of order](sequence): 32
//! - [Delivery](delivery): 4

// Made from tests/ui by scripts/bless.sh.

pub mod missing {
    #![doc = include_str!("../../docs/misuse/missing.md")]
}

pub mod event_type {
    #![doc = include_str!("../../docs/misuse/event_type.md")]
}

pub mod jobs {
    #![doc = include_str!("../../docs/misuse/jobs.md")]
}

pub mod request_id {
    #![doc = include_str!("../../docs/misuse/request_id.md")]
}

pub mod notes_overflow {
    #![doc = include_str!("../../docs/misuse/notes_overflow.md")]
}

pub mod template {
    #![doc = include_str!("../../docs/misuse/template.md")]
}

pub mod private {
    #![doc = include_str!("../../docs/misuse/private.md")]
}

pub mod enums {
    #![doc = include_str!("../../docs/misuse/enums.md")]
}

pub mod unknown_key {
    #![doc = include_str!("../../docs/misuse/unknown_key.md")]
}

pub mod wrong_form {
    #![doc = include_str!("../../docs/misuse/wrong_form.md")]
}

pub mod wrong_place {
    #![doc = include_str!("../../docs/misuse/wrong_place.md")]
}

pub mod duplicate {
    #![doc = include_str!("../../docs/misuse/duplicate.md")]
}

pub mod conflict {
    #![doc = include_str!("../../docs/misuse/conflict.md")]
}

pub mod with {
    #![doc = include_str!("../../docs/misuse/with.md")]
}

pub mod flatten {
    #![doc = include_str!("../../docs/misuse/flatten.md")]
}

pub mod context {
    #![doc = include_str!("../../docs/misuse/context.md")]
}

pub mod bounds {
    #![doc = include_str!("../../docs/misuse/bounds.md")]
}

pub mod generics {
    #![doc = include_str!("../../docs/misuse/generics.md")]
}

pub mod crate_path {
    #![doc = include_str!("../../docs/misuse/crate_path.md")]
}

pub mod malformed {
    #![doc = include_str!("../../docs/misuse/malformed.md")]
}

pub mod session {
    #![doc = include_str!("../../docs/misuse/session.md")]
}

pub mod sequence {
    #![doc = include_str!("../../docs/misuse/sequence.md")]
}

pub mod delivery {
    #![doc = include_str!("../../docs/misuse/delivery.md")]
}
