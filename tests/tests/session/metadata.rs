//! What a search is told of its user.

use proptest::prelude::*;
use serde_json::json;
use talent_events::sequence::{DeviceInfo, DeviceType, RequestMetadata, RequestMetadataBuilder};
use talent_events::wire;

use crate::invalid::invalid_field;
use crate::{recorder, session};

fn builder() -> RequestMetadataBuilder {
    RequestMetadata::builder().domain("jobs.example.com").session_id("session-secret").user_id("user-secret")
}

#[test]
fn texts_have_255_characters_at_most_and_are_not_repeated() {
    let (fits, long) = ("é".repeat(255), "é".repeat(256));
    assert!(builder().domain(&fits).session_id(&fits).user_id(&fits).build().is_ok());
    for (field, wrong) in [
        ("request_metadata.domain", builder().domain(&long)),
        ("request_metadata.session_id", builder().session_id(&long)),
        ("request_metadata.user_id", builder().user_id(&long).allow_missing_ids()),
    ] {
        let error = invalid_field(wrong.build().unwrap_err());
        assert_eq!((error.field(), error.found()), (field, "256 characters"));
        assert!(!error.to_string().contains('é'));
    }
    assert!(DeviceInfo::new(DeviceType::Web).with_id(fits).is_ok());
    let error = DeviceInfo::new(DeviceType::Web).with_id(long).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`request_metadata.device_info.id`: expected at most 255 characters, found 256 characters"
    );
}

#[test]
fn an_id_is_missing_only_where_that_is_said() {
    let error = RequestMetadata::builder().domain("d").session_id("s").build().unwrap_err();
    let error = invalid_field(error);
    assert_eq!(error.field(), "request_metadata.user_id");
    assert!(error.help().is_some_and(|help| help.contains("allow_missing_ids")), "{error}");
    let anonymous = RequestMetadata::builder().domain("d").allow_missing_ids().build().unwrap();
    assert_eq!((anonymous.domain(), anonymous.session_id(), anonymous.user_id()), ("d", "", ""));
}

#[test]
fn whose_search_it_is_shows_nowhere() {
    let device = DeviceInfo::new(DeviceType::Ios).with_id("device-secret").unwrap();
    let builder = builder().device_info(device);
    let metadata = builder.clone().build().unwrap();
    let session = session(&recorder()).with_request_metadata(metadata.clone());
    let shown = format!("{builder:?} {metadata:#?} {:?} {session:?}", metadata.device_info());
    assert!(!shown.contains("secret"), "{shown}");
    assert!(shown.contains("jobs.example.com") && shown.contains("hidden"), "{shown}");
    assert_eq!(session.request_metadata(), Some(&metadata));
}

#[test]
fn json_is_proto3s() {
    let metadata: RequestMetadata = serde_json::from_value(json!({
        "domain": "d", "session_id": "s", "userId": "u", "deviceInfo": {"deviceType": 2, "id": "x"}
    }))
    .unwrap();
    assert_eq!(
        serde_json::to_value(&metadata).unwrap(),
        json!({"domain": "d", "sessionId": "s", "userId": "u", "deviceInfo": {"deviceType": "MOBILE_WEB", "id": "x"}})
    );
    let nothing =
        json!({"domain": null, "sessionId": null, "userId": null, "allowMissingIds": true, "deviceInfo": null});
    let nothing: RequestMetadata = serde_json::from_value(nothing).unwrap();
    assert_eq!(serde_json::to_value(&nothing).unwrap(), json!({"allowMissingIds": true}));
    for unspecified in [json!(0), json!("DEVICE_TYPE_UNSPECIFIED"), json!(null)] {
        let device: DeviceInfo = serde_json::from_value(json!({"device_type": unspecified, "id": null})).unwrap();
        assert_eq!(device.device_type(), None);
        assert_eq!(serde_json::to_value(device).unwrap(), json!({}));
    }
    for (wrong, words) in [
        (json!({"domain": "d", "sessionId": "s"}), "request_metadata.user_id"),
        (json!({"allowMissingIds": true, "userId": "u".repeat(256)}), "256 characters"),
        (json!({"allowMissingIds": true, "deviceInfo": {"deviceType": "PHONE"}}), "MOBILE_WEB (2)"),
        (json!({"allowMissingIds": true, "deviceInfo": {"deviceType": 7}}), "found 7"),
        (json!({"allowMissingIds": true, "user": "u"}), "unknown field"),
    ] {
        let error = serde_json::from_value::<RequestMetadata>(wrong).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn device_types_are_those_of_the_wire() {
    for device_type in DeviceType::ALL {
        let wire = wire::device_info::DeviceType::try_from(device_type.number()).unwrap();
        assert_eq!(wire.as_str_name(), device_type.google_name());
    }
    assert!(wire::device_info::DeviceType::try_from(7).is_err());
}

proptest! {
    #[test]
    fn what_is_built_survives_json_and_the_wire(
        texts in [".{0,300}", ".{0,300}", ".{0,300}", ".{0,300}"],
        allow_missing_ids: bool,
        device_type in proptest::option::of(proptest::sample::select(&DeviceType::ALL[..])),
    ) {
        let [domain, session_id, user_id, id] = &texts;
        let fits = texts.iter().all(|t| t.chars().count() <= 255);
        let complete = allow_missing_ids || [domain, session_id, user_id].iter().all(|t| !t.is_empty());
        let mut builder = RequestMetadata::builder().domain(domain).session_id(session_id).user_id(user_id);
        if allow_missing_ids {
            builder = builder.allow_missing_ids();
        }
        let device = device_type.map_or_else(DeviceInfo::default, DeviceInfo::new).with_id(id);
        let built = device.and_then(|device| builder.device_info(device).build());
        prop_assert_eq!(built.is_ok(), fits && complete);
        if let Ok(metadata) = built {
            let json = serde_json::to_string(&metadata).unwrap();
            prop_assert_eq!(&serde_json::from_str::<RequestMetadata>(&json).unwrap(), &metadata);
            prop_assert_eq!(wire::RequestMetadata::from(&metadata), wire::RequestMetadata {
                domain: domain.clone(),
                session_id: session_id.clone(),
                user_id: user_id.clone(),
                allow_missing_ids,
                device_info: Some(wire::DeviceInfo {
                    device_type: device_type.map_or(0, DeviceType::number),
                    id: id.clone(),
                }),
            });
        }
    }
}
