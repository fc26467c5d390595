//! Messages about wrong input: lists of invalid fields, and suggestions for misspelt names.

mod fields;
mod similar;

pub(crate) use fields::{DUPLICATE, ONCE, UNKNOWN, escape, invalid, list, suggest};
pub(crate) use similar::most_similar;
