//! For which tenant an event is written, and what a session or funnel fills in.

use std::fmt;

use crate::event::{InvalidField, JobName, RequestId, TenantName};

/// The tenant of an event, and what a session or funnel fills in.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    pub(super) tenant: &'a TenantName,
    pub(super) request_id: Option<&'a RequestId>,
    pub(super) synthetic: bool,
    pub(super) job: Option<&'a JobName>,
}

impl<'a> Envelope<'a> {
    /// For this tenant, from no session.
    pub fn new(tenant: &'a TenantName) -> Self {
        Self { tenant, request_id: None, synthetic: false, job: None }
    }

    /// From a session: `from_session` is this request id, and an event with its own must have the same.
    #[must_use]
    pub fn with_request_id(self, request_id: &'a RequestId) -> Self {
        Self { request_id: Some(request_id), synthetic: false, ..self }
    }

    /// From a session with a synthetic request id: like [`with_request_id`](Self::with_request_id), and the events are
    /// marked as synthetic.
    #[must_use]
    pub fn with_synthetic_request_id(self, request_id: &'a RequestId) -> Self {
        Self { request_id: Some(request_id), synthetic: true, ..self }
    }

    /// From a funnel: `from_funnel` is this job, and an event with its own must have the same.
    #[must_use]
    pub fn with_job(self, job: &'a JobName) -> Self {
        Self { job: Some(job), ..self }
    }

    /// Checks that an event's own request id is the session's. A synthetic one is not shown: it may name a user.
    pub(super) fn check_request_id(&self, own: &str, made_up: bool) -> Result<(), InvalidField> {
        match self.request_id {
            Some(session) if session.as_str() != own => Err(self.other_request_id(if made_up {
                "another one, made up".into()
            } else {
                InvalidField::quote(own)
            })),
            _ => Ok(()),
        }
    }

    pub(super) fn other_request_id(&self, found: String) -> InvalidField {
        let allowed = match self.request_id {
            Some(session) if !self.synthetic => format!("the session's own, {}", InvalidField::quote(session.as_str())),
            _ => "the session's own, which is made up and not shown".into(),
        };
        InvalidField::new("request_id", found, allowed)
    }

    /// The tenant of the event.
    pub fn tenant(&self) -> &'a TenantName {
        self.tenant
    }
}

/// Without a synthetic request id: it may name a user.
impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("tenant", &self.tenant)
            .field("request_id", &self.request_id.filter(|_| !self.synthetic))
            .field("synthetic", &self.synthetic)
            .field("job", &self.job)
            .finish()
    }
}
