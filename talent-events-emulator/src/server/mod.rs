//! The server: one port for all faces.

mod connection;
mod http_version;
mod listener;
mod log_limit;
mod router;

pub(crate) use listener::{MAX_CONNECTIONS, serve};
pub(crate) use router::router;
