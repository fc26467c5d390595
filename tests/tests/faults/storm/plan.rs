//! The settings of a storm, drawn from its seed.

use std::time::Duration;

use fastrand::Rng;
use talent_events::delivery::{Overflow, Quota};

#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// On several threads, and the clock on the wall; else on one, and a clock that jumps to the next timer.
    pub(super) real_time: bool,
    pub(super) actors: usize,
    pub(super) steps: usize,
    pub(super) deadline: Duration,
    pub(super) connections: usize,
    pub(super) quota: Option<Quota>,
    pub(super) max_events: usize,
    pub(super) max_bytes: usize,
    pub(super) max_in_flight: usize,
    pub(super) max_age: Duration,
    pub(super) max_attempts: u32,
    pub(super) overflow: Overflow,
    pub(super) wait_for_room: bool,
    /// How many events in a hundred always fail.
    pub(super) poison: u64,
    /// The hook panics each so many times.
    pub(super) hook_panics: u64,
    /// The hook enqueues an event each so many times.
    pub(super) hook_enqueues: u64,
    pub(super) end: End,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// The service recovers, all that waits is flushed, and then it is shut down.
    Flush,
    /// At most so long.
    Shutdown(Duration),
    /// Two at once; one is given up half-way, and asked for again.
    Shutdowns(Duration, Duration),
    /// Without a shutdown.
    Drop,
}

impl Plan {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let real_time = seed % 8 == 7;
        let millis = Duration::from_millis;
        let up_to = |rng: &mut Rng| millis(if real_time { rng.u64(0..300) } else { rng.u64(0..5_000) });
        Self {
            seed,
            real_time,
            actors: rng.usize(1..4),
            steps: rng.usize(5..60),
            deadline: if real_time { millis(100) } else { millis(rng.u64(200..3_000)) },
            connections: rng.usize(1..4),
            quota: (rng.u8(0..4) == 0).then(|| Quota::per_minute(rng.u32(60..60_000))),
            max_events: rng.usize(1..300),
            max_bytes: rng.usize(1_500..60_000),
            max_in_flight: rng.usize(1..65),
            max_age: *rng.choice([millis(200), millis(2_000), millis(30_000), millis(3_600_000)].iter()).expect("one"),
            max_attempts: rng.u32(1..8),
            overflow: if rng.bool() { Overflow::Refuse } else { Overflow::DropOldest },
            wait_for_room: rng.bool(),
            poison: *rng.choice([0, 0, 5, 20, 50].iter()).expect("one"),
            hook_panics: rng.u64(5..50),
            hook_enqueues: rng.u64(3..10),
            end: match rng.u8(0..8) {
                0..3 => End::Flush,
                3..5 => End::Shutdown(up_to(&mut rng)),
                5..7 => End::Shutdowns(up_to(&mut rng), up_to(&mut rng)),
                _ => End::Drop,
            },
        }
    }
}
