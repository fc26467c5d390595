//! The request of a search in proto3 JSON.

use serde_json::Value;
use talent_events::InvalidField;
use tonic::Status;

use crate::http::invalid_request;
use crate::json;
use crate::text::{DUPLICATE, ONCE, UNKNOWN, did_you_mean, escape, invalid};

/// Google's default and maximum number of jobs on a page.
const DEFAULT_SIZE: usize = 10;
const MAX_SIZE: usize = 100;

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

/// The requested page of jobs.
pub(super) struct Page {
    pub(super) size: usize,
    pub(super) offset: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { size: DEFAULT_SIZE, offset: 0 }
    }
}

impl Page {
    /// Reports all errors of the body at once.
    pub(super) fn read(body: &[u8]) -> Result<Self, Status> {
        let wrong_body = |message: String| Status::invalid_argument(format!("the body: {message}"));
        let (value, duplicates) = json::read(body).map_err(|e| wrong_body(json::explain_with_position(&e)))?;
        let Value::Object(fields) = &value else { return Err(wrong_body(json::expected_object(&value))) };
        let mut page = Self::default();
        let mut errors: Vec<_> = duplicates.into_iter().map(|field| invalid(field, ONCE, DUPLICATE)).collect();
        for (name, value) in fields {
            if errors.len() >= MAX_ERRORS {
                break;
            }
            let known = FIELDS.into_iter().find(|field| field == name || json::snake_case(field) == *name);
            let Some(known) = known else {
                let expected = format!("{}{}", FIELDS.join(", "), did_you_mean(name, FIELDS));
                errors.push(invalid(escape(name), expected, UNKNOWN));
                continue;
            };
            if known != name && fields.contains_key(known) {
                errors.push(invalid(name.clone(), ONCE, format!("{DUPLICATE}, as `{known}` and `{name}`")));
            }
            // In proto3, 0 means that the field is not set.
            match known {
                "maxPageSize" => {
                    let size = number(known, value, &mut errors).filter(|size| *size > 0);
                    page.size = size.unwrap_or(DEFAULT_SIZE).min(MAX_SIZE);
                }
                "offset" => page.offset = number(known, value, &mut errors).unwrap_or(0),
                _ => {}
            }
        }
        if errors.is_empty() { Ok(page) } else { Err(invalid_request(&errors)) }
    }
}

fn number(name: &'static str, value: &Value, errors: &mut Vec<InvalidField>) -> Option<usize> {
    if value.is_null() {
        return None;
    }
    let number = json::whole_number(value).and_then(|n| i32::try_from(n).ok()).and_then(|n| usize::try_from(n).ok());
    if number.is_none() {
        let found = InvalidField::quote(&value.to_string());
        errors.push(invalid(name, format!("a whole number from 0 to {}", i32::MAX), found));
    }
    number
}
