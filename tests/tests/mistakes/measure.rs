//! Makes mistakes, compiles them, counts.

use std::fmt::{self, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use fastrand::Rng;

use crate::compile::{Compiler, Error};
use crate::mistake::{self, Mistake};
use crate::subjects::{SUBJECTS, Subject};

/// Where a mistake is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    /// Within the attribute's parentheses.
    Inside,
    /// In the attribute's name, or in the item.
    Beside,
    /// Wherever it is, Rust cannot parse the item with it: no derive can help.
    Unparsable,
}

/// A mistake, and what rustc said.
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) errors: Vec<Error>,
    /// Whether the item is answered if nothing reads it but Rust: `#[cfg(false)]`.
    rust_alone_answers: bool,
    mistake: Mistake,
    /// The item's first line in the program.
    first_line: usize,
}

impl Found {
    /// Exactly one error, on the line of the mistake.
    pub(crate) fn is_answered(&self) -> bool {
        is_answered(&self.errors, &self.mistake, self.first_line)
    }
}

fn is_answered(errors: &[Error], mistake: &Mistake, first_line: usize) -> bool {
    let here =
        |error: &Error| error.lines.iter().any(|line| mistake.lines.contains(&(line + 1).wrapping_sub(first_line)));
    matches!(errors, [error] if here(error))
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mistake { source, kind, lines, .. } = &self.mistake;
        writeln!(f, "--- {kind}, {:?}, line {lines:?}:\n{}", self.place, source.trim())?;
        for Error { message, lines } in &self.errors {
            let lines: Vec<_> = lines.iter().map(|line| (line + 1).wrapping_sub(self.first_line)).collect();
            writeln!(f, "  error on line {lines:?}: {message}")?;
        }
        Ok(())
    }
}

/// So many mistakes in items that Rust can parse, half of them inside the attribute, and those in other items that come
/// first where one of these is drawn. What compiles is no mistake, and another is drawn.
pub(crate) fn measure(compiler: &Compiler, subject: &Subject, count: usize, seed: &str) -> Vec<Found> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    let here = draw(compiler, subject, index, seed);
                    found.lock().expect("no panic").push((index, here));
                }
            });
        }
    });
    let mut found = found.into_inner().expect("no panic");
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().flat_map(|(_, found)| found).collect()
}

fn draw(compiler: &Compiler, subject: &Subject, index: usize, seed: &str) -> Vec<Found> {
    // FNV-1a, so that a seed means the same mistakes everywhere.
    let hash = format!("{seed}/{}/{index}", subject.name)
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut rng = Rng::with_seed(hash);
    let first_line = subject.prelude.matches('\n').count() + 1;
    let mut found = Vec::new();
    for attempt in 0.. {
        let item = &subject.items[rng.usize(..subject.items.len())];
        let mistake = mistake::make(subject, item, index.is_multiple_of(2), &mut rng);
        // Where rustc would be asked only to be told that it cannot parse the item, syn is cheaper.
        if attempt > 0 && syn::parse_file(&mistake.source).is_err() {
            continue;
        }
        let alone = compiler.errors(&format!("mod unread {{ #![cfg(false)]\n{}}}\n", mistake.source));
        if !alone.is_empty() && attempt > 0 {
            continue;
        }
        let errors = compiler.errors(&subject.program(item, &mistake.source));
        if errors.is_empty() {
            continue;
        }
        let place = match mistake.inside {
            _ if !alone.is_empty() => Place::Unparsable,
            true => Place::Inside,
            false => Place::Beside,
        };
        let rust_alone_answers = is_answered(&alone, &mistake, 2);
        found.push(Found { place, errors, rust_alone_answers, mistake, first_line });
        if place != Place::Unparsable {
            break;
        }
    }
    found
}

/// All subjects side by side, as Markdown.
pub(crate) fn table(found: &[Vec<Found>; 3], count: usize, seed: &str) -> String {
    let mut table = format!(
        "\n{count} mistakes each and those that Rust cannot parse, seed {seed}: exactly one error, on the line of the mistake\n\n| mistake |"
    );
    for subject in SUBJECTS {
        let _ = write!(table, " {} |", subject.name);
    }
    table.push_str("\n|---|---|---|---|\n");
    let mut row = |what: &str, cell: &dyn Fn(&[Found]) -> String| {
        let cells: Vec<_> = found.iter().map(|found| cell(found)).collect();
        let _ = writeln!(table, "| {what} | {} |", cells.join(" | "));
    };
    let share = |place: Place, answered: &dyn Fn(&Found) -> bool, found: &[Found]| {
        let here: Vec<_> = found.iter().filter(|found| found.place == place).collect();
        let right = here.iter().filter(|found| answered(found)).count();
        format!("{:.1} % of {}", right as f64 * 100.0 / here.len().max(1) as f64, here.len())
    };
    let most = |unparsable: bool, found: &[Found]| {
        let counted = found.iter().filter(|found| (found.place == Place::Unparsable) == unparsable);
        counted.map(|found| found.errors.len()).max().unwrap_or(0).to_string()
    };
    row("inside the attribute's parentheses", &|found| share(Place::Inside, &Found::is_answered, found));
    row("beside it: the attribute's name, the item", &|found| share(Place::Beside, &Found::is_answered, found));
    row("most errors from one mistake", &|found| most(false, found));
    row("Rust cannot parse the item", &|found| share(Place::Unparsable, &Found::is_answered, found));
    row("the same item, read by nothing but Rust", &|found| share(Place::Unparsable, &|f| f.rust_alone_answers, found));
    row("most errors from one such mistake", &|found| most(true, found));
    table
}
