//! What the API description does in Python, done here, and what a strict service finds wrong with either.
//!
//! Each test tells the same to a strict emulator and to a recorder, and both have to find the same.

mod analytics;
mod description;
mod funnels;
mod request_metadata;
mod sessions;
#[path = "../support/strict.rs"]
mod strict;

use std::collections::BTreeSet;
use std::error::Error;

use strict::Strict;
use talent_events::{JobName, TenantName};

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The request id that the search of these tests has answered.
const SEARCH: &str = "search:7f/==";

const TENANT: &str = "projects/my-project/tenants/my-tenant";

fn tenant() -> TenantName {
    TENANT.parse().unwrap()
}

fn job(id: &str) -> JobName {
    tenant().job(id).unwrap()
}

/// A service that has answered one search.
async fn service() -> Strict {
    Strict::start(tenant(), [SEARCH]).await
}

/// The rules that both find broken.
#[track_caller]
fn broken(service: &Strict) -> Vec<&'static str> {
    let rules: BTreeSet<_> = service.defects().iter().map(|defect| defect.rule.id()).collect();
    rules.into_iter().collect()
}
