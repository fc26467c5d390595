//! Rules as the pages show them.

use serde_json::{Value, json};
use talent_events::event::rules::Rule;

/// A rule with its severity, its source and its sentence.
pub(super) fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id(),
        "severity": rule.severity().to_string(),
        "source": rule.source().to_string(),
        "sentence": rule.sentence(),
    })
}

/// A rule with its severity.
pub(super) fn badge(rule: &Rule) -> Value {
    json!({"id": rule.id(), "severity": rule.severity().to_string()})
}
