//! A compiler's words change from version to version: `ui/rustc-version` names the one whose words `tests/ui` holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version whose words are checked in.
pub(crate) fn blessed() -> String {
    fs::read_to_string(file()).unwrap_or_default().trim().to_owned()
}

/// Fails where another compiler is in use, before a hundred fixtures do; renews the file where they are renewed.
pub(crate) fn check() {
    let used = in_use();
    if std::env::var_os("TRYBUILD").is_some_and(|v| v == "overwrite") {
        fs::write(file(), format!("{used}\n")).unwrap();
    }
    if let Some(advice) = advice(&used, &blessed()) {
        panic!("{advice}");
    }
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/rustc-version")
}

/// As `rustc --version` says it.
fn in_use() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn advice(used: &str, blessed: &str) -> Option<String> {
    (used != blessed).then(|| {
        format!(
            "tests/ui holds the words of `{blessed}`, and this is `{used}`, which may say the same in others.\n\
             Use that compiler; or run scripts/bless.sh with this one, read the difference as a user would, and commit it."
        )
    })
}

#[test]
fn the_compiler_is_the_one_whose_words_are_checked_in() {
    check();
}

#[test]
fn another_compiler_is_told_at_once() {
    assert_eq!(advice("rustc 1.95.0 (a)", "rustc 1.95.0 (a)"), None);
    let advice = advice("rustc 1.96.0 (b)", "rustc 1.95.0 (a)").unwrap();
    assert!(advice.contains("rustc 1.96.0 (b)") && advice.contains("scripts/bless.sh"), "{advice}");
}
