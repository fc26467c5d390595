//! From the app's struct to the bytes that travel: the derive, beside prost by hand.
//!
//! By hand means to fill prost's struct and encode it, without the checks that the derive's code makes. Time is the CPU
//! time of the thread. What is allocated is counted by `memory`, since counting takes time.

use std::error::Error;
use std::hint::black_box;

use talent_events_benches::sample::{Viewed, tenant};
use talent_events_benches::{Goal, Table, interleaved, thread_cpu};

const EVENTS: usize = 1_000;
const PASSES: usize = 200;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let tenant = tenant()?;
    let events = Viewed::several(EVENTS)?;
    let [ours, encoded, mapped] = interleaved(|subject| {
        let before = thread_cpu()?;
        for _ in 0..PASSES {
            match subject {
                0 => events.iter().for_each(|event| drop(black_box(black_box(event).encoded(&tenant)))),
                1 => events.iter().for_each(|event| drop(black_box(black_box(event).encoded_by_hand()))),
                _ => events.iter().for_each(|event| drop(black_box(black_box(event).by_hand()))),
            }
        }
        let spent = thread_cpu()? - before;
        Ok::<_, Box<dyn Error + Send + Sync>>(spent.as_secs_f64() * 1e9 / (EVENTS * PASSES) as f64)
    })?;

    let mut table = Table::default();
    table.row("derive → bytes, beside map + encode by hand", "ns", ours, encoded, Some(Goal::AtMost(0.65)));
    table.row("the same, beside map by hand alone", "ns", ours, mapped, None);
    print!("{table}");
    Ok(())
}
