//! The faces of the emulator: one per API.

pub(crate) mod console;
pub(crate) mod control;
pub(crate) mod grpc;
pub(crate) mod rest;
pub(crate) mod search;
