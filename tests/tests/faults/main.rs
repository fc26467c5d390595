//! The tracker with the real client against servers and networks that fail in every way we know of.
//!
//! Time is tokio's own and paused: both ends live on one thread, so a pause of 30 s is over as soon as nobody has
//! anything to do, and whatever the machine is busy with changes nothing.

mod black_hole;
mod calls;
mod connections;
mod deadlines;
mod relay;
mod run;
mod storm;
