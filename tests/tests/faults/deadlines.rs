//! How long an attempt may take, and an event in all.

use std::time::Duration;

use talent_events::delivery::Undelivered;
use talent_events::{Track, Tracker};
use tokio::time::Instant;

use crate::run::{Result, assert_adds_up, client_of, opened, watched};
use talent_events_tests_service::{Service, Then};

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_and_so_does_an_event() -> Result {
    let server = Service::start(|_| Then::Hang).await?;
    let client = client_of(&server).deadline(Duration::from_millis(300)).connect().await?;
    let tracker = Tracker::builder().max_age(Duration::from_secs(5)).max_in_flight(1).spawn(client)?;
    let begun = Instant::now();
    let mut tickets = Vec::new();
    for number in 0..50 {
        tickets.push(opened(number).track(&tracker).await?);
    }
    let stats = watched(&tracker, tracker.flush()).await?;
    let took = begun.elapsed();
    assert_eq!((stats.expired, stats.delivered, stats.waiting), (50, 0, 0), "{stats:?}");
    // The age, an attempt that was under way then, and the steps in which ages are counted.
    let most = Duration::from_secs(5) + Duration::from_millis(300 + 100);
    assert!(took >= Duration::from_secs(5) && took <= most, "{took:?}");
    // Each attempt was given up in time for others: with one at a time, they would else have been one.
    assert!(server.calls() > 3 && stats.retried > 3, "{} calls, {stats:?}", server.calls());
    for ticket in tickets {
        assert!(matches!(ticket.await, Err(Undelivered::Expired(_))));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_event_that_fails_while_others_do_not_is_given_up() -> Result {
    // Every tenth call fails, which is not enough to call the service unavailable.
    let server = Service::start(|call| match call.number % 10 {
        9 => Then::Status("14"),
        _ => Then::Answer,
    })
    .await?;
    let tracker = Tracker::builder().max_attempts(1).spawn(client_of(&server).connect().await?)?;
    (0..500).try_for_each(|number| tracker.enqueue(&opened(number)))?;
    let stats = watched(&tracker, tracker.flush()).await?;
    assert_adds_up(&stats);
    // Fifty fail, and are sent again after others were delivered: of these fifty calls every tenth fails, too.
    assert_eq!((stats.delivered, stats.expired, stats.retried), (495, 5, 50), "{stats:?}");
    assert_eq!(server.events(), stats.delivered);
    Ok(())
}
