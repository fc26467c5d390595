//! A local EventService of Google Cloud Talent Solution, to develop and test against.

#[allow(clippy::all, unreachable_pub, missing_docs, rust_2018_idioms)]
#[rustfmt::skip]
#[allow(dead_code)]
mod service;
