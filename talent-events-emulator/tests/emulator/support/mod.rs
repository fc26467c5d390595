//! Clients that share no code with the SDK.

pub(crate) mod grpc;
pub(crate) mod http;
