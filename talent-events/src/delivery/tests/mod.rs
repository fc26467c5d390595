//! The delivery on a clock that the tests hold, against a carrier that does as it is told.

#[cfg(not(talent_loom))]
mod conservation;
#[cfg(not(talent_loom))]
mod corners;
#[cfg(not(talent_loom))]
mod delivering;
#[cfg(not(talent_loom))]
mod encoded;
#[cfg(not(talent_loom))]
mod ends;
#[cfg(not(talent_loom))]
mod expiry;
#[cfg(not(talent_loom))]
mod fake;
#[cfg(not(talent_loom))]
mod full;
#[cfg(talent_loom)]
mod orders;
#[cfg(not(talent_loom))]
mod outages;
#[cfg(not(talent_loom))]
mod poison;
#[cfg(all(not(talent_loom), feature = "testing"))]
mod relay;
#[cfg(not(talent_loom))]
mod sending_order;
pub(super) mod support;
#[cfg(not(talent_loom))]
mod telling;
#[cfg(not(talent_loom))]
mod wakers;
