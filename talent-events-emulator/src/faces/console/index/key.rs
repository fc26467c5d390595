//! Which events are judged together.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use talent_events::{ClientEvent, RequestId, TenantName};

use crate::store::Recorded;

/// The events of one search: those with one request id in one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    tenant: Tenant,
    pub(super) of: Of,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Search(RequestId),
    /// An event without a request id is judged by itself, together with its repetitions.
    Event(u64),
}

/// A tenant. A project has an id and a number, so its segment is not compared.
#[derive(Clone, Debug)]
pub(super) struct Tenant(pub(super) TenantName);

impl PartialEq for Tenant {
    fn eq(&self, other: &Self) -> bool {
        self.0.tenant() == other.0.tenant()
    }
}

impl Eq for Tenant {}

impl Hash for Tenant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.tenant().hash(state);
    }
}

impl PartialOrd for Tenant {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tenant {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.tenant().cmp(other.0.tenant())
    }
}

impl Key {
    pub(super) fn search(tenant: &Tenant, id: &RequestId) -> Self {
        Self { tenant: tenant.clone(), of: Of::Search(id.clone()) }
    }

    pub(super) fn of(hasher: &RandomState, recorded: &Recorded) -> Self {
        let event = &recorded.event;
        let of = match &event.request_id {
            Some(id) => Of::Search(id.clone()),
            None => Of::Event(hasher.hash_one(identity(event))),
        };
        Self { tenant: Tenant(recorded.tenant.clone()), of }
    }
}

/// What the deliveries of one event have in common, among the events of one search.
pub(super) fn identity(event: &ClientEvent) -> impl Eq + Hash + use<'_> {
    (&event.event_id, event.job_event.r#type, &event.job_event.jobs)
}
