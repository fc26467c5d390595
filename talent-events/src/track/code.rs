//! The canonical gRPC status codes: one table of their names.

use std::fmt;
use std::str::FromStr;

use crate::event::InvalidField;

/// A canonical gRPC status code, as the service answers it.
///
/// Its number is gRPC's, and its text is the canonical name: `INVALID_ARGUMENT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
#[allow(missing_docs, reason = "gRPC defines them")]
pub enum Code {
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// In the order of their numbers.
const TABLE: [(Code, &str); 17] = [
    (Code::Ok, "OK"),
    (Code::Cancelled, "CANCELLED"),
    (Code::Unknown, "UNKNOWN"),
    (Code::InvalidArgument, "INVALID_ARGUMENT"),
    (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
    (Code::NotFound, "NOT_FOUND"),
    (Code::AlreadyExists, "ALREADY_EXISTS"),
    (Code::PermissionDenied, "PERMISSION_DENIED"),
    (Code::ResourceExhausted, "RESOURCE_EXHAUSTED"),
    (Code::FailedPrecondition, "FAILED_PRECONDITION"),
    (Code::Aborted, "ABORTED"),
    (Code::OutOfRange, "OUT_OF_RANGE"),
    (Code::Unimplemented, "UNIMPLEMENTED"),
    (Code::Internal, "INTERNAL"),
    (Code::Unavailable, "UNAVAILABLE"),
    (Code::DataLoss, "DATA_LOSS"),
    (Code::Unauthenticated, "UNAUTHENTICATED"),
];

impl Code {
    /// The canonical name, e.g. `INVALID_ARGUMENT`.
    pub const fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// gRPC's number of the code, 0 to 16.
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The code with this number. `None` if gRPC defines no such code.
    pub fn from_number(number: i32) -> Option<Self> {
        usize::try_from(number).ok().and_then(|index| TABLE.get(index)).map(|(code, _)| *code)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads the canonical name.
impl FromStr for Code {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        (TABLE.iter().find(|(_, name)| *name == text).map(|(code, _)| *code)).ok_or_else(|| {
            InvalidField::new("code", InvalidField::quote(text), "a canonical gRPC code, e.g. INVALID_ARGUMENT")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_of_the_table_is_found_by_number_and_by_name() {
        for (index, (code, name)) in TABLE.into_iter().enumerate() {
            assert_eq!((code as usize, code.name()), (index, name));
            assert_eq!(Code::from_number(code.number()), Some(code));
            assert_eq!(name.parse(), Ok(code));
            assert_eq!(code.to_string(), name);
        }
        assert_eq!((Code::from_number(-1), Code::from_number(17)), (None, None));
        for text in ["", "ok", "InvalidArgument", "NOT FOUND", "17"] {
            assert!(text.parse::<Code>().is_err(), "{text}");
        }
    }
}
