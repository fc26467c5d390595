//! Epochs tell the events before a flush from those after it, because events leave in any order. A flush closes the present
//! epoch and waits until all epochs up to it are empty.

use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Epochs {
    present: u64,
    /// How many events of the present epoch are left …
    open: u64,
    /// … and of each closed epoch that is not empty, so that there are no more epochs than events.
    closed: BTreeMap<u64, u64>,
}

impl Epochs {
    /// An event enters the present epoch. Returns the epoch's low bits: no event stays for four billion flushes.
    pub(super) fn enter(&mut self) -> u32 {
        self.open += 1;
        self.present as u32
    }

    /// An event leaves its epoch. Returns whether that ended an epoch for which a flush may wait.
    pub(super) fn leave(&mut self, epoch: u32) -> bool {
        let ago = (self.present as u32).wrapping_sub(epoch);
        if ago == 0 {
            self.open = self.open.saturating_sub(1);
            return false;
        }
        let number = self.present.wrapping_sub(ago.into());
        let Some(left) = self.closed.get_mut(&number) else { return false };
        *left -= 1;
        if *left > 0 {
            return false;
        }
        self.closed.remove(&number);
        self.is_over(number + 1)
    }

    /// Closes the present epoch and returns the mark for [`is_over`](Self::is_over). An empty epoch stays open.
    pub(super) fn close(&mut self) -> u64 {
        if self.open > 0 {
            self.closed.insert(self.present, std::mem::take(&mut self.open));
            self.present += 1;
        }
        self.present
    }

    /// Whether all events have left that were there when the mark was made.
    pub(super) fn is_over(&self, mark: u64) -> bool {
        self.closed.first_key_value().is_none_or(|(first, _)| *first >= mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_stuck_one_empty_ones_do_not_pile_up() {
        let mut epochs = Epochs::default();
        let stuck = epochs.enter();
        let mark = epochs.close();
        for _ in 0..1_000 {
            let quick = epochs.enter();
            epochs.close();
            assert!(!epochs.leave(quick));
        }
        assert_eq!((epochs.closed.len(), epochs.is_over(mark)), (1, false));
        assert!(epochs.leave(stuck));
        assert!(epochs.is_over(mark) && epochs.closed.is_empty());
        assert_eq!(epochs.close(), epochs.close(), "an empty one is left open");
    }
}
