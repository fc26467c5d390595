//! The gRPC face.

mod events;
mod jobs;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use talent_events::InvalidField;
use tonic::Status;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::codegen::{Service, StdError, http};

use crate::app::App;
use crate::http::code_of;
use crate::proto::event_service_server::EventServiceServer;
use crate::proto::job_service_server::JobServiceServer;
use events::Events;
use jobs::Jobs;

/// The services. They count all refusals, also those of tonic, e.g. for a message that cannot be decoded.
#[derive(Clone)]
pub(crate) struct Services {
    app: Arc<App>,
    events: EventServiceServer<Events>,
    jobs: JobServiceServer<Jobs>,
}

impl Services {
    pub(crate) fn new(app: &Arc<App>) -> Self {
        Self {
            app: Arc::clone(app),
            events: EventServiceServer::new(Events::new(Arc::clone(app))).accept_compressed(CompressionEncoding::Gzip),
            jobs: JobServiceServer::new(Jobs::new(Arc::clone(app))).accept_compressed(CompressionEncoding::Gzip),
        }
    }
}

impl<B> Service<http::Request<B>> for Services
where
    B: tonic::codegen::Body<Error: Into<StdError> + Send> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // All services are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let answer: Self::Future = match request.uri().path() {
            "/google.cloud.talent.v4.EventService/CreateClientEvent" => self.events.call(request),
            "/google.cloud.talent.v4.JobService/SearchJobs"
            | "/google.cloud.talent.v4.JobService/SearchJobsForAlert" => self.jobs.call(request),
            path => {
                let refusal = unimplemented(path).into_http();
                Box::pin(async { Ok(refusal) })
            }
        };
        let app = Arc::clone(&self.app);
        Box::pin(async move {
            let response = answer.await?;
            // Only a refusal has its status in the headers. An answer has it in the trailers.
            if let Some(status) = Status::from_header_map(response.headers()) {
                app.records.add_refused(code_of(&status));
            }
            Ok(response)
        })
    }
}

fn unimplemented(path: &str) -> Status {
    Status::unimplemented(format!(
        "the emulator implements EventService/CreateClientEvent, JobService/SearchJobs and \
         JobService/SearchJobsForAlert of google.cloud.talent.v4, and not {}",
        InvalidField::quote(path)
    ))
}
