//! One way to fail after the other.

use std::time::Duration;

use h2::Reason;

use crate::run::{Result, survived};
use talent_events_tests_service::Then;

/// A test for each, with one connection and with several.
macro_rules! survives {
    ($($name:ident: $($then:expr),+;)+) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() -> Result {
            for fault in [$($then),+] {
                survived(fault, 1).await?;
                survived(fault, 3).await?;
            }
            Ok(())
        }
    )+};
}

survives! {
    latency: Then::Late(Duration::from_millis(900));
    answers_behind_the_deadline: Then::Late(Duration::from_secs(10));
    no_answer: Then::Hang;
    unavailable: Then::Status("14");
    other_statuses_that_say_nothing_of_the_event: Then::Status("1"), Then::Status("2"), Then::Status("10"), Then::Status("13");
    over_quota: Then::Status("8");
    not_permitted: Then::Status("16"), Then::Status("7");
    a_status_that_is_none: Then::Status("banana"), Then::Status(""), Then::Status("99");
    rst_stream: Then::ResetStream(Reason::INTERNAL_ERROR), Then::ResetStream(Reason::REFUSED_STREAM), Then::ResetStream(Reason::CANCEL), Then::ResetStream(Reason::ENHANCE_YOUR_CALM), Then::ResetStream(Reason::NO_ERROR);
    rst_stream_midway: Then::ResetMidway;
    no_trailers: Then::NoTrailers;
    trailers_without_a_status: Then::NoStatus;
    ok_without_a_message: Then::Empty;
    giant_headers: Then::GiantHeader(20 << 10), Then::GiantHeader(100 << 10);
    giant_trailers: Then::GiantTrailer(20 << 10), Then::GiantTrailer(100 << 10);
    a_message_without_end: Then::Announce(1 << 10), Then::Announce(u32::MAX);
    a_message_compressed_without_asking: Then::Compressed;
    goaway: Then::GoAway(Reason::NO_ERROR), Then::GoAway(Reason::INTERNAL_ERROR), Then::GoAway(Reason::ENHANCE_YOUR_CALM);
    goaway_of_a_server_that_leaves: Then::Leave;
    tcp_reset: Then::Reset;
    half_open: Then::HalfOpen;
}
