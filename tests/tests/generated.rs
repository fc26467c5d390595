//! The checked-in protobuf code is what the `.proto` says. `scripts/generate.sh` renews it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[test]
fn wire_types_are_fresh() -> Result<()> {
    let config = tonic_prost_build::configure().build_client(true).build_server(false);
    let generated = generate(config, "talent-events/proto/event_service.proto")?;
    check("talent-events/src/wire/generated.rs", &generated)
}

#[test]
fn emulator_service_is_fresh() -> Result<()> {
    let config = tonic_prost_build::configure().build_client(false).build_server(true);
    let config = SHARED.iter().fold(config, |config, name| {
        config.extern_path(format!(".google.cloud.talent.v4.{name}"), format!("::talent_events::wire::{name}"))
    });
    check("talent-events-emulator/src/proto.rs", &generate(config, "talent-events-emulator/proto/job_service.proto")?)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The messages that the emulator has in common with the SDK.
const SHARED: [&str; 6] =
    ["ClientEvent", "CreateClientEventRequest", "DeviceInfo", "JobEvent", "RequestMetadata", "ResponseMetadata"];

/// Generates the code of a file and of its imports.
fn generate(config: tonic_prost_build::Builder, file: &str) -> Result<String> {
    let out = tempfile::tempdir()?;
    let includes = ["talent-events/proto", "talent-events-emulator/proto"].map(|path| root().join(path));
    let descriptors = protox::compile([root().join(file)], includes)?;
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
