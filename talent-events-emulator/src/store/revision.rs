//! Versions of the recorded events, so that readers notice changes.

/// A version: how many events there are, and how often something else changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Revision {
    /// How often all events were cleared.
    pub(crate) clears: u64,
    /// The number of events since the last clear.
    pub(crate) count: usize,
    /// Changes of the known request ids and of the settings. They change which defects there are.
    pub(crate) rule_changes: u64,
    /// Calls that recorded nothing.
    pub(crate) unrecorded: u64,
}

/// A version of the known request ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KnownIds {
    /// How often all ids were forgotten.
    pub(crate) forgotten: u64,
    /// The number of known ids.
    pub(crate) count: usize,
    /// Whether all other ids are synthetic.
    pub(crate) others_are_synthetic: bool,
}
