//! One function a rule.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::JobEventType;
use crate::delivery::{EventStore, Leadership, Outcome, Priority, Settlement, StoreError};

use super::StoreFixture;
use super::polled::polled;
use super::subject::{LONG, Subject, dead, event, lost, number, numbers, standby};

pub(super) async fn events_come_in_order<F: StoreFixture>() {
    let mut subject = Subject::<F>::new().await;
    let types = [JobEventType::View, JobEventType::Hired, JobEventType::Impression];
    for number in 0..30 {
        subject.insert(types[number % types.len()]).await;
    }
    let lease = subject.lead().await;
    let mut positions = BTreeSet::new();
    for (priority, first) in [(Priority::High, 2), (Priority::Normal, 1), (Priority::Low, 3)] {
        let mut numbers = Vec::new();
        while numbers.len() < 10 {
            let batch = subject.fetch(lease, priority, 4).await;
            assert!(!batch.is_empty() && batch.len() <= 4, "`fetch` of 4 events: found {}", batch.len());
            for stored in &batch {
                assert!(positions.insert(stored.position), "position {} was handed out twice", stored.position);
                assert_eq!((stored.attempts, stored.in_doubt), (0, false), "an event that was not tried");
                let expected = event(number(stored), stored.event.event_type());
                assert_eq!(stored.event.as_bytes(), expected.as_bytes(), "the event as it was stored");
                assert_eq!(stored.event.tenant(), expected.tenant(), "the event's tenant");
            }
            assert!(batch.is_sorted_by_key(|stored| stored.position), "by position");
            numbers.extend(batch.iter().map(number));
        }
        let expected: Vec<u64> = (0..10).map(|n| first + 3 * n).collect();
        assert_eq!(numbers, expected, "{priority:?} events in the order in which they were stored");
    }
    assert!(subject.fetch_all(lease).await.is_empty(), "an event is handed out once under a lease");

    // What comes while a fetch waits is found by it, or by the next.
    subject.insert(JobEventType::Hired).await;
    assert_eq!(subject.fetch_numbers(lease, 1).await, BTreeSet::from([31]));
}

pub(super) async fn one_leads<F: StoreFixture>() {
    let subject = Subject::<F>::new().await;
    let other = subject.fixture.open().await;
    let lease = subject.lead().await;
    let first = standby(other.lead(None).await);
    assert_eq!(first.lease, lease, "the heartbeat is the leader's");
    subject.store.renew(lease).await.expect("`renew` by the leader");
    let second = standby(other.lead(Some(first)).await);
    assert_ne!(first, second, "`renew` moves the heartbeat");
    assert_eq!(second.lease, lease, "`renew` keeps the lease");

    // Another process takes over, and the first one is not the leader any more.
    let Ok(Leadership::Leader(next)) = other.lead(Some(second)).await else {
        panic!("`lead` with the present heartbeat: expected a lease")
    };
    assert!(next > lease, "a lease only grows: found {next:?} after {lease:?}");
    lost("renew", subject.store.renew(lease).await);
    lost("fetch", subject.store.fetch(lease, Priority::High, 1).await);
    subject.store.release(lease).await.expect("`release` of a lease that is lost does nothing");
    other.renew(next).await.expect("`release` of an earlier lease ends no later one");

    other.release(next).await.expect("`release` by the leader");
    let last = subject.lead().await;
    assert!(last > next, "a lease only grows: found {last:?} after {next:?}");
    standby(other.lead(Some(second)).await);
}

pub(super) async fn a_delivered_event_is_settled_for_good<F: StoreFixture>() {
    let mut subject = Subject::<F>::new().await;
    subject.insert_views(5).await;
    let lease = subject.lead().await;
    let all = subject.fetch_all(lease).await;
    let delivered: Vec<_> =
        all.iter().take(3).map(|stored| Settlement::new(stored.position, Outcome::Delivered)).collect();
    for _ in 0..2 {
        subject.settle(lease, &delivered).await;
    }
    let next = subject.take_over().await;
    assert_eq!(numbers(&subject.fetch_all(next).await), [4, 5], "a delivered event is not handed out again");
    subject.settle(next, &delivered).await;
    assert!(subject.fixture.dead_letters().await.is_empty(), "a delivered event is no dead letter");
}

pub(super) async fn an_earlier_leader_is_fenced_off<F: StoreFixture>() {
    let mut subject = Subject::<F>::new().await;
    subject.insert_views(4).await;
    let earlier = subject.lead().await;
    let all = subject.fetch_all(earlier).await;
    let lease = subject.take_over().await;
    let later = Outcome::Later { after: Duration::from_secs(3_600), attempts: 9, in_doubt: true };
    let outcomes: Vec<_> = all.iter().map(|s| s.position).zip([later, dead(), Outcome::Delivered]).collect();
    let outcomes: Vec<_> = outcomes.into_iter().map(|(position, outcome)| Settlement::new(position, outcome)).collect();
    lost("settle", subject.store.settle(earlier, &outcomes).await);
    let again = subject.fetch_all(lease).await;
    assert_eq!(numbers(&again), [1, 2, 4], "under an earlier lease an event is delivered, and neither later nor dead");
    assert!(again.iter().all(|s| s.attempts == 0 && !s.in_doubt), "an earlier leader sets no marks");
    assert!(subject.fixture.dead_letters().await.is_empty(), "an earlier leader gives no event up");

    // What is delivered meanwhile by the earlier one is not handed out again.
    let delivered = [Settlement::new(again[0].position, Outcome::Delivered)];
    match subject.store.settle(earlier, &delivered).await {
        Ok(()) | Err(StoreError::LeaseLost) => {}
        Err(other) => panic!("`settle` of a delivered event under an earlier lease: {other}"),
    }
    let last = subject.take_over().await;
    assert_eq!(numbers(&subject.fetch_all(last).await), [2, 4], "delivered is stored under any lease");
}

pub(super) async fn marks_survive<F: StoreFixture>() {
    const SOON: Duration = Duration::from_millis(300);
    /// Clocks differ in their grain.
    const GRAIN: Duration = Duration::from_millis(20);
    let mut subject = Subject::<F>::new().await;
    subject.insert_views(3).await;
    let lease = subject.lead().await;
    let all = subject.fetch_all(lease).await;
    let later = |after, attempts, in_doubt| Outcome::Later { after, attempts, in_doubt };
    let outcomes = [
        Settlement::new(all[0].position, later(SOON, 3, true)),
        Settlement::new(all[1].position, later(Duration::from_secs(3_600), 1, false)),
        Settlement::new(all[2].position, later(Duration::ZERO, 2, false)),
    ];
    let settled_at = Instant::now();
    subject.settle(lease, &outcomes).await;
    let mut found = Vec::new();
    let both = timeout(LONG, async {
        while found.len() < 2 {
            for stored in subject.fetch(lease, Priority::Normal, 10).await {
                if number(&stored) == 1 {
                    assert!(settled_at.elapsed() + GRAIN >= SOON, "not before it is due");
                }
                found.push((number(&stored), stored.attempts, stored.in_doubt));
            }
        }
    });
    both.await.unwrap_or_else(|_| panic!("an event that is due is handed out again: found {found:?}"));
    found.sort_unstable();
    assert_eq!(found, [(1, 3, true), (3, 2, false)], "attempts and doubt survive");

    let next = subject.take_over().await;
    let again = subject.fetch_all(next).await;
    let mut found: Vec<_> = again.iter().map(|s| (number(s), s.attempts, s.in_doubt)).collect();
    found.sort_unstable();
    assert_eq!(found, [(1, 3, true), (3, 2, false)], "marks survive a new lease, and so does the time when it is due");
    assert!(again.iter().all(|stored| stored.age + GRAIN >= SOON), "the age is the time since the event was stored");
}

pub(super) async fn a_dead_letter_is_kept_with_its_reason<F: StoreFixture>() {
    let mut subject = Subject::<F>::new().await;
    subject.insert_views(2).await;
    let lease = subject.lead().await;
    let all = subject.fetch_all(lease).await;
    for _ in 0..2 {
        subject.settle(lease, &[Settlement::new(all[0].position, dead())]).await;
    }
    let letters = subject.fixture.dead_letters().await;
    assert_eq!(letters, [(all[0].event.event_id().to_owned(), "rejected".to_owned())], "one dead letter, once");
    let next = subject.take_over().await;
    assert_eq!(numbers(&subject.fetch_all(next).await), [2], "a dead letter is not handed out again");
}

pub(super) async fn a_new_leader_gets_all_that_is_not_settled<F: StoreFixture>() {
    let mut subject = Subject::<F>::new().await;
    subject.insert_views(10).await;
    let lease = subject.lead().await;
    let some = subject.fetch(lease, Priority::Normal, 5).await;
    let outcomes: Vec<_> = some.iter().take(2).map(|s| Settlement::new(s.position, Outcome::Delivered)).collect();
    subject.settle(lease, &outcomes).await;
    subject.store.release(lease).await.expect("`release` by the leader");
    let next = subject.lead().await;
    assert_eq!(subject.fetch_numbers(next, 8).await, (3..=10).collect(), "what a released lease had, and the rest");
    let last = subject.take_over().await;
    assert_eq!(subject.fetch_numbers(last, 8).await, (3..=10).collect(), "what a lost lease had");
}

pub(super) async fn a_late_commit_is_found<F: StoreFixture>() {
    let mut subject = Subject::<F>::new().await;
    let late = subject.begin(JobEventType::View).await;
    let never = subject.begin(JobEventType::View).await;
    subject.insert_views(300).await;
    let lease = subject.lead().await;
    // Nothing waits for the oldest transaction.
    assert_eq!(subject.fetch_numbers(lease, 300).await, (3..=302).collect(), "events behind an open transaction");
    drop(never);
    subject.fixture.commit(late).await;
    assert_eq!(subject.fetch_numbers(lease, 1).await, BTreeSet::from([1]), "the event of a late commit");

    // Also if all that came after it is settled, and the store has forgotten that.
    let late = subject.begin(JobEventType::View).await;
    subject.insert_views(300).await;
    let lease = subject.take_over().await;
    let all = subject.fetch_some(lease, 601).await;
    let delivered: Vec<_> = all.iter().map(|s| Settlement::new(s.position, Outcome::Delivered)).collect();
    subject.settle(lease, &delivered).await;
    subject.fixture.commit(late).await;
    assert_eq!(subject.fetch_numbers(lease, 1).await, BTreeSet::from([303]), "the event of a commit later still");
}

pub(super) async fn nothing_is_lost_at_any_await<F: StoreFixture>() {
    const EVENTS: u64 = 20;
    // Each method is dropped after so many polls, until it ends before that.
    for polls in 0..200 {
        let mut subject = Subject::<F>::new().await;
        subject.insert_views(EVENTS).await;
        let mut ended = true;
        ended &= polled(subject.store.lead(None), polls).await.is_some();
        // Who leads is not known, if it was dropped.
        let lease = match subject.store.lead(None).await {
            Ok(Leadership::Leader(lease)) => lease,
            _ => subject.take_over().await,
        };
        ended &= polled(subject.store.renew(lease), polls).await.is_some();
        ended &= polled(subject.store.fetch(lease, Priority::Normal, 7), polls).await.is_some();
        ended &= polled(subject.store.fetch(lease, Priority::Normal, 7), polls).await.is_some();
        let lease = subject.take_over().await;
        assert_eq!(
            subject.fetch_numbers(lease, EVENTS as usize).await,
            (1..=EVENTS).collect(),
            "after a dropped `fetch`"
        );

        let lease = subject.take_over().await;
        let all = subject.fetch_some(lease, EVENTS as usize).await;
        let outcomes: Vec<_> = all.iter().take(5).map(|s| Settlement::new(s.position, Outcome::Delivered)).collect();
        ended &= polled(subject.store.settle(lease, &outcomes), polls).await.is_some();
        subject.settle(lease, &outcomes).await;
        ended &= polled(subject.store.release(lease), polls).await.is_some();
        let lease = match subject.store.lead(None).await {
            Ok(Leadership::Leader(lease)) => lease,
            _ => subject.take_over().await,
        };
        let left = subject.fetch_numbers(lease, EVENTS as usize - 5).await;
        assert_eq!(left, (6..=EVENTS).collect(), "after a dropped `settle` and `release`");
        if ended {
            return;
        }
    }
    panic!("a method that takes 200 polls");
}
