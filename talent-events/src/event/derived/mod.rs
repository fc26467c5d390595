//! What the derive's code calls. Not for anybody else, and free to change.

mod check;
mod describe;
mod marker;
mod write;

pub use std::fmt::{Binary, Debug, Display, LowerExp, LowerHex, Octal, Pointer, UpperExp, UpperHex};
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{self, Ok};
pub use std::{format_args, unreachable};

pub use check::*;
pub use describe::*;
pub use marker::*;
pub use write::ContextNotes;

/// An expression as it was written, which may not be one yet.
#[doc(hidden)]
#[macro_export]
macro_rules! __talent_expression {
    ($value:expr) => {
        $value
    };
}
pub use __talent_expression as expression;

pub use super::Kind;
