//! Judging the events of one search.

use std::collections::HashMap;
use std::ptr;

use talent_events::event::rules::{Checker, Defect, RULES, Rule};
use talent_events::{ClientEvent, RequestId};

use super::key::identity;
use crate::store::Recorded;

/// The broken rules of a search. A rule is an index in [`RULES`].
#[derive(Debug, Default)]
pub(super) struct Judgement {
    /// The rules that each event breaks, as bits. It is empty if no rule is broken.
    pub(super) by_event: Box<[u16]>,
    /// The number of defects by rule.
    pub(super) broken: Vec<(usize, u32)>,
}

const _: () = assert!(RULES.len() <= u16::BITS as usize);

/// Reports each defect of a search, with the events that show it.
pub(super) fn check(
    events: &[Recorded],
    is_synthetic: impl Fn(&RequestId) -> bool,
    found: impl FnMut(Defect, &[&ClientEvent]),
) {
    let marked = events.iter().any(|recorded| recorded.synthetic_request_id);
    let checker = Checker::new().synthetic(|id| marked || is_synthetic(id));
    checker.check_with(events.iter().map(|recorded| &recorded.event), found);
}

pub(super) fn judge(events: &[Recorded], is_synthetic: impl Fn(&RequestId) -> bool) -> Judgement {
    let mut shown = HashMap::<_, u16>::new();
    let mut broken: Vec<(usize, u32)> = Vec::new();
    check(events, is_synthetic, |defect, shown_by| {
        let Some(rule) = index_of(defect.rule) else { return };
        shown_by.iter().for_each(|event| *shown.entry(ptr::from_ref(*event)).or_default() |= 1 << rule);
        match broken.iter_mut().find(|(other, _)| *other == rule) {
            Some((_, count)) => *count += 1,
            None => broken.push((rule, 1)),
        }
    });
    if broken.is_empty() {
        return Judgement::default();
    }
    let rules_of = |event: &ClientEvent| shown.get(&ptr::from_ref(event)).copied();
    let events = events.iter().map(|recorded| &recorded.event);
    // The checker reports one of the repetitions of an event.
    let rules: HashMap<_, u16> = events.clone().filter_map(|e| Some((identity(e), rules_of(e)?))).collect();
    let by_event = events.map(|event| rules.get(&identity(event)).copied().unwrap_or(0)).collect();
    Judgement { by_event, broken }
}

fn index_of(rule: &Rule) -> Option<usize> {
    RULES.iter().position(|other| *other == rule)
}
