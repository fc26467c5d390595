//! A search in proto3 JSON, read so that all errors are reported at once.

use serde_json::{Map, Value};
use talent_events::sequence::DeviceType;
use talent_events::{InvalidField, wire};

use super::duplicate_keys::read as read_json;
use super::error::{invalid_json, position};
use super::value::{kind, snake_case, whole_number};
use crate::proto::SearchJobsRequest;
use crate::text::{DUPLICATE, ONCE, UNKNOWN, escape, invalid, suggest};

/// Maximum number of errors to report for one request.
const MAX_ERRORS: usize = 100;

/// The fields of a search in proto3 JSON.
const FIELDS: [&str; 16] = [
    "parent",
    "searchMode",
    "requestMetadata",
    "jobQuery",
    "enableBroadening",
    "histogramQueries",
    "jobView",
    "offset",
    "maxPageSize",
    "pageToken",
    "orderBy",
    "diversificationLevel",
    "customRankingInfo",
    "disableKeywordMatch",
    "keywordMatchMode",
    "relevanceThreshold",
];

const METADATA_FIELDS: [&str; 5] = ["domain", "sessionId", "userId", "allowMissingIds", "deviceInfo"];

const DEVICE_FIELDS: [&str; 2] = ["deviceType", "id"];

/// The readable part of a search, and the values of the wrong shape. The parent is not read: it is in the path.
pub(crate) fn read(body: &[u8]) -> (SearchJobsRequest, Vec<InvalidField>) {
    let (value, duplicates) = match read_json(body) {
        Ok(read) => read,
        Err(e) => {
            let found = invalid_json(&e) + &position(&e);
            return (SearchJobsRequest::default(), vec![invalid("body", "a search in proto3 JSON", found)]);
        }
    };
    let mut reader = Reader { errors: duplicates.into_iter().map(|field| invalid(field, ONCE, DUPLICATE)).collect() };
    let search = reader.search(&value);
    (search, reader.errors)
}

struct Reader {
    errors: Vec<InvalidField>,
}

impl Reader {
    fn search(&mut self, value: &Value) -> SearchJobsRequest {
        let mut search = SearchJobsRequest::default();
        for (name, value) in self.fields("body", "", value, &FIELDS) {
            match name {
                "requestMetadata" if !value.is_null() => search.request_metadata = Some(self.metadata(value)),
                "offset" => search.offset = self.number("offset", value),
                "maxPageSize" => search.max_page_size = self.number("max_page_size", value),
                "pageToken" => search.page_token = self.text("page_token", value),
                _ => {}
            }
        }
        search
    }

    fn metadata(&mut self, value: &Value) -> wire::RequestMetadata {
        let mut metadata = wire::RequestMetadata::default();
        for (name, value) in self.fields("request_metadata", "request_metadata.", value, &METADATA_FIELDS) {
            match name {
                "domain" => metadata.domain = self.text("request_metadata.domain", value),
                "sessionId" => metadata.session_id = self.text("request_metadata.session_id", value),
                "userId" => metadata.user_id = self.text("request_metadata.user_id", value),
                "allowMissingIds" => match value {
                    Value::Null => {}
                    Value::Bool(allow) => metadata.allow_missing_ids = *allow,
                    other => self.error("request_metadata.allow_missing_ids", "true or false", kind(other)),
                },
                "deviceInfo" if !value.is_null() => metadata.device_info = Some(self.device(value)),
                _ => {}
            }
        }
        metadata
    }

    fn device(&mut self, value: &Value) -> wire::DeviceInfo {
        const DEVICE: &str = "request_metadata.device_info";
        let mut device = wire::DeviceInfo::default();
        for (name, value) in self.fields(DEVICE, "request_metadata.device_info.", value, &DEVICE_FIELDS) {
            match name {
                "deviceType" => device.device_type = self.device_type(value),
                "id" => device.id = self.text("request_metadata.device_info.id", value),
                _ => {}
            }
        }
        device
    }

    /// An enum of proto3 may have unknown numbers, but no unknown names.
    fn device_type(&mut self, value: &Value) -> i32 {
        if let Some(number) = whole_number(value).and_then(|number| i32::try_from(number).ok()) {
            return number;
        }
        let named = |name: &str| DeviceType::ALL.into_iter().find(|t| t.google_name() == name);
        match value {
            Value::Null => 0,
            Value::String(name) if name == "DEVICE_TYPE_UNSPECIFIED" => 0,
            Value::String(name) if let Some(device_type) = named(name) => device_type.number(),
            other => {
                let found = InvalidField::quote(&other.to_string());
                self.error(
                    "request_metadata.device_info.device_type",
                    "the name or the number of a device type",
                    found,
                );
                0
            }
        }
    }

    /// The known fields of an object, by their names in JSON. `path` is the prefix of their paths.
    fn fields<'v>(
        &mut self,
        field: &'static str,
        path: &str,
        value: &'v Value,
        known: &[&'static str],
    ) -> Vec<(&'static str, &'v Value)> {
        let Value::Object(fields) = value else {
            self.error(field, "an object", kind(value));
            return Vec::new();
        };
        let find = |name: &String| known.iter().copied().find(|field| field == name || snake_case(field) == *name);
        for name in fields.keys().filter(|name| find(name).is_none()) {
            if self.errors.len() >= MAX_ERRORS {
                break;
            }
            let error = invalid(format!("{path}{}", escape(name)), known.join(", "), UNKNOWN);
            self.errors.push(suggest(error, name, known.iter().copied()));
        }
        self.duplicates(path, fields, known);
        fields.iter().filter_map(|(name, value)| Some((find(name)?, value))).collect()
    }

    /// Fields that are there in camelCase and in snake_case.
    fn duplicates(&mut self, path: &str, fields: &Map<String, Value>, known: &[&'static str]) {
        for name in known {
            let other = snake_case(name);
            if other != *name && fields.contains_key(*name) && fields.contains_key(&other) {
                self.errors.push(invalid(
                    format!("{path}{other}"),
                    ONCE,
                    format!("{DUPLICATE}, as `{name}` and `{other}`"),
                ));
            }
        }
    }

    fn number(&mut self, field: &'static str, value: &Value) -> i32 {
        let number = whole_number(value).and_then(|number| i32::try_from(number).ok());
        if number.is_none() && !value.is_null() {
            self.error(field, "a whole number in 32 bits", InvalidField::quote(&value.to_string()));
        }
        number.unwrap_or_default()
    }

    fn text(&mut self, field: &'static str, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => {
                self.error(field, "a string", kind(other));
                String::new()
            }
        }
    }

    fn error(&mut self, field: &'static str, expected: &'static str, found: impl Into<std::borrow::Cow<'static, str>>) {
        self.errors.push(invalid(field, expected, found));
    }
}
