//! Writes the impls. All rules have been checked, so nothing here can fail.
//!
//! Spans: what only the type checker looks at keeps the user's own, so that its errors fall on the user's token; code
//! that runs is `call_site`, located at the user's token, so that no lint of the user's speaks of it. Each of the
//! user's tokens is mentioned once, so that an error about it is printed once.

mod bounds;
mod checks;
pub(crate) mod context;
mod cx;
pub(crate) mod event;
pub(crate) mod fallback;
mod impls;
mod write;
