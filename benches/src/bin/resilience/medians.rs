//! Medians of rounds, with every sample on standard error.

use talent_events_benches::{median, rounds};

use crate::Result;

/// Runs the round as often as asked for; answers the median of each variant.
pub(crate) fn medians<const N: usize>(
    unit: &str,
    variants: [&str; N],
    mut round: impl FnMut() -> Result<[f64; N]>,
) -> Result<[f64; N]> {
    let mut samples = [const { Vec::new() }; N];
    let rounds = rounds();
    for number in 1..=rounds {
        for ((sample, samples), variant) in round()?.into_iter().zip(&mut samples).zip(variants) {
            eprintln!("round {number} of {rounds}: {variant}: {sample:.3} {unit}");
            samples.push(sample);
        }
    }
    Ok(samples.map(median))
}
