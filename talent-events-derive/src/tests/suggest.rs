//! What is advised is itself right: no suggestion leads to a second error.

use crate::event_types::{event_type, wrapped_event_type};
use crate::keys::{Key, Place};
use crate::similar::nearest;
use crate::suggest::unknown_key;

/// The words in backquotes in the help.
fn advised(answer: &str) -> Vec<&str> {
    let advice = answer.split_once("help: ").map_or("", |(_, advice)| advice);
    advice.split('`').skip(1).step_by(2).collect()
}

#[test]
fn an_event_type_that_is_advised_is_one() {
    let words = [
        "Click",
        "click",
        "CLICK",
        "APPLIED",
        "SEND_CV",
        "viewed",
        "JobView",
        "ApplicationSubmit",
        "Hire",
        "Rejected",
        "VIEW",
        "APPLICATION_START",
        "Redirect",
        "resume",
        "Saved",
        "JOB_VIEW",
    ];
    for word in words {
        let answer = event_type(word).unwrap_or_else(|| panic!("`{word}` is not answered"));
        let advised = advised(&answer);
        assert!(!advised.is_empty(), "{answer}");
        for name in advised {
            assert_eq!(event_type(name), None, "{word}: {answer}");
        }
        let wrapped = wrapped_event_type(word, "a text");
        let written = wrapped.rsplit_once("`event = ").map(|(_, name)| name.trim_end_matches('`'));
        for name in written.map_or_else(|| self::advised(&wrapped), |name| vec![name]) {
            assert_eq!(event_type(name), None, "{word}: {wrapped}");
        }
    }
}

#[test]
fn what_is_half_typed_or_misspelt_is_left_to_rustc() {
    for word in
        ["View", "V", "Bookm", "ApplicationFinsh", "application_finish", "view", "APPLICATION_ST", "Impressions"]
    {
        assert_eq!(event_type(word), None, "{word}");
    }
    let answer = wrapped_event_type("ApplicationFinsh", "a text");
    assert_eq!(advised(&answer), ["ApplicationFinish"]);
}

#[test]
fn a_key_that_is_advised_can_stand_there() {
    for place in [Place::Struct, Place::Context, Place::Enum, Place::Variant, Place::Field] {
        for word in ["jop", "evnt", "nots", "requst_id", "skp", "many_job", "flaten", "pivate", "crat", "create_tim"] {
            let answer = unknown_key(word, place);
            if answer.contains("similar") {
                let fits = |word: &str| place.keys().map(Key::word).any(|key| key == word);
                assert!(advised(&answer).into_iter().all(fits), "{answer}");
            }
        }
    }
    for word in ["to", "top", "foo", "x", "rename"] {
        assert_eq!(nearest(word, ["job", "jobs", "event", "notes", "skip"]), None, "{word}");
    }
    assert_eq!(advised(&unknown_key("View", Place::Struct)), ["event = View"]);
    assert_eq!(advised(&unknown_key("when", Place::Field)), ["create_time"]);
    assert!(unknown_key("when", Place::Enum).ends_with("is called `create_time`, and it belongs on the field"));
}
