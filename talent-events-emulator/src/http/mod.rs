//! What all faces share: errors in Google's forms, JSON responses, and the checks of a request's origin.

mod code;
mod error;
mod guard;
mod parameters;
mod refusal;
mod response;
mod synthetic;

pub(crate) use code::{code_of, tonic_code};
pub(crate) use error::{MethodNotAllowed, Refused};
pub(crate) use guard::{AllowedHosts, api_only, check_api, local_only, pages_too};
pub(crate) use parameters::{Parameters, query_pairs};
pub use refusal::{ERROR_DOMAIN, ERROR_REASON};
pub(crate) use refusal::{invalid_event, invalid_fields, invalid_request};
pub(crate) use response::{json, read_body, tenant_name};
pub(crate) use synthetic::has_synthetic_request_id;
