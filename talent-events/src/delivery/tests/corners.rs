//! What only comes together by chance, each found by somebody who looked for it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, sleep};

use super::fake::{Fake, Then, Told, enqueue};
use super::support::{event, event_of, limits, take, tenant};
use crate::delivery::backlog::{Backlog, Limits};
use crate::delivery::hook::Hook;
use crate::delivery::ticket::ticket;
use crate::delivery::wait::{closed, flushed};
use crate::delivery::{Overflow, Quota, Tracker, Undelivered};
use crate::{Destination, JobEventType};

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("told to");
    }
}

fn panics() -> Waker {
    Waker::from(Arc::new(Panics))
}

#[tokio::test(start_paused = true)]
async fn trackers_with_one_event_each_keep_the_quota() {
    let fake = Fake::with(Some(Quota::per_minute(1)));
    let trackers: Vec<_> = (0..10).map(|_| fake.tracker()).collect();
    trackers.iter().for_each(|tracker| enqueue(tracker, 0..1));
    let begun = Instant::now();
    sleep(Duration::from_secs(1_200)).await;
    let at: Vec<_> = fake.state().attempts.iter().map(|(_, at)| (*at - begun).as_secs()).collect();
    assert!(at.len() == 10 && at.windows(2).all(|pair| pair[1] - pair[0] >= 59), "{at:?}");
}

#[tokio::test(start_paused = true)]
async fn trackers_share_a_fast_quota_in_full() {
    let fake = Fake::with(Some(Quota::per_minute(600_000)));
    let builder = || Tracker::builder().max_events(60_000).max_in_flight(2_000);
    let trackers = [fake.tracker_by(builder()), fake.tracker_by(builder())];
    trackers.iter().for_each(|tracker| enqueue(tracker, 0..60_000));
    sleep(Duration::from_secs(5)).await;
    assert!((45_000..=51_000).contains(&fake.attempts()), "{}", fake.attempts());
}

#[tokio::test(start_paused = true)]
async fn in_a_hook_nobody_waits_for_room() {
    let fake = Fake::new();
    let (own, seen) = (Arc::new(OnceLock::<Tracker>::new()), Arc::new(Mutex::new(None)));
    let hook = {
        let (own, seen) = (Arc::clone(&own), Arc::clone(&seen));
        move |event_of_it: &crate::EncodedEvent, _: &Undelivered| {
            let tracker = own.get().unwrap();
            while tracker.enqueue_encoded(event(7, JobEventType::View)).is_ok() {}
            *seen.lock().unwrap() = Some(tracker.deliver(event_of_it.clone()).now_or_never().map(|told| told.is_err()));
        }
    };
    let builder = Tracker::builder().max_events(2).wait_for_room().on_undelivered(hook);
    let tracker = own.get_or_init(|| fake.tracker_by(builder));
    fake.state().next.push_back(Then::Rejected);
    enqueue(tracker, 0..1);
    tracker.flush().await;
    assert_eq!(*seen.lock().unwrap(), Some(Some(true)));
}

#[tokio::test(start_paused = true)]
async fn a_hire_takes_the_place_of_what_came_back() {
    let fake = Fake::new();
    let builder = Tracker::builder().max_events(1).overflow(Overflow::DropOldest).wait_for_room();
    let tracker = fake.tracker_by(builder);
    fake.always(Then::NotPermitted);
    tracker.enqueue_encoded(event(0, JobEventType::Impression)).unwrap();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(tracker.stats().in_flight, 1);
    let hire = tokio::spawn({
        let tracker = tracker.clone();
        async move { tracker.deliver(event(1, JobEventType::Hired)).await.map(drop) }
    });
    sleep(Duration::from_secs(3_600)).await;
    assert!(hire.is_finished());
    assert_eq!(tracker.stats().dropped.overflow, 1);
}

#[test]
fn of_two_that_are_woken_one_may_panic() {
    let (queue, now) = (Backlog::new(tenant(), limits(10), Hook::default()), Instant::now());
    queue.push_event(event(0, JobEventType::View), None, None, now).expect("room");
    let (mut one, mut two) = (Box::pin(flushed(&queue)), Box::pin(flushed(&queue)));
    let woken = Arc::new(Woken::default());
    assert!(one.as_mut().poll(&mut Context::from_waker(&panics())).is_pending());
    assert!(two.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::clone(&woken)))).is_pending());
    queue.settle(take(&queue, now), Ok(()), now);
    assert!(woken.0.load(Relaxed));
}

#[test]
fn a_tickets_waker_that_panics_keeps_no_letter_back() {
    let told = Told::default();
    let (queue, now) = (Backlog::new(tenant(), limits(10), Hook::new(told.hook())), Instant::now());
    let ((mut first, slot), (second, other)) = (ticket(), ticket());
    let within = Some(Duration::from_secs(1));
    queue.push_event(event(0, JobEventType::View), Some(slot), within, now).expect("room");
    queue.push_event(event(1, JobEventType::View), Some(other), within, now).expect("room");
    assert!(first.poll_unpin(&mut Context::from_waker(&panics())).is_pending());
    queue.look(now + Duration::from_secs(5));
    assert_eq!(told.numbers(), [0, 1]);
    assert!(second.now_or_never().is_some());
}

#[test]
fn a_stop_is_one_though_a_waker_panics() {
    let (queue, now) = (Backlog::new(tenant(), limits(1), Hook::default()), Instant::now());
    let (ticket, slot) = ticket();
    queue.push_event(event(0, JobEventType::View), Some(slot), None, now).expect("room");
    let mut push = Box::pin(queue.push_event_when_room(event(1, JobEventType::View)));
    assert!(push.as_mut().poll(&mut Context::from_waker(&panics())).is_pending());
    queue.stop();
    assert!(flushed(&queue).now_or_never().is_some() && closed(&queue).now_or_never().is_some());
    assert!(ticket.now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn tickets_whose_wakers_panic_end_nothing() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(64));
    let mut tickets = Vec::new();
    for number in 0..100 {
        let mut ticket = tracker.deliver(event(number, JobEventType::View)).await.unwrap();
        let _ = ticket.poll_unpin(&mut Context::from_waker(&panics()));
        tickets.push(ticket);
    }
    enqueue(&tracker, 100..200);
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.worker_restarts, fake.attempts()), (200, 0, 200));
}

#[tokio::test(start_paused = true)]
async fn a_hooks_panic_may_panic_when_it_is_dropped() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("told to");
            }
        }
    }

    let fake = Fake::new();
    fake.state().next.extend([Then::Rejected; 3]);
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(|_, _| std::panic::panic_any(Bomb)));
    enqueue(&tracker, 0..20);
    let stats = tracker.flush().await;
    assert_eq!((stats.rejected, stats.hook_panics, stats.worker_restarts), (3, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn what_got_no_answer_is_in_doubt_though_it_waits() {
    let fake = Fake::new();
    fake.state().next.push_back(Then::Hang);
    fake.always(Then::NotPermitted);
    let tracker = fake.tracker();
    enqueue(&tracker, 0..1);
    sleep(Duration::from_secs(62)).await;
    let report = tracker.shutdown(Duration::ZERO).await;
    assert_eq!((report.remaining.len(), report.remaining.in_doubt()), (1, 1));
}

/// Waiting by bytes is not quadratic: each task is woken once.
#[test]
fn a_task_that_waits_for_room_is_woken_once() {
    #[derive(Default)]
    struct Times(std::sync::atomic::AtomicUsize);
    impl Wake for Times {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    let (queue, now) = (Backlog::new(tenant(), limits(2), Hook::default()), Instant::now());
    (0..2).for_each(|number| queue.push_event(event(number, JobEventType::View), None, None, now).expect("room"));
    let times = Arc::new(Times::default());
    let waker = Waker::from(Arc::clone(&times));
    let mut cx = Context::from_waker(&waker);
    let mut pushes: Vec<_> =
        (0..500).map(|number| Box::pin(queue.push_event_when_room(event(number, JobEventType::View)))).collect();
    assert!(pushes.iter_mut().all(|push| push.as_mut().poll(&mut cx).is_pending()));
    for (done, push) in pushes.iter_mut().enumerate() {
        queue.settle(take(&queue, now), Ok(()), now);
        assert_eq!(times.0.load(Relaxed), done + 1);
        assert!(push.as_mut().poll(&mut cx).is_ready());
    }
}

#[test]
fn as_many_as_it_takes_expire_for_one_that_is_large() {
    let [small, large] = [0, 900].map(|notes| event_of(1, JobEventType::Hired, notes));
    let weight = |event: &crate::EncodedEvent| event.as_bytes().len() + 40;
    // Room for 300 small ones, of which all but two are to go.
    let bytes = weight(&small) * 300;
    let job = |number: usize| tenant().job(format!("{number:0>90}")).expect("a job id");
    let mut several = large.to_client_event();
    several.job_event.r#type = JobEventType::Impression;
    several.job_event.jobs = (0..(bytes - 3 * weight(&large)) / 130).map(job).collect();
    let large = crate::EncodedEvent::from_client_event(&several, &tenant()).expect("a valid event");
    let limits = Limits { bytes, ..limits(10_000) };
    let (queue, now) = (Backlog::new(tenant(), limits, Hook::default()), Instant::now());
    while queue.push_event(small.clone(), None, Some(Duration::from_secs(1)), now).is_ok() {}
    queue.push_event(large, None, None, now + Duration::from_secs(10)).expect("room is made");
    assert!(queue.stats().expired > 128, "{:?}", queue.stats());
}
