//! The wire types, for a search call of the app's own.

use super::{DeviceInfo, RequestMetadata};
use crate::wire;

impl From<&RequestMetadata> for wire::RequestMetadata {
    fn from(metadata: &RequestMetadata) -> Self {
        Self {
            domain: metadata.domain.clone(),
            session_id: metadata.session_id.clone(),
            user_id: metadata.user_id.clone(),
            allow_missing_ids: metadata.allow_missing_ids,
            device_info: metadata.device_info.as_ref().map(Into::into),
        }
    }
}

impl From<&DeviceInfo> for wire::DeviceInfo {
    fn from(device: &DeviceInfo) -> Self {
        Self { device_type: device.device_type().map_or(0, |t| t.number()), id: device.id().to_owned() }
    }
}
