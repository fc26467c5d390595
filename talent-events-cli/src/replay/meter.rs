//! Progress, rate and time left: a bar on a terminal, now and then a plain line elsewhere.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::say;

use super::account::Account;

/// Between two plain lines.
const EVERY: Duration = Duration::from_secs(5);

pub(super) struct Meter {
    bar: Option<ProgressBar>,
    length: Option<u64>,
    begun: Instant,
    shown: Instant,
    /// Of an earlier replay.
    bytes_before: u64,
    settled_before: u64,
}

impl Meter {
    pub(super) fn new(length: Option<u64>, account: &Account) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let (bar, template) = match length {
                Some(length) => (ProgressBar::new(length), "{bar:30} {msg}"),
                None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
            };
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let now = Instant::now();
        Self { bar, length, begun: now, shown: now, bytes_before: account.bytes(), settled_before: settled(account) }
    }

    pub(super) fn show(&mut self, account: &Account) {
        let words = || self.words(account);
        match &self.bar {
            Some(bar) => {
                bar.set_position(account.bytes());
                bar.set_message(words());
            }
            None if self.shown.elapsed() >= EVERY => {
                say(&words());
                self.shown = Instant::now();
            }
            None => {}
        }
    }

    fn words(&self, account: &Account) -> String {
        let elapsed = self.begun.elapsed().as_secs_f64().max(1e-9);
        let read = account.bytes().saturating_sub(self.bytes_before);
        let rate = settled(account).saturating_sub(self.settled_before) as f64 / elapsed;
        let mut words = format!("{} delivered, {} refused, {rate:.1}/s", account.delivered(), account.refused());
        if let Some(length) = self.length.filter(|length| *length > 0) {
            let percent = 100 * account.bytes() / length;
            let left = length.saturating_sub(account.bytes()) as f64 * elapsed / (read as f64).max(1.0);
            let left = Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX);
            words = format!("{percent} %, {words}");
            // Of a rate that is not known yet nothing follows.
            if read > 0 {
                words += &format!(", {} left", HumanDuration(left));
            }
        }
        words
    }

    /// A line of its own beside the bar.
    pub(super) fn say(&self, words: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(words)),
            None => say(words),
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    pub(super) fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }
}

fn settled(account: &Account) -> u64 {
    account.delivered() + account.refused()
}
