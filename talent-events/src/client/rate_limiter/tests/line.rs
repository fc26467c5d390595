//! Callers in line.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Wake;

use super::*;

/// Counts how often a task is woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A caller and its task.
struct Task {
    caller: Caller,
    wakes: Arc<Wakes>,
}

impl Task {
    fn new(limiter: &Arc<RateLimiter>) -> Self {
        Self { caller: limiter.caller(), wakes: Arc::default() }
    }

    fn ask(&mut self, now: Instant) -> Result<(), Instant> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        match self.caller.poll_admit(&mut Context::from_waker(&waker), now) {
            Admission::Now => Ok(()),
            Admission::At(again) => Err(again),
        }
    }

    fn wakes(&self) -> usize {
        self.wakes.0.load(Relaxed)
    }
}

/// The tasks that were woken since the last look.
fn woken(tasks: &[Task]) -> Vec<usize> {
    tasks.iter().enumerate().filter(|(_, task)| task.wakes.0.swap(0, Relaxed) > 0).map(|(index, _)| index).collect()
}

fn tasks(limiter: &Arc<RateLimiter>, count: usize) -> Vec<Task> {
    (0..count).map(|_| Task::new(limiter)).collect()
}

#[test]
fn of_a_thousand_callers_one_is_woken_at_a_time() {
    const SLOT: Duration = Duration::from_millis(10);
    let limiter = limiter(6_000);
    let mut tasks = tasks(&limiter, 1_000);
    let mut now = Instant::now();
    limiter.spend(now);
    let again: Vec<_> = tasks.iter_mut().map(|task| task.ask(now).unwrap_err()).collect();
    assert_eq!(again[0], now + SLOT);
    // Nobody else has a timer that could end before its turn.
    for (index, again) in again.iter().enumerate().skip(1) {
        assert_eq!(*again, now + SLOT * (index as u32 + 1) + TURN, "{index}");
    }
    let mut wakes = 0;
    for turn in 0..3_000 {
        now += SLOT;
        assert_eq!(tasks[turn % 1_000].ask(now), Ok(()), "{turn}");
        // It has more to send, and goes to the end of the line.
        assert!(tasks[turn % 1_000].ask(now).is_err());
        let next = (turn + 1) % 1_000;
        assert_eq!(tasks[next].wakes(), 1, "{turn}");
        assert_eq!(tasks[next].ask(now), Err(now + SLOT));
        wakes += tasks.iter().map(|task| task.wakes.0.swap(0, Relaxed)).sum::<usize>();
    }
    assert_eq!(wakes, 3_000);
}

#[test]
fn a_dropped_caller_gives_up_its_place() {
    let limiter = limiter(60);
    let mut tasks = tasks(&limiter, 4);
    let now = Instant::now();
    limiter.spend(now);
    tasks.iter_mut().for_each(|task| assert!(task.ask(now).is_err()));
    drop(tasks.remove(1));
    assert!(woken(&tasks).is_empty(), "it was not the first");
    drop(tasks.remove(0));
    assert_eq!(woken(&tasks), [0]);
    assert_eq!(tasks[0].ask(now + Duration::from_secs(1)), Ok(()));
    assert_eq!(woken(&tasks), [1]);
}

#[test]
fn the_first_loses_its_place_if_it_never_asks_again() {
    let limiter = limiter(60);
    let mut tasks = tasks(&limiter, 3);
    let second = Duration::from_secs(1);
    let start = Instant::now();
    limiter.spend(start);
    let again: Vec<_> = tasks.iter_mut().map(|task| task.ask(start).unwrap_err()).collect();
    assert_eq!(again[1], start + 2 * second + TURN);
    // The first is busy, and the second asks at its own time.
    assert_eq!(tasks[1].ask(again[1]), Ok(()));
    assert_eq!(woken(&tasks), [2]);
    // Back at last, the first is behind the third.
    assert!(tasks[0].ask(again[1]).is_err());
    assert_eq!(tasks[2].ask(again[1] + second), Ok(()));
    assert_eq!(woken(&tasks), [0]);
    assert_eq!(tasks[0].ask(again[1] + 2 * second), Ok(()));
}

#[test]
fn the_end_of_a_pause_wakes_the_first() {
    let limiter = Arc::new(RateLimiter::new(None));
    let mut tasks = tasks(&limiter, 3);
    let second = Duration::from_secs(1);
    let start = Instant::now();
    limiter.exhausted(start, Some(60 * second), start);
    assert_eq!(tasks[0].ask(start), Err(start + 60 * second));
    tasks[1..].iter_mut().for_each(|task| assert!(task.ask(start).is_err()));
    limiter.accepted(start + second);
    assert_eq!(woken(&tasks), [0]);
    assert_eq!(tasks[0].ask(start + second), Ok(()));
    assert_eq!(woken(&tasks), [1]);
}

/// A waker is foreign code, and may ask the limiter for something.
#[test]
fn wakers_are_used_without_the_lock() {
    struct Looks(Arc<RateLimiter>);

    impl Wake for Looks {
        fn wake(self: Arc<Self>) {
            assert!(self.0.0.try_lock().is_ok());
        }
    }

    impl Drop for Looks {
        fn drop(&mut self) {
            assert!(self.0.0.try_lock().is_ok());
        }
    }

    let limiter = limiter(60);
    let now = Instant::now();
    limiter.spend(now);
    let mut callers: Vec<_> = (0..4).map(|_| limiter.caller()).collect();
    let ask = |caller: &mut Caller, now| {
        let waker = Waker::from(Arc::new(Looks(Arc::clone(&limiter))));
        caller.poll_admit(&mut Context::from_waker(&waker), now)
    };
    for _ in 0..2 {
        callers.iter_mut().for_each(|caller| assert_ne!(ask(caller, now), Admission::Now));
    }
    assert_eq!(ask(&mut callers[0], now + Duration::from_secs(1)), Admission::Now);
    // The first is overdue, and its waker is dropped.
    assert_eq!(ask(&mut callers[2], now + Duration::from_secs(4)), Admission::Now);
    drop(callers);
}

#[test]
fn a_waker_that_panics_harms_nobody() {
    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("told to");
        }
    }

    let limiter = limiter(60);
    let now = Instant::now();
    let mut callers = [limiter.caller(), limiter.caller()];
    limiter.spend(now);
    let waker = Waker::from(Arc::new(Panics));
    for caller in &mut callers {
        assert_ne!(caller.poll_admit(&mut Context::from_waker(&waker), now), Admission::Now);
    }
    assert_eq!(callers[0].ask(now + Duration::from_secs(1)), Ok(()));
    assert_eq!(callers[1].ask(now + Duration::from_secs(2)), Ok(()));
}
