//! A file that is either written whole or left unchanged. The command line uses it too; it is no public API.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A new content of a file: written to [`writer`](Self::writer), and in the file after [`finish`](Self::finish).
///
/// An existing file keeps its permissions, and links to it stay links. A pipe or a device cannot be replaced, so it is
/// written directly.
#[derive(Debug)]
pub struct Replacement(To);

#[derive(Debug)]
enum To {
    Temporary(BufWriter<NamedTempFile>, PathBuf),
    Direct(BufWriter<File>),
}

/// The target of a path.
enum Target {
    /// A file behind all links, or a file to create.
    Regular(PathBuf, Option<fs::Permissions>),
    Other,
}

impl Target {
    fn at(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
            Ok(found) if found.is_file() => Ok(Self::Regular(fs::canonicalize(path)?, Some(found.permissions()))),
            Ok(_) => Ok(Self::Other),
            // A dangling link: writing creates the file that it names.
            Err(e) if e.kind() == ErrorKind::NotFound && path.is_symlink() => Ok(Self::Other),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(Self::Regular(path.into(), None)),
            Err(e) => Err(e),
        }
    }
}

impl Replacement {
    /// Opens the replacement. The file is unchanged so far. A pipe waits for its reader.
    pub fn of(path: &Path) -> io::Result<Self> {
        match Target::at(path)? {
            Target::Other => Ok(Self(To::Direct(BufWriter::new(File::create(path)?)))),
            Target::Regular(path, permissions) => {
                let file = temporary_beside(&path)?;
                if let Some(permissions) = permissions {
                    file.as_file().set_permissions(permissions)?;
                }
                Ok(Self(To::Temporary(BufWriter::new(file), path)))
            }
        }
    }

    /// Checks that the path can be written now, without waiting for a pipe's reader.
    pub fn try_at(path: &Path) -> io::Result<()> {
        match Target::at(path)? {
            Target::Regular(path, _) => temporary_beside(&path).map(drop),
            Target::Other => Ok(()),
        }
    }

    /// The new content so far.
    pub fn writer(&mut self) -> &mut dyn Write {
        match &mut self.0 {
            To::Temporary(file, _) => file,
            To::Direct(file) => file,
        }
    }

    /// Puts the new content in place. `durably`: it survives a failure of the machine.
    pub fn finish(self, durably: bool) -> io::Result<()> {
        match self.0 {
            To::Temporary(file, path) => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                if durably {
                    file.as_file().sync_all()?;
                }
                file.persist(path)?;
                Ok(())
            }
            To::Direct(mut file) => file.flush(),
        }
    }
}

fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
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
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 2, "no temporary file is left");
    }

    #[test]
    fn an_unfinished_replacement_changes_nothing() {
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
    fn a_directory_is_an_error_and_a_device_is_written() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(write(directory.path(), "").unwrap_err().kind(), ErrorKind::IsADirectory);
        assert!(Replacement::try_at(&directory.path().join("no/file")).is_err());
        write(Path::new("/dev/null"), "gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
