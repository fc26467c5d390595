//! The emulator over real gRPC, driven by a client that knows nothing of this SDK.

mod common;
mod defects;
mod recording;
mod refusals;
mod shutdown;
mod strict;
