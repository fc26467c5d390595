//! The tracker with the real client, against the emulator and worse.

#[path = "../support/log.rs"]
mod log;
mod runtimes;
mod support;
mod telling;
mod wrong;
