//! The tracker with the real client, against the emulator and worse.

mod runtimes;
mod support;
mod telling;
mod wrong;
