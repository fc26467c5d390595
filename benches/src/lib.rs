//! What the measurements share: medians of interleaved runs, and the table they are told in.
//!
//! `scripts/bench.sh <name>` runs `src/bin/<name>.rs`. A measurement compares ours with theirs in one run, A B A B …, so
//! that what else the machine does falls on both, and prints one [`Table`].

use std::fmt;

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
    theirs: f64,
    goal: Option<Goal>,
}

/// Where the ratio ours / theirs is to lie.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// For what is better when it is less, such as time or memory.
    AtMost(f64),
    /// For what is better when it is more, such as events per second.
    AtLeast(f64),
}

impl Table {
    /// Adds a measurement. Without a goal it is there to be read.
    pub fn row(&mut self, what: impl Into<String>, unit: &'static str, ours: f64, theirs: f64, goal: Option<Goal>) {
        self.0.push(Row { what: what.into(), unit, ours, theirs, goal });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | ours | theirs | ratio | goal | met |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for Row { what, unit, ours, theirs, goal } in &self.0 {
            let ratio = ours / theirs;
            write!(f, "| {what} | {ours:.3} {unit} | {theirs:.3} {unit} | {ratio:.2} |")?;
            match *goal {
                Some(Goal::AtMost(most)) => writeln!(f, " ≤ {most:.2} | {} |", yes(ratio <= most))?,
                Some(Goal::AtLeast(least)) => writeln!(f, " ≥ {least:.2} | {} |", yes(ratio >= least))?,
                None => writeln!(f, " | |")?,
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
        table.row("broken", "k/s", f64::NAN, 2.0, Some(Goal::AtLeast(0.9)));
        let table = table.to_string();
        assert!(table.contains("| time | 1.000 ms | 2.000 ms | 0.50 | ≤ 0.50 | yes |"), "{table}");
        assert!(table.contains("| rate | 1.000 k/s | 2.000 k/s | 0.50 | ≥ 0.90 | no |"), "{table}");
        assert!(table.contains("| ≥ 0.90 | no |\n| broken | NaN k/s"), "{table}");
        assert_eq!(table.matches("| no |").count(), 2, "{table}");
    }
}
