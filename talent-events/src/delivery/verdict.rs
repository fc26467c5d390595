//! What follows from the end of one call: the whole policy, as a function of the answer, the event's history, and what is
//! known of other events.
//!
//! | answer | follows | to the throttle it is |
//! |---|---|---|
//! | OK | delivered | accepted |
//! | `ALREADY_EXISTS` after an attempt in doubt | delivered | accepted |
//! | `NOT_FOUND`, the first, or without evidence | retry | a failure |
//! | `NOT_FOUND`, the second, with evidence | rejected | a failure |
//! | another refusal of the event | rejected | accepted |
//! | `RESOURCE_EXHAUSTED` | retry; never counts | nothing |
//! | the connection ended | retry; counts with evidence | one failure for all calls that it carried |
//! | any other failure | retry; counts with evidence | a failure |
//!
//! *Evidence* that a failure is the event's own: a call of another event was accepted that began after this event's
//! previous failure. A failure *counts* against `max_attempts` if there is evidence, and the call neither began nor ended in
//! an outage.
//!
//! `RESOURCE_EXHAUSTED` slows all events down until another event is accepted that was sent after this event's first failure.
//! From then on the refusals of this event delay it alone.

use std::sync::Arc;
use std::time::Duration;

use crate::TrackError;
use crate::track::{Code, Progress};

use super::Pause;
use super::backoff::Backoff;
use super::throttle::{CallNumber, LONGEST_PAUSE};

/// The wait after failures that count.
const COUNTED: Backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(60) };
/// The wait after failures that do not.
const UNCOUNTED: Backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(5) };
/// After so many counted failures that ended the connection, an event goes on a connection of its own.
const BREAKS_TO_ISOLATE: u32 = 2;

/// What an event went through so far.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// All failures.
    pub(super) failures: u32,
    /// Failures that counted.
    pub(super) counted: u32,
    /// Counted failures in a row that ended the connection under the call.
    pub(super) breaks: u32,
    /// The service may have the event from an earlier attempt.
    pub(super) in_doubt: bool,
    /// The last call that had begun when the event first failed, …
    pub(super) first_failed_at: Option<CallNumber>,
    /// … and when it failed last.
    pub(super) failed_at: Option<CallNumber>,
    /// The error of the last attempt.
    pub(super) last: Option<Arc<TrackError>>,
}

/// What is known of other events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Others {
    /// A call of another event was accepted that began after this event's previous failure.
    pub(super) evidence: bool,
    /// The same, since its first failure.
    pub(super) evidence_since_first: bool,
    /// There was an outage when the call began, or there is one now.
    pub(super) outage: bool,
}

/// What becomes of the event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    Delivered,
    Rejected,
    /// It failed `max_attempts` times.
    Exhausted,
    Retry(Retry),
}

/// The event is sent again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Retry {
    pub(super) counts: bool,
    /// It waits for so long, as the service asked, …
    pub(super) at_least: Duration,
    /// … and for a random part of this.
    pub(super) jitter: Duration,
    /// What the answer asks of all other events.
    pub(super) others: Asks,
}

/// What an answer asks of all other events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Asks {
    Nothing,
    /// To wait for so long.
    Pause(Duration),
    /// To be sent more slowly, and not before so long.
    SlowDown(Option<Duration>),
}

/// What an answer is to the throttle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Signal {
    Accepted,
    Failed(Pause),
    /// The connection ended under the call, and under all others that it carried.
    Disconnected,
    /// The quota is used up, which says nothing of the service.
    Neither,
}

/// What becomes of an event whose attempt ended so. `may_exist`: the service may have the event from an earlier attempt.
pub(super) fn verdict(
    outcome: Result<(), &TrackError>,
    history: &History,
    may_exist: bool,
    others: Others,
    max_attempts: u32,
) -> Verdict {
    let Err(error) = outcome else { return Verdict::Delivered };
    match error {
        TrackError::Rejected(why) if why.code == Code::AlreadyExists && may_exist => Verdict::Delivered,
        TrackError::Rejected(why) if why.code == Code::NotFound && !(others.evidence && was_not_found(history)) => {
            retry(error, history, others, max_attempts)
        }
        TrackError::Rejected(_) | TrackError::Invalid(_) => Verdict::Rejected,
        _ => retry(error, history, others, max_attempts),
    }
}

fn retry(error: &TrackError, history: &History, others: Others, max_attempts: u32) -> Verdict {
    let over_quota = matches!(error, TrackError::OverQuota { .. });
    let counts = others.evidence && !others.outage && !over_quota;
    if counts && history.counted + 1 >= max_attempts {
        return Verdict::Exhausted;
    }
    let jitter = match counts {
        true => COUNTED.bound(history.counted + 1),
        false => UNCOUNTED.bound(history.failures - history.counted + 1),
    };
    let asked = error.retry_after().map(|asked| asked.min(LONGEST_PAUSE));
    // The service asks this of the event if it accepts others meanwhile, else of everybody.
    let is_own = if over_quota { others.evidence_since_first } else { others.evidence };
    let (at_least, others) = match (is_own, over_quota, asked) {
        (true, _, asked) => (asked.unwrap_or_default(), Asks::Nothing),
        (false, true, asked) => (Duration::ZERO, Asks::SlowDown(asked)),
        (false, false, Some(asked)) => (Duration::ZERO, Asks::Pause(asked)),
        (false, false, None) => (Duration::ZERO, Asks::Nothing),
    };
    Verdict::Retry(Retry { counts, at_least, jitter, others })
}

/// What the throttle learns from this end of a call.
pub(super) fn signal(outcome: Result<(), &TrackError>) -> Signal {
    match outcome {
        Ok(()) => Signal::Accepted,
        Err(TrackError::Rejected(why)) if why.code == Code::NotFound => Signal::Failed(Pause::Unavailable),
        Err(TrackError::Rejected(_) | TrackError::Invalid(_)) => Signal::Accepted,
        Err(TrackError::OverQuota { .. }) => Signal::Neither,
        Err(TrackError::NotPermitted { .. }) => Signal::Failed(Pause::NotPermitted),
        Err(error) if error.broke_connection() => Signal::Disconnected,
        Err(_) => Signal::Failed(Pause::Unavailable),
    }
}

fn was_not_found(history: &History) -> bool {
    matches!(history.last.as_deref(), Some(TrackError::Rejected(why)) if why.code == Code::NotFound)
}

impl History {
    /// One more attempt failed, when so many calls had begun.
    pub(super) fn failed(&mut self, error: TrackError, counts: bool, at: CallNumber) {
        self.failures += 1;
        self.counted += u32::from(counts);
        self.breaks = match error.broke_connection() {
            true => self.breaks + u32::from(counts),
            false => 0,
        };
        self.in_doubt |= error.may_have_arrived();
        self.first_failed_at.get_or_insert(at);
        self.failed_at = Some(at);
        self.last = Some(Arc::new(brief(error)));
    }

    /// Whether the event goes on a connection of its own, so that it takes no neighbours along.
    pub(super) fn is_isolated(&self) -> bool {
        self.breaks >= BREAKS_TO_ISOLATE
    }

    /// The number of the attempt that comes next.
    pub(super) fn next_attempt(&self) -> u32 {
        self.failures + 1
    }
}

/// The error of a call that panicked. Nobody knows how far the call came.
pub(super) fn panicked(message: &str) -> TrackError {
    TrackError::Unavailable { message: message.into(), retry_after: None, progress: Progress::MaybeSent, source: None }
}

/// The error as it is kept with each waiting event: bounded.
fn brief(mut error: TrackError) -> TrackError {
    const MOST: usize = 256;
    match &mut error {
        TrackError::Unavailable { message, source, .. } | TrackError::NotPermitted { message, source } => {
            message.truncate(message.floor_char_boundary(MOST));
            message.shrink_to_fit();
            *source = None;
        }
        TrackError::OverQuota { message, .. } => {
            message.truncate(message.floor_char_boundary(MOST));
            message.shrink_to_fit();
        }
        _ => {}
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InvalidField;
    use crate::track::Rejected;

    const MAX: u32 = 20;

    fn refused(code: Code) -> TrackError {
        TrackError::Rejected(Box::new(Rejected::new(code, "no")))
    }

    fn unavailable(asked: Option<u64>, progress: Progress) -> TrackError {
        TrackError::Unavailable {
            message: "down".into(),
            retry_after: asked.map(Duration::from_secs),
            progress,
            source: None,
        }
    }

    fn over_quota(asked: Option<u64>) -> TrackError {
        TrackError::OverQuota { retry_after: asked.map(Duration::from_secs), message: "too much".into() }
    }

    fn not_permitted() -> TrackError {
        TrackError::NotPermitted { message: "no".into(), source: None }
    }

    fn down() -> TrackError {
        unavailable(None, Progress::MaybeSent)
    }

    /// An event after these failures that counted, and these that did not.
    fn after(counted: u32, uncounted: u32) -> History {
        History { failures: counted + uncounted, counted, ..History::default() }
    }

    fn after_error(error: TrackError) -> History {
        let mut history = History::default();
        history.failed(error, false, CallNumber::default());
        history
    }

    const ALONE: Others = Others { evidence: false, evidence_since_first: false, outage: false };
    const EVIDENCE: Others = Others { evidence: true, evidence_since_first: true, outage: false };
    const EARLIER: Others = Others { evidence: false, evidence_since_first: true, outage: false };
    const OUTAGE: Others = Others { evidence: true, evidence_since_first: true, outage: true };

    fn retry(counts: bool, at_least_s: u64, jitter_ms: u64, others: Asks) -> Verdict {
        let (at_least, jitter) = (Duration::from_secs(at_least_s), Duration::from_millis(jitter_ms));
        Verdict::Retry(Retry { counts, at_least, jitter, others })
    }

    /// The whole policy: the answer, the event's history, what is known of others, and what follows.
    #[test]
    fn the_table() {
        use Asks::{Nothing, Pause, SlowDown};
        let seconds = Duration::from_secs;
        let table: &[(&str, Option<TrackError>, History, Others, Verdict)] = &[
            ("OK", None, after(0, 0), ALONE, Verdict::Delivered),
            ("OK after all", None, after(19, 5), OUTAGE, Verdict::Delivered),
            // Final refusals.
            ("invalid argument", Some(refused(Code::InvalidArgument)), after(0, 0), ALONE, Verdict::Rejected),
            ("failed precondition", Some(refused(Code::FailedPrecondition)), after(3, 3), OUTAGE, Verdict::Rejected),
            ("out of range", Some(refused(Code::OutOfRange)), after(0, 0), EVIDENCE, Verdict::Rejected),
            ("invalid", Some(InvalidField::new("a", "b", "c").into()), after(0, 0), ALONE, Verdict::Rejected),
            // Already there.
            ("exists, no doubt", Some(refused(Code::AlreadyExists)), after(0, 0), ALONE, Verdict::Rejected),
            (
                "exists, over quota before",
                Some(refused(Code::AlreadyExists)),
                after_error(over_quota(None)),
                ALONE,
                Verdict::Rejected,
            ),
            ("exists, in doubt", Some(refused(Code::AlreadyExists)), after_error(down()), ALONE, Verdict::Delivered),
            (
                "exists, not sent before",
                Some(refused(Code::AlreadyExists)),
                after_error(unavailable(None, Progress::NotSent)),
                ALONE,
                Verdict::Rejected,
            ),
            // Not found: the tenant, or the event's job?
            ("not found", Some(refused(Code::NotFound)), after(0, 0), ALONE, retry(false, 0, 100, Nothing)),
            (
                "not found, the first with evidence",
                Some(refused(Code::NotFound)),
                after_error(down()),
                EVIDENCE,
                retry(true, 0, 100, Nothing),
            ),
            (
                "not found, the second without evidence",
                Some(refused(Code::NotFound)),
                after_error(refused(Code::NotFound)),
                ALONE,
                retry(false, 0, 200, Nothing),
            ),
            (
                "not found, the second with evidence",
                Some(refused(Code::NotFound)),
                after_error(refused(Code::NotFound)),
                EVIDENCE,
                Verdict::Rejected,
            ),
            // Failures.
            ("down", Some(down()), after(0, 0), ALONE, retry(false, 0, 100, Nothing)),
            ("down, uncounted before", Some(down()), after(0, 3), ALONE, retry(false, 0, 800, Nothing)),
            ("down, for long", Some(down()), after(0, 1_000), ALONE, retry(false, 0, 5_000, Nothing)),
            ("down, earlier evidence", Some(down()), after(1, 0), EARLIER, retry(false, 0, 100, Nothing)),
            ("down, with evidence", Some(down()), after(0, 1), EVIDENCE, retry(true, 0, 100, Nothing)),
            ("down, counted before", Some(down()), after(4, 0), EVIDENCE, retry(true, 0, 1_600, Nothing)),
            ("down, counted often", Some(down()), after(18, 0), EVIDENCE, retry(true, 0, 60_000, Nothing)),
            ("down, too often", Some(down()), after(19, 0), EVIDENCE, Verdict::Exhausted),
            ("down, in an outage", Some(down()), after(19, 0), OUTAGE, retry(false, 0, 100, Nothing)),
            ("down, without evidence", Some(down()), after(19, 7), ALONE, retry(false, 0, 5_000, Nothing)),
            ("not permitted", Some(not_permitted()), after(0, 0), ALONE, retry(false, 0, 100, Nothing)),
            ("not permitted, with evidence", Some(not_permitted()), after(19, 0), EVIDENCE, Verdict::Exhausted),
            // The service asks to wait.
            (
                "asked",
                Some(unavailable(Some(30), Progress::MaybeSent)),
                after(0, 0),
                ALONE,
                retry(false, 0, 100, Pause(seconds(30))),
            ),
            (
                "asked, with evidence",
                Some(unavailable(Some(30), Progress::MaybeSent)),
                after(0, 0),
                EVIDENCE,
                retry(true, 30, 100, Nothing),
            ),
            (
                "asked for an hour",
                Some(unavailable(Some(3_600), Progress::MaybeSent)),
                after(0, 0),
                ALONE,
                retry(false, 0, 100, Pause(seconds(600))),
            ),
            (
                "asked for an hour, with evidence",
                Some(unavailable(Some(3_600), Progress::MaybeSent)),
                after(0, 0),
                EVIDENCE,
                retry(true, 600, 100, Nothing),
            ),
            // The quota.
            ("over quota", Some(over_quota(None)), after(0, 0), ALONE, retry(false, 0, 100, SlowDown(None))),
            (
                "over quota, asked",
                Some(over_quota(Some(9))),
                after(0, 2),
                ALONE,
                retry(false, 0, 400, SlowDown(Some(seconds(9)))),
            ),
            ("over quota never counts", Some(over_quota(None)), after(19, 0), EVIDENCE, retry(false, 0, 100, Nothing)),
            (
                "over quota, earlier evidence",
                Some(over_quota(Some(9))),
                after(0, 0),
                EARLIER,
                retry(false, 9, 100, Nothing),
            ),
        ];
        for (what, error, history, others, expected) in table {
            let outcome = error.as_ref().map_or(Ok(()), Err);
            assert_eq!(verdict(outcome, history, history.in_doubt, *others, MAX), *expected, "{what}");
        }
    }

    #[test]
    fn the_throttle_hears_of_the_service_and_not_of_the_event() {
        let failed = Signal::Failed;
        for (error, expected) in [
            (refused(Code::InvalidArgument), Signal::Accepted),
            (refused(Code::AlreadyExists), Signal::Accepted),
            (InvalidField::new("a", "b", "c").into(), Signal::Accepted),
            (refused(Code::NotFound), failed(super::Pause::Unavailable)),
            (down(), failed(super::Pause::Unavailable)),
            (not_permitted(), failed(super::Pause::NotPermitted)),
            (unavailable(None, Progress::ConnectionLost), Signal::Disconnected),
            (over_quota(Some(1)), Signal::Neither),
        ] {
            assert_eq!(signal(Err(&error)), expected, "{error}");
        }
        assert_eq!(signal(Ok(())), Signal::Accepted);
    }

    #[test]
    fn a_history_counts_and_remembers() {
        let mut history = History::default();
        assert_eq!((history.next_attempt(), history.is_isolated()), (1, false));
        let broken = || unavailable(None, Progress::ConnectionLost);
        history.failed(broken(), false, CallNumber::default());
        history.failed(broken(), false, CallNumber::default());
        assert_eq!((history.failures, history.counted, history.breaks), (2, 0, 0));
        assert!(!history.is_isolated(), "they did not count");
        history.failed(broken(), true, CallNumber::default());
        assert_eq!((history.counted, history.next_attempt()), (1, 4));
        assert!(!history.is_isolated());
        history.failed(broken(), true, CallNumber::default());
        assert!(history.is_isolated() && history.in_doubt);
        history.failed(down(), true, CallNumber::default());
        assert!(!history.is_isolated(), "an answer frees it");
        assert!(matches!(history.last.as_deref(), Some(TrackError::Unavailable { progress: Progress::MaybeSent, .. })));
        let sent = after_error(unavailable(None, Progress::NotSent));
        assert!(!sent.in_doubt && sent.failed_at.is_some() && sent.first_failed_at.is_some());
    }

    #[test]
    fn an_error_that_is_kept_is_short() {
        let source = Some("a long tale".into());
        let (message, progress) = ("ä".repeat(10_000), Progress::MaybeSent);
        let history = after_error(TrackError::Unavailable { message, retry_after: None, progress, source });
        let Some(TrackError::Unavailable { message, source: None, .. }) = history.last.as_deref() else {
            panic!("another error")
        };
        assert_eq!((message.len(), message.capacity()), (256, 256));
    }
}
