//! The job event: its type and its jobs.

use crate::event::client_event::{check_job_count, check_tenant, job_field};
use crate::event::limits::MAX_JOBS;
use crate::event::roles::{AsJob, AsJobs, Given};
use crate::event::{InvalidEvent, InvalidField, JobEventType, JobName, JobRef, name};

use super::fields::{TAG_JOB_EVENT_JOBS, TAG_JOB_EVENT_TYPE, put_header};
use super::{EventWriter, twice};

impl EventWriter<'_> {
    /// Sets the event type.
    pub fn event_type(&mut self, event_type: JobEventType) -> Result<(), InvalidEvent> {
        if self.event_type.is_some() {
            return Err(twice("job_event.type"));
        }
        self.event_type = Some(event_type);
        self.in_job_event(|buf| buf.extend_from_slice(&[TAG_JOB_EVENT_TYPE, event_type as u8]));
        Ok(())
    }

    /// Adds a job.
    ///
    /// The tenant is added to a bare id. A job of another tenant is refused, and so is the 501st.
    pub fn job<J: AsJob + ?Sized>(&mut self, job: &J) -> Result<(), InvalidEvent> {
        Ok(self.write_job(job.as_job())?)
    }

    /// Adds several jobs, in order.
    pub fn jobs<J: AsJobs + ?Sized>(&mut self, jobs: &J) -> Result<(), InvalidEvent> {
        Ok(jobs.for_each_job(&mut self.each_job())?)
    }

    /// Takes the job from the funnel.
    pub fn job_from_funnel(&mut self) -> Result<(), InvalidEvent> {
        match self.envelope.job {
            Some(job) => self.job(job),
            None => Err(InvalidField::new(
                "job_event.jobs",
                "`from_funnel`, but no funnel sends this event",
                "send it by `funnel.record(&event)`, or give it a job of its own",
            )
            .into()),
        }
    }

    pub(crate) fn write_job(&mut self, JobRef(job): JobRef<'_>) -> Result<(), InvalidField> {
        let tenant = self.envelope.tenant;
        let index = self.jobs;
        if index == MAX_JOBS {
            return check_job_count(index + 1);
        }
        let here = |e: InvalidField| e.at(job_field(index));
        let full_name = match job {
            Given::Checked(job) => job.as_str(),
            Given::Text(id) if name::is_bare_id(id) => {
                name::check_job_id(id).map_err(here)?;
                return self.add_job(&[tenant.as_str(), "/jobs/", id]);
            }
            Given::Text(text) => {
                JobName::check(text).map_err(here)?;
                text
            }
        };
        let own = full_name.strip_prefix(tenant.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if !own {
            check_tenant(full_name, tenant).map_err(here)?;
        }
        self.add_job(&[full_name])
    }

    fn add_job(&mut self, parts: &[&str]) -> Result<(), InvalidField> {
        if let Some(funnel) = self.envelope.job {
            same_job(funnel, parts)?;
        }
        self.in_job_event(|buf| {
            put_header(buf, TAG_JOB_EVENT_JOBS, parts.iter().map(|part| part.len()).sum());
            for part in parts {
                buf.extend_from_slice(part.as_bytes());
            }
        });
        self.jobs += 1;
        Ok(())
    }
}

/// The project is not compared: it has an id and a number.
fn same_job(funnel: &JobName, parts: &[&str]) -> Result<(), InvalidField> {
    let own = parts.concat();
    if name::without_project(&own) == funnel.without_project() {
        return Ok(());
    }
    let allowed = format!("the funnel's own, {}", InvalidField::quote(funnel.as_str()));
    Err(InvalidField::new("job_event.jobs", InvalidField::quote(&own), allowed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Envelope, TenantName};

    #[test]
    fn a_funnel_knows_its_job_by_the_project_number_too() {
        let tenant: TenantName = "projects/acme/tenants/board".parse().unwrap();
        let job = tenant.job("1").unwrap();
        let envelope = Envelope::new(&tenant).with_job(&job);
        for same in ["1", "projects/acme/tenants/board/jobs/1", "projects/123/tenants/board/jobs/1"] {
            EventWriter::new(envelope).job(same).unwrap();
        }
        let error = EventWriter::new(envelope).job("2").unwrap_err().to_string();
        assert!(
            error.contains("jobs/2\"") && error.contains("the funnel's own, \"projects/acme/tenants/board/jobs/1\"")
        );
    }
}
