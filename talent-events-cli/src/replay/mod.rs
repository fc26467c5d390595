//! `talent-events replay`: the events of a file, sent.

mod account;
mod dead_letters;
mod files;
mod ledger;
mod meter;
mod pace;
mod send;

use std::pin::pin;
use std::thread;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::emulator::Stop;
use crate::input::{Input, Line, place};
use crate::options::ReplayOptions;
use crate::{End, Failure, count, harmless, lint, say};

use account::Account;
use dead_letters::DeadLetters;
use ledger::Ledger;
use meter::Meter;
use send::{Outcome, Sender, over};

/// How often the account is written. What was answered since is sent again after a sudden end.
const EVERY: Duration = Duration::from_secs(1);

/// Lines that are read ahead.
const AHEAD: usize = 16;

/// Notes of the sender that may wait to be shown.
const NOTES: usize = 8;

/// Most refused lines that are named where there is no file for them.
const MAX_NAMED: u64 = 100;

pub(crate) async fn run(options: ReplayOptions) -> Result<End, Failure> {
    if options.dry_run {
        return lint::check(&options.file, false);
    }
    // Once it says so, nothing more is sent.
    let (ending, ended) = watch::channel(false);
    let (notes, mut noted) = mpsc::channel(NOTES);
    let sender = Sender::new(&options, ended.clone(), notes).await?;
    let mut input = Input::open(&options.file)?;
    let name = input.name().to_owned();
    let letters = options.dead_letters.as_deref().map(DeadLetters::open).transpose()?;
    files::are_distinct(&options)?;
    let account = Account::open(options.progress.as_deref(), sender.target())?;
    account.skip(&mut input)?;
    let mut ledger = Ledger::new(account, letters);
    let mut meter = Meter::new(input.length, &ledger.account);

    // Until here there is nothing to bring to an end, and a pipe may keep us waiting.
    let mut stop = Stop::new()?;
    let lines = lines(input)?.take_until(over(ended));
    let mut outcomes = pin!(lines.map(|line| outcome(line, &sender)).buffered(usize::from(options.concurrency)));
    let (mut interrupts, mut failure, mut named, mut known) = (0_u8, None::<Failure>, 0, 0);
    // A line was not settled: what comes after it is sent again by the next replay.
    let mut gap = false;
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (line, outcome) = tokio::select! {
            next = outcomes.next() => match next {
                None => break,
                Some(Ok(next)) => next,
                Some(Err(unreadable)) => {
                    failure.get_or_insert(unreadable);
                    gap = true;
                    continue;
                }
            },
            () = stop.wait() => {
                interrupts += 1;
                if interrupts > 1 {
                    break;
                }
                ending.send_replace(true);
                if sender.is_waiting_for_answers() {
                    meter.say("stopping when the answers on their way are here; Ctrl-C again does not wait for them");
                }
                continue;
            }
            Some(note) = noted.recv() => {
                meter.say(&harmless(&note));
                continue;
            }
            _ = ticks.tick() => {
                if let Err(unwritable) = ledger.save() {
                    failure.get_or_insert(unwritable);
                    gap = true;
                    ending.send_replace(true);
                }
                meter.show(&ledger.account);
                continue;
            }
        };
        if let Outcome::Failed(error) = &outcome {
            let at = place(&name, line.number, None);
            failure.get_or_insert_with(|| format!("{at}: {}", harmless(&error.to_string())).into());
            ending.send_replace(true);
        }
        gap |= matches!(outcome, Outcome::Failed(_) | Outcome::Unsent);
        if gap {
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
            gap = true;
            ending.send_replace(true);
        }
        meter.show(&ledger.account);
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
        harmless(sender.target())
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

async fn outcome(line: Result<Line, Failure>, sender: &Sender) -> Result<(Line, Outcome), Failure> {
    let line = line?;
    let outcome = sender.settle(&line).await;
    Ok((line, outcome))
}

fn lines(mut input: Input) -> Result<impl Stream<Item = Result<Line, Failure>>, Failure> {
    let (to, mut lines) = mpsc::channel(AHEAD);
    // A read can not be called off. In a thread of its own it keeps nobody from ending the program.
    thread::Builder::new().name("input".into()).spawn(move || {
        while let Some(line) = input.next().transpose() {
            let last = line.is_err();
            if to.blocking_send(line).is_err() || last {
                return;
            }
        }
    })?;
    Ok(stream::poll_fn(move |cx| lines.poll_recv(cx)))
}
