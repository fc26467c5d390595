//! A stand-in for searches, so that a whole flow can be tried. It returns jobs and a new request id, which is known from
//! then on.

use talent_events::sequence::{DeviceInfo, RequestMetadata};
use talent_events::{EventId, InvalidField, RequestId, TenantName, TrackError, wire};

use crate::proto::search_jobs_response::MatchingJob;
use crate::proto::{Job, SearchJobsRequest, SearchJobsResponse};
use crate::store::Records;
use crate::text::invalid;

/// Google's default and maximum number of jobs on a page.
const DEFAULT_SIZE: usize = 10;
const MAX_SIZE: usize = 100;

/// Google's maximum offset.
const MAX_OFFSET: usize = 5_000;

/// A page token is opaque to clients. Ours is this prefix and the offset of the page.
const TOKEN_PREFIX: &str = "page/";

/// The jobs that searches return by default.
pub(crate) fn example_jobs() -> Vec<String> {
    (1..=20).map(|n| format!("example-{n}")).collect()
}

/// Returns a page of the jobs, in their order. Nothing is searched.
///
/// # Errors
///
/// All invalid fields.
pub(crate) fn search(
    records: &Records,
    jobs: &[String],
    request: &SearchJobsRequest,
) -> Result<SearchJobsResponse, Vec<InvalidField>> {
    let mut errors = Vec::new();
    let tenant = TenantName::new(&request.parent).map_err(|e| errors.push(e.at("parent"))).ok();
    match check_metadata(request.request_metadata.as_ref()) {
        Ok(()) => {}
        Err(TrackError::Invalid(e)) => errors.extend(e.fields().cloned()),
        Err(e) => errors.push(invalid("request_metadata", "valid metadata", e.to_string())),
    }
    let size = read_size(request.max_page_size).map_err(|e| errors.push(e)).ok();
    let offset = read_offset(request).map_err(|e| errors.push(e)).ok();
    let (Some(tenant), Some(size), Some(offset), true) = (tenant, size, offset, errors.is_empty()) else {
        return Err(errors);
    };
    let page = jobs.iter().skip(offset).take(size).map(|id| tenant.job(id));
    let page = page.collect::<Result<Vec<_>, _>>().map_err(|e| vec![e])?;
    // It has `:`, `/` and `=`, so that a client fails if it takes the opaque id apart or does not escape it.
    let id = RequestId::new(format!("search:{}/1=", EventId::generate())).map_err(|e| vec![e])?;
    records.add_known(id.clone());
    let next = offset + page.len();
    Ok(SearchJobsResponse {
        matching_jobs: page.iter().map(|name| MatchingJob { job: Some(Job { name: name.to_string() }) }).collect(),
        next_page_token: if next < jobs.len() { format!("{TOKEN_PREFIX}{next}") } else { String::new() },
        total_size: i32::try_from(jobs.len()).unwrap_or(i32::MAX),
        metadata: Some(wire::ResponseMetadata { request_id: id.to_string() }),
    })
}

/// Google requires the metadata, and the ids in it unless `allow_missing_ids` is set.
fn check_metadata(metadata: Option<&wire::RequestMetadata>) -> Result<(), TrackError> {
    let Some(metadata) = metadata else {
        return Err(
            invalid("request_metadata", "domain, session id and user id, or `allow_missing_ids`", "none").into()
        );
    };
    let mut checked =
        RequestMetadata::builder().domain(&metadata.domain).session_id(&metadata.session_id).user_id(&metadata.user_id);
    if metadata.allow_missing_ids {
        checked = checked.allow_missing_ids();
    }
    if let Some(device) = &metadata.device_info {
        checked = checked.device_info(DeviceInfo::default().with_id(&device.id)?);
    }
    checked.build().map(drop)
}

/// In proto3, 0 means that the field is not set. Google documents 1 to 100, and no error for more.
fn read_size(size: i32) -> Result<usize, InvalidField> {
    match usize::try_from(size) {
        Ok(0) => Ok(DEFAULT_SIZE),
        Ok(size) => Ok(size.min(MAX_SIZE)),
        Err(_) => Err(invalid("max_page_size", "1 to 100", size.to_string())),
    }
}

/// A page token takes precedence over the offset.
fn read_offset(request: &SearchJobsRequest) -> Result<usize, InvalidField> {
    if !request.page_token.is_empty() {
        let offset = request.page_token.strip_prefix(TOKEN_PREFIX).and_then(|offset| offset.parse().ok());
        return offset.ok_or_else(|| {
            let found = InvalidField::quote(&request.page_token);
            invalid("page_token", "the `next_page_token` of a response", found)
        });
    }
    let offset = usize::try_from(request.offset).ok().filter(|offset| *offset <= MAX_OFFSET);
    offset.ok_or_else(|| invalid("offset", format!("0 to {MAX_OFFSET}"), request.offset.to_string()))
}
