//! The device that somebody searches with.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::text::{Hidden, check_length};
use crate::TrackError;
use crate::event::InvalidField;

/// A user's device. Its `Debug` form hides the id.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "UncheckedDevice")]
pub struct DeviceInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_type: Option<DeviceType>,
    #[serde(skip_serializing_if = "String::is_empty")]
    id: String,
}

impl DeviceInfo {
    /// A device of this type, without an id.
    pub fn new(device_type: DeviceType) -> Self {
        Self { device_type: Some(device_type), id: String::new() }
    }

    /// Sets an id that no other device has (Google). At most 255 characters (ours: Google names no limit).
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the id is longer. The error does not repeat it.
    pub fn with_id(self, id: impl Into<String>) -> Result<Self, TrackError> {
        Ok(Self { id: id.into(), ..self }.check()?)
    }

    /// The device's type. `None` if unspecified.
    pub fn device_type(&self) -> Option<DeviceType> {
        self.device_type
    }

    /// The device's id. Empty if it has none.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn check(self) -> Result<Self, InvalidField> {
        check_length("request_metadata.device_info.id", &self.id).map(|()| self)
    }
}

/// Without the id.
impl fmt::Debug for DeviceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceInfo").field("device_type", &self.device_type).field("id", &Hidden(&self.id)).finish()
    }
}

/// A type of device. The numbers and names are Google's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum DeviceType {
    /// A browser on a computer.
    Web = 1,
    /// A browser on a phone.
    MobileWeb = 2,
    /// An Android app.
    Android = 3,
    /// An iOS app.
    Ios = 4,
    /// A program, not a person.
    Bot = 5,
    /// Something else.
    Other = 6,
}

impl DeviceType {
    /// All types, by number.
    pub const ALL: [Self; 6] = [Self::Web, Self::MobileWeb, Self::Android, Self::Ios, Self::Bot, Self::Other];

    /// The number on the wire, 1 to 6.
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// Google's name, e.g. `MOBILE_WEB`.
    pub const fn google_name(self) -> &'static str {
        match self {
            Self::Web => "WEB",
            Self::MobileWeb => "MOBILE_WEB",
            Self::Android => "ANDROID",
            Self::Ios => "IOS",
            Self::Bot => "BOT",
            Self::Other => "OTHER",
        }
    }
}

/// Google's name, as in proto3 JSON.
impl Serialize for DeviceType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.google_name())
    }
}

const UNSPECIFIED: &str = "DEVICE_TYPE_UNSPECIFIED";

/// As in proto3 JSON: Google's name or the number, which may be that of the unspecified type.
fn device_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DeviceType>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "the name or the number of a device type")]
    enum Given {
        Number(i64),
        Name(String),
    }
    let unknown = |found: String| {
        de::Error::custom(InvalidField::new(
            "request_metadata.device_info.device_type",
            found,
            "one of WEB (1), MOBILE_WEB (2), ANDROID (3), IOS (4), BOT (5), OTHER (6), by name or number",
        ))
    };
    let mut all = DeviceType::ALL.into_iter();
    match Option::<Given>::deserialize(deserializer)? {
        None | Some(Given::Number(0)) => Ok(None),
        Some(Given::Name(name)) if name == UNSPECIFIED => Ok(None),
        Some(Given::Number(number)) => {
            all.find(|t| i64::from(t.number()) == number).map(Some).ok_or_else(|| unknown(number.to_string()))
        }
        Some(Given::Name(name)) => {
            all.find(|t| t.google_name() == name).map(Some).ok_or_else(|| unknown(InvalidField::quote(&name)))
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct UncheckedDevice {
    #[serde(alias = "device_type", deserialize_with = "device_type")]
    device_type: Option<DeviceType>,
    id: Option<String>,
}

impl TryFrom<UncheckedDevice> for DeviceInfo {
    type Error = InvalidField;

    fn try_from(UncheckedDevice { device_type, id }: UncheckedDevice) -> Result<Self, InvalidField> {
        Self { device_type, id: id.unwrap_or_default() }.check()
    }
}
