//! A funnel at rest.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize, Serializer};

use crate::event::InvalidField;
use crate::event::rules::Stage;
use crate::event::rules::stage_types::AnyStage;
use crate::event::rules::types::StageType;
use crate::{Destination, JobName, RequestId};

use super::ApplicationFunnel;
use super::place::Place;

/// Where an application stands: a few words to be stored beside it, and resumed by any process.
///
/// Its serde form is stable: that of a format which describes itself, such as JSON, with all fields always there and in
/// any order:
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
/// `synthetic`: the request id is made up ([`ApplicationFunnel::for_applicant`], whose user it then names). `stage` is a
/// [`Stage::name`]. Fields that are not known are ignored; another version is an error that says so. Anybody who can
/// write checkpoints decides what is told of an application: keep them where users do not reach.
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
    /// Where it stands, to be stored and [resumed](Checkpoint::resume) in another process, weeks later.
    pub fn checkpoint(&self) -> Checkpoint {
        let Place { request_id, synthetic, job, .. } = &self.place;
        let (request_id, job) = (request_id.clone(), job.clone());
        Checkpoint { version: VERSION, request_id, synthetic: *synthetic, job, stage: self.stage() }
    }
}

impl Checkpoint {
    /// The funnel that it was taken of, over this destination, at the stage `S`:
    /// `checkpoint.resume::<stage::Started, _>(&client)`. Where the stage is not known,
    /// [`resume_any`](Self::resume_any).
    ///
    /// Sends nothing. A checkpoint may be resumed any number of times, and nobody but you keeps a step from being taken
    /// twice then.
    ///
    /// # Errors
    ///
    /// The checkpoint is of another stage, or of a job of another tenant than the destination's.
    pub fn resume<S, D>(&self, destination: &D) -> Result<ApplicationFunnel<D, S>, InvalidField>
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

    /// The funnel at whatever stage it was, which is from here on known at run time only: [`resume`](Self::resume) at
    /// [`AnyStage`].
    ///
    /// # Errors
    ///
    /// The checkpoint is of a job of another tenant than the destination's.
    pub fn resume_any<D>(&self, destination: &D) -> Result<ApplicationFunnel<D, AnyStage>, InvalidField>
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

    /// How far the application has come.
    pub fn stage(&self) -> Stage {
        self.stage
    }
}

fn stage_name<Se: Serializer>(stage: &Stage, serializer: Se) -> Result<Se::Ok, Se::Error> {
    serializer.serialize_str(stage.name())
}

/// As it is read, before its version is known: what another one says, and in which order, is nobody's to guess.
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

/// Without the request id: a made-up one names the user.
impl std::fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkpoint")
            .field("version", &self.version)
            .field("job", &self.job.as_str())
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}
