//! Notes are cut at 1,000 characters, never bytes, and never inside of a character.

use std::fmt;

use prost::Message;
use talent_events::event::EventWriter;
use talent_events::{InvalidEvent, JobEventType, wire};

use crate::encode;

/// Writes a text in pieces of one character, as a template of many fields would.
struct Pieces<'t>(&'t str);

impl fmt::Display for Pieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| write!(f, "{c}"))
    }
}

type SayNotes = fn(&mut EventWriter<'_>, &str) -> Result<(), InvalidEvent>;

const WAYS: [SayNotes; 3] = [
    |w, notes| w.notes_text(notes),
    |w, notes| w.notes(format_args!("{notes}")),
    |w, notes| w.notes(format_args!("{}", Pieces(notes))),
];

#[test]
fn cut_at_a_thousand_characters() {
    for c in ['n', 'ß', '€', '🦀'] {
        for count in [1, 127, 128, 998, 999, 1_000, 1_001, 1_002, 4_003, 4_004, 4_005, 100_000] {
            let text: String = std::iter::repeat_n(c, count).collect();
            let expected =
                if count <= 1_000 { text.clone() } else { std::iter::repeat_n(c, 999).chain(['…']).collect() };
            for say in WAYS {
                let encoded = encode(|w| {
                    w.event_type(JobEventType::View)?;
                    w.job("42")?;
                    w.no_request_id()?;
                    say(w, &text)
                })
                .unwrap();
                assert_eq!(encoded.notes_truncated(), count > 1_000, "{count} of {c}");
                let read = wire::ClientEvent::decode(encoded.as_bytes()).unwrap().event_notes;
                assert_eq!(read.chars().count(), count.min(1_000), "{count} of {c}");
                assert_eq!(read, expected, "{count} of {c}");
            }
        }
    }
}

/// The cut falls at each place that a character of several bytes can have.
#[test]
fn cut_between_characters_of_different_widths() {
    for before in 0..4 {
        let text: String = "n".repeat(before) + &"🦀€ß".repeat(500);
        let expected: String = text.chars().take(999).chain(['…']).collect();
        for say in WAYS {
            let encoded = encode(|w| {
                say(w, &text)?;
                w.event_type(JobEventType::View)?;
                w.job("42")?;
                w.no_request_id()
            })
            .unwrap();
            assert_eq!(encoded.to_client_event().event_notes, expected);
        }
    }
}
