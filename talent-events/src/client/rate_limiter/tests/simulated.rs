//! Engines of all kinds share a limiter in simulated time, and an oracle that knows only the rules looks on.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Wake;

use fastrand::Rng;
use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
struct World {
    seed: u64,
    engines: usize,
    quota: u32,
    /// Engines fall silent for a while although it is their turn.
    blocks: bool,
    /// Some engines go for good.
    leaves: bool,
    /// Direct calls, several times the quota.
    direct: bool,
    /// RESOURCE_EXHAUSTED, with pauses.
    refuses: bool,
}

fn worlds() -> impl Strategy<Value = World> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (any::<u64>(), 1..8_usize, 6..1_200_u32, flags).prop_map(|(seed, engines, quota, flags)| {
        let (blocks, leaves, direct, refuses) = flags;
        World { seed, engines, quota, blocks, leaves, direct, refuses }
    })
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

struct Engine {
    caller: Option<Caller>,
    woken: Arc<Woken>,
    /// When it asks next, unless it is woken before.
    asks: Instant,
    blocked_until: Instant,
    calls: u32,
    /// Whether it has asked in vain since its last call.
    waits: bool,
}

enum Answer {
    Accepted,
    Exhausted(Option<Duration>),
}

/// The rule for pauses, in its own words.
#[derive(Default)]
struct Pauses {
    asked: Option<(Instant, Instant)>,
    accepted: Option<Instant>,
}

impl Pauses {
    fn answer(&mut self, sent: Instant, answer: &Answer, now: Instant) {
        match answer {
            Answer::Accepted => {
                self.accepted = self.accepted.max(Some(sent));
                self.asked = self.asked.filter(|(refused, _)| sent <= *refused);
            }
            Answer::Exhausted(Some(wait)) if self.accepted.is_none_or(|accepted| accepted <= sent) => {
                let (refused, until) = self.asked.filter(|(_, until)| now < *until).unwrap_or((sent, now));
                self.asked = Some((refused.max(sent), until.max(now + *wait)));
            }
            Answer::Exhausted(_) => {}
        }
    }

    fn end(&self) -> Option<Instant> {
        self.asked.map(|(_, until)| until)
    }
}

fn run(world: World) {
    const CALLS: u32 = 40;
    let mut rng = Rng::with_seed(world.seed);
    let limiter = limiter(world.quota);
    let per_second = f64::from(world.quota) / 60.0;
    let start = Instant::now();
    // Half the slowest rate that refusals lead to, and all pauses they can ask for.
    let horizon = start + Duration::from_secs(200 * 24 * 60 * 60);
    let mut engines: Vec<_> = (0..world.engines)
        .map(|_| Engine {
            caller: Some(limiter.caller()),
            woken: Arc::default(),
            asks: start,
            blocked_until: start,
            calls: 0,
            waits: false,
        })
        .collect();
    let mut in_flight: VecDeque<(Instant, Instant, Answer)> = VecDeque::new();
    let mut direct = start;
    let mut pauses = Pauses::default();
    let mut line: VecDeque<usize> = VecDeque::new();
    let mut admitted: Vec<Instant> = Vec::new();
    let (mut wakes, mut allowed_wakes) = (0, 0);
    let mut now = start;
    while engines.iter().any(|engine| engine.caller.is_some() && engine.calls < CALLS) {
        assert!(now < horizon, "nobody gets on: {world:?}");
        // Answers that have come by now.
        while let Some((_, sent, answer)) = in_flight.pop_front_if(|(at, ..)| *at <= now) {
            pauses.answer(sent, &answer, now);
            match answer {
                Answer::Accepted => limiter.accepted(sent),
                Answer::Exhausted(wait) => limiter.exhausted(sent, wait, now),
            }
            allowed_wakes += 1;
        }
        if world.direct && direct <= now {
            limiter.spend(now);
            direct = now + Duration::from_secs_f64(0.3 / per_second);
        }
        for (index, engine) in engines.iter_mut().enumerate() {
            if engine.woken.0.swap(false, Relaxed) {
                wakes += 1;
                engine.asks = now;
            }
            if engine.calls == CALLS || now < engine.asks.max(engine.blocked_until) {
                continue;
            }
            if world.blocks && rng.u8(..) < 20 {
                engine.blocked_until = now + Duration::from_millis(rng.u64(1..3_000));
                continue;
            }
            if world.leaves && rng.u8(..) < 5 {
                engine.caller = None;
                engine.calls = CALLS;
                line.retain(|other| *other != index);
                allowed_wakes += 1;
                continue;
            }
            let Some(caller) = &mut engine.caller else { continue };
            let waker = Waker::from(Arc::clone(&engine.woken));
            match caller.poll_admit(&mut Context::from_waker(&waker), now) {
                Admission::At(again) => {
                    assert!(again > now, "{world:?}");
                    engine.asks = again;
                    if !engine.waits {
                        engine.waits = true;
                        line.push_back(index);
                    }
                }
                Admission::Now => {
                    assert!(pauses.end().is_none_or(|end| end <= now), "in a pause: {world:?}");
                    // Only an engine that did not ask in time is passed.
                    if !world.blocks {
                        assert_eq!(line.front().copied().unwrap_or(index), index, "out of turn: {world:?}");
                    }
                    line.retain(|other| *other != index);
                    admitted.push(now);
                    allowed_wakes += 1;
                    engine.calls += 1;
                    engine.waits = false;
                    engine.asks = now + Duration::from_millis(rng.u64(0..50));
                    let answer = match world.refuses && rng.u8(..) < 25 {
                        true if rng.bool() => Answer::Exhausted(Some(Duration::from_millis(rng.u64(1..60_000)))),
                        true => Answer::Exhausted(None),
                        false => Answer::Accepted,
                    };
                    let at = now + Duration::from_millis(rng.u64(1..100));
                    in_flight.push_back((at.max(in_flight.back().map_or(at, |(last, ..)| *last)), now, answer));
                }
            }
        }
        let ask =
            engines.iter().filter(|engine| engine.calls < CALLS).map(|engine| match engine.woken.0.load(Relaxed) {
                true => now.max(engine.blocked_until),
                false => engine.asks.max(engine.blocked_until),
            });
        let next = ask.chain(in_flight.front().map(|(at, ..)| *at)).chain(world.direct.then_some(direct)).min();
        now = next.unwrap_or(now).max(now);
    }
    // Blocked engines are passed, and those who come to be first are woken for it.
    if !world.blocks {
        assert!(wakes <= allowed_wakes, "{wakes} wakes, {allowed_wakes} allowed: {world:?}");
    }
    // In no time were there more calls than the quota, but for a timer's lateness and for what direct calls took.
    let slack = if world.direct { MAX_DEBT + Duration::from_secs_f64(1.0 / per_second) } else { CATCH_UP };
    for (index, from) in admitted.iter().enumerate() {
        for (more, to) in admitted[index..].iter().enumerate() {
            let most = per_second * (*to - *from + slack).as_secs_f64() + 1.0;
            assert!(more as f64 <= most + 1e-6, "{more} calls in {:?}: {world:?}", *to - *from);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rules_hold_for_engines_of_all_kinds(world in worlds()) {
        run(world);
    }
}
