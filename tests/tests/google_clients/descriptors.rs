//! Our `.proto` says of each message what Google's package says.

use std::collections::BTreeMap;
use std::path::Path;

use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorSet};

use crate::Result;
use crate::process;

/// Each message and enum by its full name, a line for each field or value.
type Shapes = BTreeMap<String, Vec<String>>;

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn names_numbers_types_and_labels_are_google_s() -> Result {
    let google = FileDescriptorSet::decode(&process::output("descriptors.py").await?[..])?;
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("../talent-events/proto");
    let ours = protox::compile([proto.join("event_service.proto")], [proto])?;

    let (google, ours) = (shapes(&google)?, shapes(&ours)?);
    for name in [
        "ClientEvent",
        "CreateClientEventRequest",
        "DeviceInfo",
        "DeviceInfo.DeviceType",
        "JobEvent",
        "JobEvent.JobEventType",
        "RequestMetadata",
        "ResponseMetadata",
    ] {
        let name = format!("google.cloud.talent.v4.{name}");
        let shape = google.get(&name).ok_or_else(|| format!("Google's package has no {name}"))?;
        assert!(!shape.is_empty());
        assert_eq!(ours.get(&name), Some(shape), "{name}");
    }
    for name in ours.keys().filter(|name| name.starts_with("google.cloud.talent.")) {
        assert!(google.contains_key(name), "{name} is ours alone");
    }
    Ok(())
}

fn shapes(files: &FileDescriptorSet) -> Result<Shapes> {
    let mut shapes = Shapes::new();
    for file in &files.file {
        let package = file.package();
        for message in &file.message_type {
            add_message(package, message, &mut shapes)?;
        }
        for values in &file.enum_type {
            add_enum(package, values, &mut shapes);
        }
    }
    Ok(shapes)
}

fn add_message(scope: &str, message: &DescriptorProto, shapes: &mut Shapes) -> Result {
    let name = format!("{scope}.{}", message.name());
    let mut lines = Vec::new();
    for field in &message.field {
        let label = Label::try_from(field.label.unwrap_or_default())?;
        let kind = Type::try_from(field.r#type.unwrap_or_default())?;
        let oneof = match field.oneof_index {
            Some(index) => message.oneof_decl.get(usize::try_from(index)?).ok_or("a oneof")?.name(),
            None => "none",
        };
        lines.push(format!(
            "{:04} {}: {} {} {}, oneof {oneof}, explicit presence {}",
            field.number(),
            // A word of Python's gets an underscore there, which is neither on the wire nor in JSON.
            field.name().trim_end_matches('_'),
            label.as_str_name(),
            kind.as_str_name(),
            field.type_name(),
            field.proto3_optional(),
        ));
    }
    lines.sort();
    for inner in &message.nested_type {
        add_message(&name, inner, shapes)?;
    }
    for values in &message.enum_type {
        add_enum(&name, values, shapes);
    }
    shapes.insert(name, lines);
    Ok(())
}

fn add_enum(scope: &str, values: &EnumDescriptorProto, shapes: &mut Shapes) {
    let mut lines: Vec<_> =
        values.value.iter().map(|value| format!("{:04} {}", value.number(), value.name())).collect();
    lines.sort();
    shapes.insert(format!("{scope}.{}", values.name()), lines);
}
