//! Files of events: imports and exports.

mod error;
mod export;
mod import;
pub mod replace;

pub use error::FileError;
pub(crate) use error::blocking;
pub(crate) use export::{Cursor, export, export_or_keep, next_chunk};
pub(crate) use import::{import, read};
