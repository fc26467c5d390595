//! The emulator over real connections, driven by clients that know nothing of this SDK.

mod common;
mod control;
mod defects;
mod faults;
mod guide;
mod http;
mod recording;
mod refusals;
mod rest;
mod shutdown;
mod strict;
