//! `talent-events replay`: the events of a file, sent.

mod account;
mod dead_letters;
mod files;
mod ledger;
mod meter;
mod patience;
mod store;
mod target;

use std::thread;
use std::time::Duration;

use talent_events::JobEventType;
use talent_events::delivery::{Priority, Relay};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use crate::emulator::Stop;
use crate::input::{Input, Line, place};
use crate::options::ReplayOptions;
use crate::{End, Failure, count, harmless, lint, say};

use account::Account;
use dead_letters::DeadLetters;
use ledger::Ledger;
use meter::Meter;
use patience::{GaveUp, Patience};
use store::{FileStore, Outcome};

/// How often the account is written. What was answered since is sent again after a sudden end.
const EVERY: Duration = Duration::from_secs(1);

/// Lines that are read ahead.
const AHEAD: usize = 16;

/// Notes of failed attempts that may wait to be shown.
const NOTES: usize = 8;

/// The longest deadline that a call can have.
const LONGEST_CALL: Duration = Duration::from_secs(60 * 60);

/// Most refused lines that are named where there is no file for them.
const MAX_NAMED: u64 = 100;

pub(crate) async fn run(options: ReplayOptions) -> Result<End, Failure> {
    if options.dry_run {
        return lint::check(&options.file, false);
    }
    let (client, target) = target::connect(&options).await?;
    let mut input = Input::open(&options.file)?;
    let name = input.name().to_owned();
    let letters = options.dead_letters.as_deref().map(DeadLetters::open).transpose()?;
    files::are_distinct(&options)?;
    let account = Account::open(options.progress.as_deref(), &target)?;
    account.skip(&mut input)?;
    let mut ledger = Ledger::new(account, letters);
    let mut meter = Meter::new(input.length, &ledger.account);

    // Until here there is nothing to bring to an end, and a pipe may keep the program waiting.
    let mut stop = Stop::new()?;
    let (notes, mut noted) = mpsc::channel(NOTES);
    let (store, mut reports) = FileStore::new(lines(input)?, Patience::new(options.attempts, notes));
    let concurrency = usize::from(options.concurrency);
    let mut relay = Relay::builder()
        // A third of the window is for each priority, and all events have the same.
        .window(3 * concurrency)
        .max_in_flight(concurrency)
        // The patience ends it before.
        .max_attempts(u32::MAX);
    for event_type in JobEventType::ALL {
        relay = relay.priority(event_type, Priority::Normal);
    }
    let watched = store.clone();
    let relay = relay.on_failed_attempt(move |failed| watched.failed(failed)).spawn(client, store.clone())?;
    let finish = || {
        let (relay, store) = (relay.clone(), store.clone());
        tokio::spawn(async move {
            relay.shutdown(LONGEST_CALL).await;
            store.close();
        });
    };

    let (mut interrupts, mut failure, mut named, mut known) = (0_u8, None::<Failure>, 0, 0);
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (line, outcome) = tokio::select! {
            // What is settled is accounted for before anything else.
            biased;
            report = reports.recv() => match report {
                None => break,
                Some(Ok(report)) => report,
                Some(Err(unreadable)) => {
                    failure.get_or_insert(unreadable);
                    continue;
                }
            },
            () = stop.wait() => {
                interrupts += 1;
                if interrupts > 1 {
                    break;
                }
                if relay.stats().in_flight > 0 {
                    meter.say("stopping when the calls in flight are answered; Ctrl-C again does not wait for them");
                }
                finish();
                continue;
            }
            Some(note) = noted.recv() => {
                if interrupts == 0 {
                    meter.say(&harmless(&note));
                }
                continue;
            }
            _ = ticks.tick() => {
                if let Err(unwritable) = ledger.save() {
                    failure.get_or_insert(unwritable);
                    finish();
                }
                meter.show(&ledger.account);
                continue;
            }
        };
        // A line that cannot be accounted for is sent again by the next replay, and so is each one after it.
        if failure.is_some() {
            continue;
        }
        match &outcome {
            Outcome::Refused { column, words } if !ledger.has_letters() && named < MAX_NAMED => {
                named += 1;
                meter.say(&format!("{}: {}", place(&name, line.number, *column), harmless(words)));
            }
            Outcome::Known => known += 1,
            _ => {}
        }
        if let Err(unwritable) = ledger.settle(&line, &outcome) {
            failure.get_or_insert(unwritable);
            finish();
        }
        meter.show(&ledger.account);
    }
    while let Ok(note) = noted.try_recv() {
        if interrupts == 0 {
            meter.say(&harmless(&note));
        }
    }
    if let Some(GaveUp { line, error }) = store.gave_up() {
        let at = line.map_or_else(|| name.clone(), |line| place(&name, line, None));
        failure.get_or_insert_with(|| format!("{at}: {}", harmless(&error)).into());
    }
    meter.end();
    if let Err(unwritable) = ledger.save() {
        failure.get_or_insert(unwritable);
    }
    let account = &ledger.account;
    if known > 0 {
        say(&format!(
            "{} not sent, as replay sends events alone: an emulator learns them by --import, or from a list that is \
             posted to /emulator/v1/requestIds",
            count(known, "known request id")
        ));
    }
    say(&format!(
        "{}, {} refused, {:.1} s, to {}",
        count(account.delivered(), "event") + " delivered",
        account.refused(),
        meter.seconds(),
        harmless(&target)
    ));
    match (failure, interrupts) {
        (Some(failure), _) => {
            say(&format!("talent-events: {failure}"));
            say(&format!("nothing after line {} is accounted for", account.lines()));
            Ok(End::Unfinished)
        }
        (None, 1..) => {
            say(&format!("interrupted: nothing after line {} is accounted for", account.lines()));
            Ok(End::Unfinished)
        }
        (None, 0) if account.refused() > 0 => Ok(End::Findings),
        (None, 0) => Ok(End::Clean),
    }
}

fn lines(mut input: Input) -> Result<mpsc::Receiver<Result<Line, Failure>>, Failure> {
    let (to, lines) = mpsc::channel(AHEAD);
    // A read cannot be cancelled. In a thread of its own it does not keep the program from ending.
    thread::Builder::new().name("input".into()).spawn(move || {
        while let Some(line) = input.next().transpose() {
            let last = line.is_err();
            if to.blocking_send(line).is_err() || last {
                return;
            }
        }
    })?;
    Ok(lines)
}
