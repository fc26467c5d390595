//! A funnel between two processes.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize, Serializer};

use crate::event::InvalidField;
use crate::event::rules::Stage;
use crate::event::rules::stage_types::AnyStage;
use crate::event::rules::types::StageType;
use crate::{Destination, JobName, RequestId, TrackError};

use super::ApplicationFunnel;
use super::place::Place;

/// The state of an application as a few words of JSON. Store it, and any process can resume the application.
///
/// Its serde form is stable, for self-describing formats such as JSON. All fields are always there, in any order:
///
/// ```json
/// {
///   "version": 1,
///   "request_id": "search-7f",
///   "synthetic": false,
///   "job": "projects/acme/tenants/board/jobs/42",
///   "stage": "Started"
/// }
/// ```
///
/// `synthetic`: the request id is made up by [`ApplicationFunnel::for_applicant`] and names the user. `stage` is a
/// [`Stage::name`]. Unknown fields are ignored. Another version is an error. Whoever can write checkpoints decides what is
/// sent for an application, so keep them where users cannot reach them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Checkpoint {
    version: u32,
    request_id: RequestId,
    synthetic: bool,
    job: JobName,
    #[serde(serialize_with = "stage_name")]
    stage: Stage,
}

const VERSION: u32 = 1;

impl<D: Destination, S: StageType> ApplicationFunnel<D, S> {
    /// Takes a checkpoint, to [resume](Checkpoint::resume) the application in another process, weeks later.
    pub fn checkpoint(&self) -> Checkpoint {
        let Place { request_id, synthetic, job, .. } = &self.place;
        let (request_id, job) = (request_id.clone(), job.clone());
        Checkpoint { version: VERSION, request_id, synthetic: *synthetic, job, stage: self.stage() }
    }
}

impl Checkpoint {
    /// Resumes the funnel over this destination at the stage `S`: `checkpoint.resume::<stage::Started, _>(&client)`. If the
    /// stage is unknown, use [`resume_any`](Self::resume_any).
    ///
    /// It sends nothing. A checkpoint may be resumed any number of times. Take care that no step is taken twice then.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the checkpoint is of another stage, or of another tenant than the destination.
    pub fn resume<S, D>(&self, destination: &D) -> Result<ApplicationFunnel<D, S>, TrackError>
    where
        S: StageType,
        D: Destination + Clone,
    {
        let stage = S::at(self.stage).ok_or_else(|| {
            let asked = S::STAGE.map_or("any", Stage::name);
            InvalidField::new("checkpoint.stage", self.stage.name(), asked)
                .with_help("call `resume_any` to resume at any stage")
        })?;
        let place = Place::new(destination.clone(), self.request_id.clone(), self.synthetic, &self.job)
            .map_err(|e| e.at("checkpoint.job"))?;
        Ok(ApplicationFunnel { place, stage, receipt: None })
    }

    /// Resumes the funnel at its stage, whichever that is: [`resume`](Self::resume) at [`AnyStage`].
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the checkpoint is of another tenant than the destination.
    pub fn resume_any<D>(&self, destination: &D) -> Result<ApplicationFunnel<D, AnyStage>, TrackError>
    where
        D: Destination + Clone,
    {
        self.resume(destination)
    }

    /// The request id that its events carry.
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// The job that it is about.
    pub fn job(&self) -> &JobName {
        &self.job
    }

    /// The stage of the application.
    pub fn stage(&self) -> Stage {
        self.stage
    }
}

fn stage_name<Se: Serializer>(stage: &Stage, serializer: Se) -> Result<Se::Ok, Se::Error> {
    serializer.serialize_str(stage.name())
}

/// The form as it is read, before its version is known. Another version may have other fields.
#[derive(Deserialize)]
struct Stored {
    version: Option<Read<u64>>,
    request_id: Option<Read<String>>,
    synthetic: Option<Read<bool>>,
    job: Option<Read<String>>,
    stage: Option<Read<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Read<T> {
    Fit(T),
    Other(IgnoredAny),
}

impl<T> Read<T> {
    fn get(read: Option<Self>, field: &'static str, expected: &'static str) -> Result<T, InvalidField> {
        match read {
            Some(Self::Fit(value)) => Ok(value),
            Some(Self::Other(_)) => Err(InvalidField::new(field, "a value of another type", expected)),
            None => Err(InvalidField::new(field, "nothing", expected)),
        }
    }
}

impl TryFrom<Stored> for Checkpoint {
    type Error = InvalidField;

    fn try_from(stored: Stored) -> Result<Self, InvalidField> {
        let field = "checkpoint.version";
        let expected = "1, the only version that this release of talent-events reads";
        let version = Read::get(stored.version, field, expected)?;
        if version != u64::from(VERSION) {
            return Err(InvalidField::new(field, version.to_string(), expected));
        }

        let synthetic = Read::get(stored.synthetic, "checkpoint.synthetic", "true or false")?;
        let field = "checkpoint.request_id";
        let request_id = Read::get(stored.request_id, field, "a request id as a string")?;
        let request_id = match synthetic {
            true => RequestId::made_up(field, &request_id, ["", ""]),
            false => RequestId::new(request_id).map_err(|e| e.at(field)),
        }?;
        let field = "checkpoint.job";
        let job = Read::get(stored.job, field, "a job name as a string")?;
        let job = JobName::new(job).map_err(|e| e.at(field))?;
        let stage = Read::get(stored.stage, "checkpoint.stage", "the name of a stage as a string")?;
        Ok(Self { version: VERSION, request_id, synthetic, job, stage: stage_named(&stage)? })
    }
}

fn stage_named(name: &str) -> Result<Stage, InvalidField> {
    Stage::ALL.into_iter().find(|stage| stage.name() == name).ok_or_else(|| {
        let expected = format!("one of {}", Stage::ALL.map(Stage::name).join(", "));
        InvalidField::new("checkpoint.stage", InvalidField::quote(name), expected)
    })
}

/// Hides the request id: a made-up one names the user.
impl std::fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkpoint")
            .field("version", &self.version)
            .field("job", &self.job.as_str())
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}
