//! `google.cloud.talent.v4.JobService`.

use std::sync::Arc;

use tonic::codegen::async_trait;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::http::invalid_request;
use crate::proto::job_service_server::JobService;
use crate::proto::{SearchJobsRequest, SearchJobsResponse};
use crate::search::search;

pub(super) struct Jobs {
    app: Arc<App>,
}

impl Jobs {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    fn search(&self, request: &SearchJobsRequest) -> Result<Response<SearchJobsResponse>, Status> {
        search(&self.app.records, &self.app.jobs, request).map(Response::new).map_err(|errors| invalid_request(&errors))
    }
}

#[async_trait]
impl JobService for Jobs {
    async fn search_jobs(&self, request: Request<SearchJobsRequest>) -> Result<Response<SearchJobsResponse>, Status> {
        self.search(request.get_ref())
    }

    async fn search_jobs_for_alert(
        &self,
        request: Request<SearchJobsRequest>,
    ) -> Result<Response<SearchJobsResponse>, Status> {
        self.search(request.get_ref())
    }
}
