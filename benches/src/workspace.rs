//! A cargo workspace whose packages are made to be built, and measured while they are.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What the measurements of builds answer.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A package of one library.
#[derive(Debug)]
pub struct Package<'a> {
    /// Its name.
    pub name: &'a str,
    /// A line of its manifest, or none; `ROOT` stands for this repository.
    pub dependency: &'a str,
    /// Its `lib.rs`.
    pub source: String,
}

/// The workspace on disk.
#[derive(Debug)]
pub struct Workspace(PathBuf);

impl Workspace {
    /// Writes it, under the target directory. It has our lock file: what is compared is what we depend on.
    ///
    /// # Errors
    ///
    /// The file system's.
    pub fn write(name: &str, packages: &[Package<'_>]) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let workspace = target.join(name);
        for Package { name, dependency, source } in packages {
            let package = workspace.join(name);
            fs::create_dir_all(package.join("src"))?;
            let dependency = dependency.replace("ROOT", &root.to_string_lossy());
            let manifest = format!(
                "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\n"
            );
            write_if_changed(&package.join("Cargo.toml"), &manifest)?;
            write_if_changed(&package.join("src/lib.rs"), source)?;
        }
        let members: Vec<_> = packages.iter().map(|package| package.name).collect();
        write_if_changed(
            &workspace.join("Cargo.toml"),
            &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"),
        )?;
        fs::copy(root.join("Cargo.lock"), workspace.join("Cargo.lock"))?;
        Ok(Self(workspace))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Runs cargo in it, to the end and without incremental compilation.
    ///
    /// # Errors
    ///
    /// What cargo says where it fails.
    pub fn cargo(&self, arguments: &[&str]) -> Result<()> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(arguments)
            .arg("--quiet")
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("target"))
            .env("CARGO_INCREMENTAL", "0")
            .output()?;
        match output.status.success() {
            true => Ok(()),
            false => Err(format!("cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }
}

fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    Ok(fs::write(path, text)?)
}
