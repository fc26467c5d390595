#![deny(unused_must_use)]

use std::time::Duration;

use talent_events::Tracker;

async fn end(tracker: Tracker) {
    tracker.shutdown(Duration::from_secs(10)).await;
}

fn main() {}
