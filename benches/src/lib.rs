//! What the measurements share: medians of interleaved runs, and the table they are told in.
//!
//! `scripts/bench.sh <name>` runs `src/bin/<name>.rs`. A measurement compares ours with theirs in one run, A B A B …, so
//! that what else the machine does falls on both, and prints one [`Table`].

#[cfg(feature = "runtime")]
pub mod sample;
#[cfg(feature = "runtime")]
pub mod server;
pub mod workspace;

use std::fmt;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// The CPU time so far, user and system. On a busy machine the wall clock tells more of its neighbours.
///
/// # Errors
///
/// The system's.
pub fn cpu(who: UsageWho) -> nix::Result<Duration> {
    let usage = getrusage(who)?;
    let micros = (usage.user_time() + usage.system_time()).num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}

/// The CPU time of this thread so far, to the nanosecond: what `getrusage` says of a thread moves by the scheduler's ticks.
///
/// # Errors
///
/// The system's.
#[cfg(feature = "runtime")]
pub fn thread_cpu() -> nix::Result<Duration> {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from)
}

/// How often each thing is measured: `BENCH_ROUNDS` in the environment, else 7.
pub fn rounds() -> usize {
    std::env::var("BENCH_ROUNDS").ok().and_then(|n| n.parse().ok()).filter(|n| *n > 0).unwrap_or(7)
}

/// Measures each of `N` things in turn, [`rounds`] times over after one round that does not count, and answers the
/// median of each. Stops at the first error.
pub fn interleaved<const N: usize, E>(mut measure: impl FnMut(usize) -> Result<f64, E>) -> Result<[f64; N], E> {
    let mut samples = [const { Vec::new() }; N];
    for round in 0..=rounds() {
        for (thing, samples) in samples.iter_mut().enumerate() {
            let sample = measure(thing)?;
            if round > 0 {
                samples.push(sample);
            }
        }
    }
    Ok(samples.map(median))
}

/// The middle one; of none, NaN.
pub fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    match (samples.len(), samples.len() / 2) {
        (0, _) => f64::NAN,
        (len, half) if len % 2 == 0 => (samples[half - 1] + samples[half]) / 2.0,
        (_, half) => samples[half],
    }
}

/// A Markdown table of what was measured, and whether it meets its goal.
#[derive(Debug, Default)]
pub struct Table(Vec<Row>);

#[derive(Debug)]
struct Row {
    what: String,
    unit: &'static str,
    ours: f64,
    theirs: Option<f64>,
    goal: Option<Goal>,
}

/// Where the ratio ours / theirs is to lie, or ours alone.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// For what is better when it is less, such as time or memory.
    AtMost(f64),
    /// For what is better when it is more, such as events per second.
    AtLeast(f64),
    /// Ours itself, in the row's unit, whatever theirs is.
    Ours(f64),
}

impl Table {
    /// Adds a measurement. Without a goal it is there to be read; without theirs there is nothing to compare with.
    pub fn row(
        &mut self,
        what: impl Into<String>,
        unit: &'static str,
        ours: f64,
        theirs: impl Into<Option<f64>>,
        goal: Option<Goal>,
    ) {
        self.0.push(Row { what: what.into(), unit, ours, theirs: theirs.into(), goal });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | ours | beside | ratio | goal | met |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for Row { what, unit, ours, theirs, goal } in &self.0 {
            let ratio = theirs.map(|theirs| ours / theirs).filter(|ratio| !ratio.is_infinite());
            write!(f, "| {what} | {ours:.3} {unit} |")?;
            match (theirs, ratio) {
                (Some(theirs), Some(ratio)) => write!(f, " {theirs:.3} {unit} | {ratio:.2} |")?,
                (Some(theirs), None) => write!(f, " {theirs:.3} {unit} | - |")?,
                (None, _) => write!(f, " - | - |")?,
            }
            match *goal {
                Some(Goal::AtMost(most)) => writeln!(f, " ≤ {most:.2} | {} |", yes(ratio.is_some_and(|r| r <= most)))?,
                Some(Goal::AtLeast(least)) => {
                    writeln!(f, " ≥ {least:.2} | {} |", yes(ratio.is_some_and(|r| r >= least)))?
                }
                Some(Goal::Ours(most)) => writeln!(f, " ≤ {most} {unit} | {} |", yes(*ours <= most))?,
                None => writeln!(f, " - | - |")?,
            }
        }
        Ok(())
    }
}

fn yes(met: bool) -> &'static str {
    if met { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]), 3.0);
        assert!(median(vec![]).is_nan());
    }

    #[test]
    fn a_goal_is_met_or_not() {
        let mut table = Table::default();
        table.row("time", "ms", 1.0, 2.0, Some(Goal::AtMost(0.5)));
        table.row("rate", "k/s", 1.0, 2.0, Some(Goal::AtLeast(0.9)));
        table.row("alone", "s", 1.5, None, Some(Goal::Ours(1.0)));
        table.row("read", "s", 1.5, 3.0, None);
        table.row("beside nothing", "calls", 15.0, 0.0, Some(Goal::Ours(2.0)));
        table.row("broken", "k/s", f64::NAN, 2.0, Some(Goal::AtLeast(0.9)));
        let table = table.to_string();
        assert!(table.contains("| time | 1.000 ms | 2.000 ms | 0.50 | ≤ 0.50 | yes |"), "{table}");
        assert!(table.contains("| rate | 1.000 k/s | 2.000 k/s | 0.50 | ≥ 0.90 | no |"), "{table}");
        assert!(table.contains("| broken | NaN k/s | 2.000 k/s | NaN | ≥ 0.90 | no |"), "{table}");
        assert!(table.contains("| alone | 1.500 s | - | - | ≤ 1 s | no |"), "{table}");
        assert!(table.contains("| beside nothing | 15.000 calls | 0.000 calls | - | ≤ 2 calls | no |"), "{table}");
        assert!(table.contains("| read | 1.500 s | 3.000 s | 0.50 | - | - |"), "{table}");
        assert_eq!(table.matches("| no |").count(), 4, "{table}");
    }
}
