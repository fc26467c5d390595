//! Tests that need more than one of the crates, or tools that none of them should depend on.
