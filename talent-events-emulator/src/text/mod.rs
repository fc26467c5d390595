//! Messages about wrong input: lists of invalid fields, and suggestions for misspelt names.

mod fields;
mod similar;

pub(crate) use fields::{DUPLICATE, ONCE, UNKNOWN, escape, expected_found, invalid, list, renamed};
pub(crate) use similar::{did_you_mean, most_similar};
