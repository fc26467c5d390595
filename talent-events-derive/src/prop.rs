//! What follows from what an event says.

use proc_macro2::TokenStream;
use syn::LitStr;

use crate::valid::{Event, EventId, EventType, Jobs, Notes, RequestId, Role, Source};

impl<'a> Event<'a> {
    /// The fields in a role, each with the trait that its type needs.
    pub(crate) fn roles(&self) -> impl Iterator<Item = (&Role<'a>, &'static str)> {
        let job = match &self.jobs {
            Some(Jobs::One(Source::Field(role))) => Some((role, "AsJob")),
            Some(Jobs::Many { source: Source::Field(role), .. }) => Some((role, "AsJobs")),
            _ => None,
        };
        let request_id =
            if let Some(RequestId::Field(role)) = &self.request_id { Some((role, "AsRequestId")) } else { None };
        let event_id = if let Some(EventId::Field(role)) = &self.event_id { Some((role, "AsEventId")) } else { None };
        let create_time = self.create_time.as_ref().map(|role| (role, "AsCreateTime"));
        let notes = if let Some(Notes::Field(role)) = &self.notes { Some((role, "AsNotes")) } else { None };
        [job, request_id, event_id, create_time, notes].into_iter().flatten()
    }

    /// The templates.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &'a LitStr> {
        let request_id = if let Some(RequestId::Synthetic(t)) = self.request_id { Some(t) } else { None };
        let event_id = if let Some(EventId::Template(t)) = self.event_id { Some(t) } else { None };
        let notes = if let Some(Notes::Template(t)) = self.notes { Some(t) } else { None };
        [request_id, event_id, notes].into_iter().flatten()
    }

    /// The expressions.
    pub(crate) fn computed(&self) -> impl Iterator<Item = &'a TokenStream> {
        let event_type = if let Some(EventType::Computed(tokens)) = self.event_type { Some(tokens) } else { None };
        let jobs = match &self.jobs {
            Some(Jobs::One(Source::Computed(tokens)) | Jobs::Many { source: Source::Computed(tokens), .. }) => {
                Some(*tokens)
            }
            _ => None,
        };
        [event_type, jobs].into_iter().flatten()
    }

    /// Whether a session or funnel has to fill in what it does not have itself.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.request_id, Some(RequestId::FromSession)) || matches!(self.jobs, Some(Jobs::FromFunnel { .. }))
    }
}
