//! The server: one port for all faces.

mod listener;
mod router;

pub(crate) use listener::serve;
pub(crate) use router::router;
