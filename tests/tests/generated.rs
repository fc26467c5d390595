//! The checked-in protobuf code is what the `.proto` says. `scripts/generate.sh` renews it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[test]
fn wire_types_are_fresh() -> Result<()> {
    let generated = generate(tonic_prost_build::configure().build_client(true).build_server(false))?;
    check("talent-events/src/wire/generated.rs", &generated)
}

#[test]
fn emulator_service_is_fresh() -> Result<()> {
    let config = tonic_prost_build::configure()
        .build_client(false)
        .build_server(true)
        .extern_path(".google.cloud.talent.v4", "::talent_events::wire");
    check("talent-events-emulator/src/faces/grpc/service.rs", &generate(config)?)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn generate(config: tonic_prost_build::Builder) -> Result<String> {
    let out = tempfile::tempdir()?;
    let proto = root().join("talent-events/proto");
    let descriptors = protox::compile([proto.join("event_service.proto")], [proto])?;
    config.out_dir(out.path()).compile_fds(descriptors)?;
    Ok(fs::read_to_string(out.path().join("google.cloud.talent.v4.rs"))?)
}

/// With `GENERATE=1` in the environment the file is written instead.
fn check(path: &str, generated: &str) -> Result<()> {
    let file = root().join(path);
    if std::env::var_os("GENERATE").is_some_and(|v| v == "1") {
        fs::write(&file, generated)?;
    }
    let present = fs::read_to_string(&file).unwrap_or_default();
    assert!(present == generated, "{path} is not what talent-events/proto says: run scripts/generate.sh");
    Ok(())
}
