//! The domain of a small job board.
