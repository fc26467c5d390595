//! The jobs of one page.

use std::collections::HashSet;

use crate::event::limits::MAX_JOBS;
use crate::event::{InvalidField, JobName, JobRef, TenantName, job_field};

/// At most 500 jobs of one tenant, each once, in order.
#[derive(Default)]
pub(super) struct ShownJobs {
    jobs: Vec<JobName>,
    /// By name without the project.
    names: HashSet<Box<str>>,
}

impl ShownJobs {
    /// Adds a job. `false`: the page has it already.
    pub(super) fn add(&mut self, job: JobRef<'_>, tenant: &TenantName) -> Result<bool, InvalidField> {
        let index = self.jobs.len();
        let job = job.resolve(tenant).map_err(|e| e.at(job_field(index)))?;
        if self.names.contains(job.without_project()) {
            return Ok(false);
        }
        if index == MAX_JOBS {
            let error = InvalidField::new("job_event.jobs", "a 501st job", "1 to 500 jobs");
            return Err(error.with_help("add only the jobs that were shown"));
        }
        self.names.insert(job.without_project().into());
        self.jobs.push(job);
        Ok(true)
    }

    pub(super) fn jobs(&self) -> &[JobName] {
        &self.jobs
    }
}
