//! The gallery in the guide: each fixture, and the compiler's words to it, one page a class.

use std::fmt::Write as _;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use crate::compiler;

/// What each class is called, in the order in which a user would meet them. Classes that are not named here come last.
const TITLES: &[(&str, &str)] = &[
    ("missing", "Something is missing"),
    ("event-type", "The event type"),
    ("jobs", "The jobs"),
    ("request-id", "The request id"),
    ("notes-overflow", "Long notes"),
    ("template", "Templates"),
    ("private", "Private fields"),
    ("enum", "Enums"),
    ("unknown-key", "Unknown keys"),
    ("wrong-form", "The right key in the wrong form"),
    ("wrong-place", "The right key in the wrong place"),
    ("duplicate", "Set twice"),
    ("conflict", "Set in two ways"),
    ("with", "Functions"),
    ("flatten", "Flattened fields"),
    ("context", "Contexts"),
    ("bounds", "Types that cannot play their role, and bounds of your own"),
    ("generics", "Generics"),
    ("crate-path", "The path of the crate"),
    ("malformed", "Malformed attributes"),
    ("session", "Sessions"),
    ("sequence", "Steps out of order"),
    ("delivery", "Delivery"),
];

struct Class {
    name: String,
    title: String,
    cases: Vec<Case>,
}

impl Class {
    /// The name of its page, which is a module.
    fn module(&self) -> String {
        match self.name.as_str() {
            "enum" => "enums".into(),
            name => name.replace('-', "_"),
        }
    }
}

struct Case {
    title: String,
    source: String,
    words: String,
}

#[test]
fn the_gallery_is_fresh() {
    let core = root().join("../talent-events");
    let classes = classes();
    let pages =
        classes.iter().map(|class| (core.join("docs/misuse").join(format!("{}.md", class.module())), page(class)));
    let generated: Vec<_> = pages.chain([(core.join("src/guide/misuse.rs"), index(&classes))]).collect();
    // The .stderr files are renewed by trybuild, at the same time perhaps: scripts/bless.sh runs this after it.
    if std::env::var_os("BLESS").is_some_and(|v| v == "1") {
        fs::remove_dir_all(core.join("docs/misuse")).ok();
        for (file, text) in &generated {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }
    for (file, text) in &generated {
        let present = fs::read_to_string(file).unwrap_or_default();
        assert!(present == *text, "{} differs from tests/ui: run scripts/bless.sh", file.display());
    }
    let present = fs::read_dir(core.join("docs/misuse")).unwrap().count();
    assert_eq!(present, classes.len(), "talent-events/docs/misuse holds a page of no class: run scripts/bless.sh");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn classes() -> Vec<Class> {
    let mut names = names(&root().join("ui"), |path| path.is_dir());
    names.sort_by_key(|name| TITLES.iter().position(|(n, _)| n == name).unwrap_or(TITLES.len()));
    let class = |name: &String| {
        let title = TITLES.iter().find(|(n, _)| n == name).map_or_else(|| sentence(name), |(_, title)| (*title).into());
        Class { name: name.clone(), title, cases: cases(&root().join("ui").join(name)) }
    };
    names.iter().map(class).collect()
}

fn cases(class: &Path) -> Vec<Case> {
    let names = names(class, |path| path.extension().is_some_and(|e| e == "rs"));
    let case = |name: &String| {
        let read = |path: PathBuf| fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let (source, words) = (read(class.join(name)), read(class.join(name).with_extension("stderr")));
        Case { title: sentence(name.trim_end_matches(".rs")), source: excerpt(&source, &words), words }
    };
    names.iter().map(case).collect()
}

/// The names in a directory, in order, so that the page is the same everywhere.
fn names(directory: &Path, which: impl Fn(&Path) -> bool) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> =
        entries.filter(|path| which(path)).map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// `missing_comma` as a heading.
fn sentence(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The fixture without what each has around its misuse: imports, `main`, and functions that the compiler does not point
/// at.
fn excerpt(source: &str, words: &str) -> String {
    let lines: Vec<_> = source.lines().collect();
    let mut kept = vec![true; lines.len()];
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("use ") || *line == "fn main() {}" {
            kept[at] = false;
        } else if line.starts_with("async fn ") {
            let end = lines[at..].iter().position(|l| *l == "}").map_or(at, |n| at + n);
            if !points_into(words, at + 1..=end + 1) {
                kept[at..=end].fill(false);
            }
        }
    }
    let kept = lines.iter().zip(kept).filter(|(_, kept)| *kept).map(|(line, _)| *line);
    let mut excerpt: Vec<&str> = Vec::new();
    for line in kept {
        if !line.is_empty() || excerpt.last().is_some_and(|last| !last.is_empty()) {
            excerpt.push(line);
        }
    }
    excerpt.join("\n").trim_end().to_owned()
}

/// Whether an arrow of the compiler's, `--> ui/a/b.rs:4:59`, falls on one of the lines.
fn points_into(words: &str, lines: RangeInclusive<usize>) -> bool {
    let arrows = words.lines().filter_map(|line| line.trim_start().strip_prefix("--> ui/"));
    arrows.filter_map(|place| place.split(':').nth(1)?.parse().ok()).any(|line| lines.contains(&line))
}

fn page(class: &Class) -> String {
    let mut page = format!("<!-- Made from tests/ui by scripts/bless.sh. -->\n\n# {}\n", class.title);
    for Case { title, source, words } in &class.cases {
        let words = words.trim_end();
        let _ = write!(page, "\n## {title}\n\n```rust,ignore\n{source}\n```\n\n```text\n{words}\n```\n");
    }
    page
}

/// The module of the guide that holds the pages.
fn index(classes: &[Class]) -> String {
    let count: usize = classes.iter().map(|class| class.cases.len()).sum();
    let rustc = compiler::blessed();
    let rustc = rustc.split(" (").next().unwrap_or_default();
    let mut index = format!(
        "//! Misuse, and the compiler's words: {count} mistakes, one page a class of mistake.\n\
         //!\n\
         //! The words are those of {rustc}. Each mistake is a test, so you will read the same words. Line numbers count\n\
         //! the whole file, which has imports above.\n\
         //!\n",
    );
    for class in classes {
        let _ = writeln!(index, "//! - [{}]({}): {}", class.title, class.module(), class.cases.len());
    }
    index.push_str("\n// Made from tests/ui by scripts/bless.sh.\n");
    for class in classes {
        let module = class.module();
        let _ =
            write!(index, "\npub mod {module} {{\n    #![doc = include_str!(\"../../docs/misuse/{module}.md\")]\n}}\n");
    }
    index
}

#[test]
fn an_excerpt_is_the_misuse() {
    let source = "use a::B;\n\n#[derive(B)]\nstruct S;\n\nasync fn send(s: S) {\n    s.track();\n}\n\nfn main() {}\n";
    assert_eq!(excerpt(source, "error: x\n --> ui/a/b.rs:4:8\n"), "#[derive(B)]\nstruct S;");
    assert_eq!(
        excerpt(source, "error: x\n --> ui/a/b.rs:7:7\n"),
        "#[derive(B)]\nstruct S;\n\nasync fn send(s: S) {\n    s.track();\n}"
    );
}
