//! Google's own code on the other end: its Python and Node clients against the emulator, its Python classes as the server
//! of our client, and its descriptors beside our `.proto`. These tests prove the form on the wire.
//!
//! They are ignored by default, because they need packages that `scripts/python_venv.sh` and `scripts/node_modules.sh`
//! install: run `scripts/test.sh google`.

mod descriptors;
mod errors;
mod events;
mod node;
mod process;
mod python_client;
mod sample;
mod server;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
