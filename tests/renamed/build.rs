//! The items of the hygiene test, with the crate under the names that it has here.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let here = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?;
    let items = Path::new(&here).join("../tests/derive/hygiene/items.rs");
    println!("cargo::rerun-if-changed={}", items.display());
    let items = fs::read_to_string(items)?;
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    for (file, name) in [("renamed.rs", "::sdk"), ("re_exported.rs", "crate::vendor::events")] {
        fs::write(Path::new(&out).join(file), items.replace("::talent_events", name))?;
    }
    Ok(())
}
