//! The emulator over real connections, driven by clients that share no code with the SDK.

mod any_json;
mod connections;
mod control;
mod defects;
mod faults;
mod files;
mod guard;
mod guide;
mod recording;
mod refusals;
mod rest;
mod search;
mod shutdown;
mod strict;
mod support;
