//! What holds in every storm.

use std::collections::BTreeSet;
use std::time::Duration;

use talent_events::delivery::{Stats, Undelivered};
use tokio::time::timeout;

use super::operations::{Known, Storm, Told, lock};
use super::plan::Plan;
use crate::run::assert_adds_up;

/// At every look.
pub(super) fn adds_up(stats: &Stats, plan: &Plan) {
    assert_adds_up(stats);
    assert!(stats.in_flight <= stats.waiting, "{stats:?}");
    assert!(stats.waiting <= plan.max_events as u64 && stats.waiting_bytes <= plan.max_bytes as u64, "{stats:?}");
}

/// All that was accepted before a flush has its fate when it ends; `running` says whether there was a delivery until then.
pub(super) fn flushed(storm: &Storm, covered: &BTreeSet<u64>, running: bool) {
    if !running {
        return;
    }
    let told = lock(&storm.told);
    let open: Vec<_> = covered.iter().filter(|n| !told.fates.contains_key(n) && !storm.memory.has(**n)).collect();
    assert!(open.is_empty(), "a flush ended before {open:?} had a fate");
}

/// After a shutdown: the hook, the reports, the accounts and the service agree.
pub(super) fn all_have_one_fate(storm: &Storm, stats: &Stats) {
    let (known, told) = (lock(&storm.known), lock(&storm.told));
    told_once(&known, &told);
    rejections_were_the_services(storm, &told);
    let mut handed_back = BTreeSet::new();
    known.reports.iter().for_each(assert_adds_up);
    for &(number, in_doubt) in &known.handed_back {
        assert!(handed_back.insert(number), "{number} was handed back twice");
        assert!(known.accepted.contains(&number), "{number} was handed back, and never accepted");
        assert!(!told.fates.contains_key(&number), "{number} was handed back, and the hook was told");
        assert!(in_doubt || !storm.memory.has(number), "the service has {number}, and it is not in doubt");
    }
    let delivered: Vec<_> =
        known.accepted.iter().filter(|n| !told.fates.contains_key(n) && !handed_back.contains(n)).collect();
    let never: Vec<_> = delivered.iter().filter(|n| !storm.memory.has(***n)).collect();
    assert!(never.is_empty(), "{never:?} left the queue as delivered, and the service never had them");

    let by = |which: fn(&Undelivered) -> bool| told.fates.values().filter(|why| which(why)).count() as u64;
    let expected = [
        ("accepted", stats.accepted, known.accepted.len() as u64),
        ("delivered", stats.delivered, delivered.len() as u64),
        ("rejected", stats.rejected, by(|why| matches!(why, Undelivered::Rejected(_)))),
        ("expired", stats.expired, by(|why| matches!(why, Undelivered::Expired(_) | Undelivered::Exhausted(_)))),
        ("overflow", stats.dropped.overflow, by(|why| matches!(why, Undelivered::Overflow))),
        ("abandoned", stats.dropped.abandoned, by(|why| matches!(why, Undelivered::Abandoned))),
        ("waiting", stats.waiting, handed_back.len() as u64),
        ("in flight", stats.in_flight, 0),
        ("refused", stats.refused.total(), known.refused),
        ("hook panics", stats.hook_panics, told.panics),
        ("restarts", stats.worker_restarts, 0),
    ];
    for (what, said, is) in expected {
        assert_eq!(said, is, "{what}: {stats:?}");
    }
}

/// After a tracker was dropped: the hook, the reports and the service agree.
pub(super) fn all_have_a_fate(storm: &Storm) {
    let lost = without_a_fate(storm);
    assert!(lost.is_empty(), "{lost:?} were lost without a word");
    let (known, told) = (lock(&storm.known), lock(&storm.told));
    told_once(&known, &told);
    rejections_were_the_services(storm, &told);
}

pub(super) fn without_a_fate(storm: &Storm) -> Vec<u64> {
    let (known, told) = (lock(&storm.known), lock(&storm.told));
    let has_fate = |n: &u64| told.fates.contains_key(n) || storm.memory.has(*n) || is_handed_back(&known, *n);
    known.accepted.iter().copied().filter(|n| !has_fate(n)).collect()
}

fn is_handed_back(known: &Known, number: u64) -> bool {
    known.handed_back.iter().any(|(handed_back, _)| *handed_back == number)
}

fn told_once(known: &Known, told: &Told) {
    assert!(told.twice.is_empty(), "the hook was told twice of {:?}", told.twice);
    let invented: Vec<_> = told.fates.keys().filter(|n| !known.accepted.contains(n)).collect();
    assert!(invented.is_empty(), "the hook was told of {invented:?}, which were never accepted");
}

fn rejections_were_the_services(storm: &Storm, told: &Told) {
    for (number, why) in &told.fates {
        if let Undelivered::Rejected(error) = why {
            assert!(storm.memory.has_refused(*number), "{number} was rejected, and not by the service: {error}");
        }
    }
}

/// A ticket says the same as the hook and the report. It is always settled by now.
pub(super) async fn tickets_agree(storm: &Storm) {
    let tickets = std::mem::take(&mut lock(&storm.known).tickets);
    for (number, ticket) in tickets {
        let said = timeout(Duration::from_secs(60), ticket).await.unwrap_or_else(|_| panic!("no fate for {number}"));
        let told = lock(&storm.told).fates.get(&number).cloned();
        let is_handed_back = is_handed_back(&lock(&storm.known), number);
        let agree = match (&said, &told) {
            (Ok(()), None) => !is_handed_back && storm.memory.has(number),
            (Err(Undelivered::HandedBack), None) => is_handed_back,
            (Err(said), Some(told)) => std::mem::discriminant(said) == std::mem::discriminant(told),
            _ => false,
        };
        assert!(agree, "{number}: the ticket says {said:?}, the hook {told:?}, handed back: {is_handed_back}");
    }
}
