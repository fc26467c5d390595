//! Connections that end, and those beside them.

use std::time::Duration;

use talent_events::{Track, TrackError, Tracker};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use crate::run::{EVENTS, Result, client_of, feed, no_more_tasks_than, opened, watched};
use talent_events_tests_service::{Call, Service, Then};

#[tokio::test(start_paused = true)]
async fn a_server_that_restarts_is_found_again() -> Result {
    let before = Handle::current().metrics().num_alive_tasks();
    // An address of this test's own, so that nobody takes the port meanwhile.
    let mut server = Service::start_at("127.77.0.3:0".parse()?, |_| Then::Answer).await?;
    let address = server.address();
    let tracker = Tracker::spawn(client_of(&server).connections(3).connect().await?)?;
    for restart in 0..5 {
        watched(&tracker, feed(&tracker)).await??;
        assert!(server.calls() > 0);
        server.stop().await;
        watched(&tracker, sleep(Duration::from_secs(restart * 10))).await?;
        server = Service::start_at(address, |_| Then::Answer).await?;
        let stats = watched(&tracker, tracker.flush()).await?;
        assert_eq!((stats.waiting, stats.delivered), (0, (restart + 1) * EVENTS), "{stats:?}");
    }
    drop(tracker);
    server.stop().await;
    no_more_tasks_than(before).await
}

/// One of four says nothing any more. The others do not wait for it, and it is replaced.
#[tokio::test(start_paused = true)]
async fn a_dying_connection_does_not_hold_up_the_others() -> Result {
    let script = |call: &Call| if call.connection == 0 && call.number > 40 { Then::HalfOpen } else { Then::Answer };
    let server = Service::start(script).await?;
    // As long as by default.
    let client = client_of(&server).connections(4).deadline(Duration::from_secs(30)).connect().await?;
    let tracker = Tracker::spawn(client)?;
    let begun = Instant::now();
    watched(&tracker, async {
        for number in 0..5_000 {
            tracker.enqueue(&opened(number))?;
        }
        while tracker.stats().delivered < 4_900 {
            sleep(Duration::from_millis(1)).await;
        }
        Result::Ok(())
    })
    .await??;
    // Long before the first call by the dead one is given up.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let stats = watched(&tracker, tracker.flush()).await?;
    assert_eq!((stats.delivered, server.events()), (5_000, 5_000), "{stats:?}");

    // Asked by pings whether it is alive, it was found dead: there are four again when the new one is not passed over any
    // more, and none has more to do.
    sleep(Duration::from_secs(2)).await;
    server.loads();
    watched(&tracker, feed(&tracker)).await??;
    watched(&tracker, tracker.flush()).await?;
    let loads = server.loads();
    assert!(loads.len() == 4 && loads.values().all(|&load| load > EVENTS / 8), "{loads:?}");
    assert_eq!(server.connections(), 5);
    Ok(())
}

/// Two calls time out in silence, and the third is answered after that.
#[tokio::test(start_paused = true)]
async fn a_replaced_connection_keeps_its_calls_in_flight() -> Result {
    let server = Service::start(|call| match call.number {
        1 | 2 => Then::Hang,
        3 => Then::Late(Duration::from_millis(1_500)),
        _ => Then::Answer,
    })
    .await?;
    // Its deadline is 2 s.
    let client = client_of(&server).connect().await?;
    opened(0).track(&client).await?;
    let late = async {
        sleep(Duration::from_secs(1)).await;
        opened(3).track(&client).await
    };
    let (first, second, late) =
        tokio::join!(opened(1).track(&client).into_future(), opened(2).track(&client).into_future(), late);
    for error in [first.unwrap_err(), second.unwrap_err()] {
        assert!(matches!(error, TrackError::TimedOut { .. }), "{error:?}");
    }
    late?;
    opened(4).track(&client).await?;
    assert_eq!((server.connections(), server.events()), (2, 3));
    Ok(())
}
