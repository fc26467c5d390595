//! One mistake, one error: measured on mistakes that nobody thought of.
//!
//! A mistake is one token of a valid item that is changed at random ([`mistake`]); the item is also used. Each is compiled
//! by itself ([`compile`]) and counts as answered if rustc prints exactly one error, on the line of the mistake. thiserror
//! and serde get the same mistakes in items of their own ([`subjects`]).
//!
//! `scripts/mutate.sh [COUNT] [SEED]` runs the measurement. Some dozens with a fixed seed run with every test.

mod compile;
mod measure;
mod mistake;
mod subjects;

use compile::Compiler;
use measure::{Found, Place, measure};
use subjects::{SUBJECTS, TALENT_EVENTS};

const SEED: &str = "talent-events";
const DOZENS: usize = 48;

#[test]
fn every_item_is_right_without_a_mistake() {
    let compiler = Compiler::new();
    for subject in SUBJECTS {
        for item in subject.items {
            let errors = compiler.errors(&subject.program(item, item.source));
            assert!(errors.is_empty(), "{}: {errors:#?}\n{}", subject.name, item.source);
        }
    }
}

#[test]
fn one_mistake_is_one_error() {
    let found = measure(&Compiler::new(), &TALENT_EVENTS, DOZENS, SEED);
    let parsed: Vec<&Found> = found.iter().filter(|found| found.place != Place::Unparsable).collect();
    let short: String = found.iter().filter(|found| !found.is_answered()).map(ToString::to_string).collect();
    for found in &parsed {
        // A generic parameter that is gone is two errors of Rust's own, where it is used, and one in the attribute that names it.
        let most = if found.place == Place::Beside { 3 } else { 2 };
        assert!(found.errors.len() <= most, "more than {most} errors:\n{found}");
    }
    let share = |place| {
        let here: Vec<_> = parsed.iter().filter(|found| found.place == place).collect();
        here.iter().filter(|found| found.is_answered()).count() * 100 / here.len()
    };
    let [inside, beside] = [share(Place::Inside), share(Place::Beside)];
    // The goals are 97 % and 80 % of 400 (`scripts/mutate.sh`). Of two dozen, one that falls short is 4 %.
    assert!(inside >= 95 && beside >= 80, "{inside} % inside the attribute, {beside} % beside it; short are:\n{short}");
}

/// What `scripts/mutate.sh` runs.
#[test]
#[ignore = "a measurement: scripts/mutate.sh"]
fn table() {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let count = variable("MISTAKES").map_or(400, |count| count.parse().expect("MISTAKES is a number"));
    let seed = variable("SEED").unwrap_or_else(|| SEED.into());
    let compiler = Compiler::new();
    let found = SUBJECTS.map(|subject| measure(&compiler, subject, count, &seed));
    for found in found[0].iter().filter(|found| !found.is_answered()) {
        print!("{found}");
    }
    print!("{}", measure::table(&found, count, &seed));
}
