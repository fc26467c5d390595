//! The client against real servers: gRPC in plaintext and by TLS, and what gives out tokens.

mod calls;
mod connections;
mod credentials;
mod errors;
#[path = "../support/log.rs"]
mod log;
mod logs;
mod progress;
mod refresh;
mod silence;
mod support;
mod tls;
