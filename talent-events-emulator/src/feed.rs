//! What is recorded, as it comes.

use std::sync::Arc;

use tokio::sync::watch;

use crate::Recorded;
use crate::app::App;
use crate::records::Mark;

/// Follows what an emulator records: [`Emulator::feed`](crate::Emulator::feed).
///
/// It holds no events of its own and holds up nobody: whoever reads slowly reads more at a time.
#[derive(Debug)]
pub struct Feed {
    app: Arc<App>,
    marks: watch::Receiver<Mark>,
    /// How far it has come.
    seen: Mark,
}

/// What happened since the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Some events, at least one, in the order in which they came. There may be more already.
    Recorded(Vec<Recorded>),
    /// All were forgotten; the next will be number 1.
    Cleared,
}

impl Feed {
    pub(crate) fn new(app: Arc<App>, after: usize) -> Self {
        let marks = app.records.marks();
        let seen = Mark { count: after, ..*marks.borrow() };
        Self { app, marks, seen }
    }

    /// Waits for what is new, and answers at most `max` events of it (at least one).
    ///
    /// Nothing is lost when it is dropped before it answers. It waits for ever where nothing comes.
    pub async fn next(&mut self, max: usize) -> News {
        loop {
            let mark = *self.marks.borrow_and_update();
            if mark.clears != self.seen.clears {
                self.seen = Mark { count: 0, ..mark };
                return News::Cleared;
            }
            if mark.count > self.seen.count
                && let Some(events) = self.app.records.page(self.seen, max.max(1))
            {
                self.seen.count += events.len();
                return News::Recorded(events);
            }
            // The sender is the app's, so that the wait can not fail.
            let _ = self.marks.changed().await;
        }
    }
}
