//! A file that is written whole, or left as it was. For the command line too, and no part of what is promised.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What is written to [`writer`](Self::writer) stands in the file after [`finish`](Self::finish), and not before.
///
/// A file that is there keeps its permissions, and links to it stay links. What is no regular file, a pipe or a device,
/// is written as it goes, for it can not be replaced.
#[derive(Debug)]
pub struct Replacement(To);

#[derive(Debug)]
enum To {
    Beside(BufWriter<NamedTempFile>, PathBuf),
    Itself(BufWriter<File>),
}

/// What stands at a path.
enum There {
    /// The file itself, behind all links, or where it is to be.
    Regular(PathBuf, Option<fs::Permissions>),
    Other,
}

impl There {
    fn at(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => Err(ErrorKind::IsADirectory.into()),
            Ok(there) if there.is_file() => Ok(Self::Regular(fs::canonicalize(path)?, Some(there.permissions()))),
            Ok(_) => Ok(Self::Other),
            // A link to nothing: what is written makes the file that it names.
            Err(e) if e.kind() == ErrorKind::NotFound && path.is_symlink() => Ok(Self::Other),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(Self::Regular(path.into(), None)),
            Err(e) => Err(e),
        }
    }
}

impl Replacement {
    /// Nothing is changed before the end, but a pipe waits for its reader.
    pub fn of(path: &Path) -> io::Result<Self> {
        match There::at(path)? {
            There::Other => Ok(Self(To::Itself(BufWriter::new(File::create(path)?)))),
            There::Regular(path, permissions) => {
                let file = beside(&path)?;
                if let Some(permissions) = permissions {
                    file.as_file().set_permissions(permissions)?;
                }
                Ok(Self(To::Beside(BufWriter::new(file), path)))
            }
        }
    }

    /// Whether it would work now, as far as that can be told without waiting.
    pub fn try_at(path: &Path) -> io::Result<()> {
        match There::at(path)? {
            There::Regular(path, _) => beside(&path).map(drop),
            There::Other => Ok(()),
        }
    }

    pub fn writer(&mut self) -> &mut dyn Write {
        match &mut self.0 {
            To::Beside(file, _) => file,
            To::Itself(file) => file,
        }
    }

    /// `durably` also over a failure of the machine.
    pub fn finish(self, durably: bool) -> io::Result<()> {
        match self.0 {
            To::Beside(file, path) => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                if durably {
                    file.as_file().sync_all()?;
                }
                file.persist(path)?;
                Ok(())
            }
            To::Itself(mut file) => file.flush(),
        }
    }
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn write(path: &Path, text: &str) -> io::Result<()> {
        let mut file = Replacement::of(path)?;
        file.writer().write_all(text.as_bytes())?;
        file.finish(true)
    }

    #[test]
    fn a_file_keeps_its_permissions_and_a_link_stays_one() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        write(&link, "new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);

        fs::remove_file(&file).unwrap();
        write(&link, "again").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "again");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn what_is_not_finished_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "old").unwrap();
        let mut file = Replacement::of(&path).unwrap();
        file.writer().write_all(b"new").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }

    #[test]
    fn what_can_not_be_replaced_is_told_or_written_to() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(write(directory.path(), "").unwrap_err().kind(), ErrorKind::IsADirectory);
        assert!(Replacement::try_at(&directory.path().join("no/file")).is_err());
        write(Path::new("/dev/null"), "gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
