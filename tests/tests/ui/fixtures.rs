//! What a fixture is to show: one misuse of a type that is in use, and one error.

use std::fs;
use std::path::Path;

use talent_events::JobEventType;

/// Fixtures that are about several errors, and how many.
const SEVERAL: &[(&str, usize, &str)] = &[
    ("missing/everything", 3, "event type, job and request id are missed in one compile"),
    ("missing/several_things_wrong", 4, "what is wrong is told in one compile"),
];

struct Fixture {
    /// `missing/everything`
    name: String,
    source: String,
    words: String,
}

fn fixtures() -> Vec<Fixture> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let entries = |directory: &Path| fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let classes = entries(&ui).filter(|path| path.is_dir());
    let files = classes.flat_map(|class| entries(&class)).filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let fixtures = files.map(|path| Fixture {
        name: path.with_extension("").strip_prefix(&ui).unwrap().display().to_string(),
        source: read(&path),
        words: read(&path.with_extension("stderr")),
    });
    fixtures.collect()
}

#[test]
fn each_fixture_has_one_error() {
    let fixtures = fixtures();
    let errors = |words: &str| words.lines().filter(|line| line.starts_with("error")).count();
    let wrong = fixtures.iter().filter_map(|fixture| {
        let expected = SEVERAL.iter().find(|(name, ..)| *name == fixture.name).map_or(1, |(_, count, _)| *count);
        let found = errors(&fixture.words);
        (found != expected).then(|| format!("{}: {found} errors, and {expected} were to be", fixture.name))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (name, _, why) in SEVERAL {
        assert!(fixtures.iter().any(|fixture| fixture.name == *name), "{name} ({why}) is no fixture");
    }
}

/// A type that is not used hides what follows from an error in it.
#[test]
fn each_type_is_used() {
    let derives =
        |line: &str| line.contains("#[derive(") && (line.contains("TalentEvent") || line.contains("TalentContext"));
    let unused = fixtures().into_iter().filter(|Fixture { source, .. }| {
        let sends =
            [".track(", ".enqueue(", ".record(", ".record_any(", ".resume"].iter().any(|call| source.contains(call));
        source.lines().any(derives) && !sends
    });
    let unused: Vec<_> = unused.map(|fixture| fixture.name).collect();
    assert!(unused.is_empty(), "nothing is sent in {unused:?}");
}

/// The derive cannot ask the runtime crate which types there are: where it lists them, it has words of its own.
#[test]
fn the_derive_lists_the_event_types_that_there_are() {
    let fixtures = fixtures();
    let fixture = fixtures.iter().find(|fixture| fixture.name == "event-type/nothing_like_it").unwrap();
    let help = fixture.words.lines().nth(1).unwrap();
    let listed = help.split_once("the event types are ").unwrap().1;
    let names = JobEventType::ALL.map(|event_type| format!("`{event_type:?}`"));
    assert_eq!(listed, names.join(", "));
}
