//! Google's own Python code on the other end: its client against the emulator, its classes as the server of our client,
//! and its descriptors beside our `.proto`. This is what proves the form on the wire.
//!
//! They need Python packages that `scripts/python_venv.sh` installs, so they are ignored unless asked for:
//! `scripts/test.sh google`.

mod descriptors;
mod errors;
mod events;
mod process;
mod python_client;
mod sample;
mod server;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
