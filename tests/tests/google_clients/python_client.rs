//! Google's Python client, pointed at an emulator.

use serde_json::{Value, json};
use talent_events_emulator::Emulator;

use crate::Result;
use crate::process::Python;
use crate::sample::TENANT;

/// How it speaks. Its own default is gRPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Grpc,
    Rest,
}

pub(crate) const BOTH: [Transport; 2] = [Transport::Grpc, Transport::Rest];

pub(crate) struct GoogleClient(Python);

impl GoogleClient {
    pub(crate) fn start(transport: Transport, emulator: &Emulator) -> Result<Self> {
        let transport = match transport {
            Transport::Grpc => "grpc",
            Transport::Rest => "rest",
        };
        Ok(Self(Python::start("client.py", &[transport, &emulator.host()])?))
    }

    /// Makes calls at once, several in flight; the answers are in the order of the calls.
    pub(crate) async fn calls(&mut self, calls: Vec<Value>) -> Result<Vec<Value>> {
        let count = calls.len();
        self.0.say(&calls.into()).await?;
        match self.0.hear().await? {
            Value::Array(answers) if answers.len() == count => Ok(answers),
            other => Err(format!("{count} answers were asked for, and not {other}").into()),
        }
    }

    pub(crate) async fn call(&mut self, call: Value) -> Result<Value> {
        let mut answers = self.calls(vec![call]).await?;
        Ok(answers.remove(0))
    }

    /// The answer to an event that is given in fields.
    pub(crate) async fn create(&mut self, event: Value) -> Result<Value> {
        self.call(create(event)).await
    }
}

pub(crate) fn create(event: Value) -> Value {
    json!({"parent": TENANT, "event": event})
}
