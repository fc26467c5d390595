//! The emulator's console: over HTTP, and as a browser shows it.
//!
//! What needs Chromium is ignored unless asked for: `scripts/test.sh browser` installs it and runs all.

mod browser;
mod data;
mod hostile;
mod http;
mod live;
mod many;
mod pictures;
mod timeline;
mod validation;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
