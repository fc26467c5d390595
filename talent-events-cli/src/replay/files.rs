//! No two files of a replay may be one: it would read its own letters, or write over its input.

use std::fs::{self, Metadata};
use std::path::Path;

use crate::Failure;
use crate::options::ReplayOptions;

/// Called when the files are there that will be written to.
pub(super) fn are_distinct(options: &ReplayOptions) -> Result<(), Failure> {
    let named = |path: &Option<_>| path.as_deref().and_then(|path: &Path| identity(fs::metadata(path).ok()?));
    let input = if options.file == Path::new("-") { stdin() } else { fs::metadata(&options.file).ok() };
    let files = [
        ("the events", input.and_then(identity)),
        ("--progress", named(&options.progress)),
        ("--dead-letters", named(&options.dead_letters)),
    ];
    for (index, (one, is)) in files.iter().enumerate() {
        if let Some((other, _)) = files[..index].iter().find(|(_, other)| is.is_some() && is == other) {
            return Err(format!("{other} and {one} are the same file; each needs one of its own").into());
        }
    }
    Ok(())
}

/// What tells a file from others, whatever it is called. Only of a regular one: what else there is has no contents that
/// could be mixed up.
#[cfg(unix)]
fn identity(file: Metadata) -> Option<impl Eq> {
    use std::os::unix::fs::MetadataExt;
    file.is_file().then(|| (file.dev(), file.ino()))
}

/// The standard library does not tell.
#[cfg(not(unix))]
fn identity(_: Metadata) -> Option<()> {
    None
}

#[cfg(unix)]
fn stdin() -> Option<Metadata> {
    use std::os::fd::AsFd;
    fs::File::from(std::io::stdin().as_fd().try_clone_to_owned().ok()?).metadata().ok()
}

#[cfg(not(unix))]
fn stdin() -> Option<Metadata> {
    None
}
