//! What a flush waits for: events leave in any order, so those accepted before it are told from later ones by the epoch
//! they came in. A flush closes the present epoch, and waits until all epochs up to it are empty.

use std::collections::VecDeque;

#[derive(Debug)]
pub(super) struct Epochs {
    /// How many are left of each epoch from `first` to the present one, which is always there.
    left: VecDeque<u64>,
    first: u64,
}

impl Epochs {
    pub(super) fn new() -> Self {
        Self { left: VecDeque::from([0]), first: 0 }
    }

    /// One more of the present epoch, whose low bits are the answer: four billion flushes are never under way at once.
    pub(super) fn enter(&mut self) -> u32 {
        let present = self.left.len() - 1;
        self.left[present] += 1;
        self.first.wrapping_add(present as u64) as u32
    }

    /// One less of that epoch. Whether that ended an epoch that some flush may wait for.
    pub(super) fn leave(&mut self, epoch: u32) -> bool {
        let index = epoch.wrapping_sub(self.first as u32) as usize;
        if let Some(left) = self.left.get_mut(index) {
            *left = left.saturating_sub(1);
        }
        let before = self.first;
        while self.left.len() > 1 && self.left[0] == 0 {
            self.left.pop_front();
            self.first += 1;
        }
        self.first > before
    }

    /// Closes the present epoch; the mark is what to ask [`is_over`](Self::is_over) for. An empty one is left open, so
    /// that flushes of nothing take no room.
    pub(super) fn close(&mut self) -> u64 {
        let mark = self.first + self.left.len() as u64;
        if self.left.back() == Some(&0) {
            return mark - 1;
        }
        self.left.push_back(0);
        mark
    }

    /// Whether everything is gone that was there when the mark was given.
    pub(super) fn is_over(&self, mark: u64) -> bool {
        self.first >= mark
    }
}
