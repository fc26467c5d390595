//! First in, first out, in blocks of a fixed size. A `VecDeque` of everything would double as it grows, and what an event
//! costs in memory would double with it.

use std::collections::VecDeque;

const ENTRIES: usize = 128;
const BYTES: usize = 32 * 1024;

/// A queue of values.
#[derive(Debug)]
pub(super) struct Blocks<T>(VecDeque<VecDeque<T>>);

impl<T> Blocks<T> {
    pub(super) fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(super) fn push(&mut self, value: T) {
        match self.0.back_mut() {
            // Below its capacity a `VecDeque` does not move.
            Some(last) if last.len() < ENTRIES => last.push_back(value),
            _ => {
                let mut block = VecDeque::with_capacity(ENTRIES);
                block.push_back(value);
                self.0.push_back(block);
            }
        }
    }

    pub(super) fn front(&self) -> Option<&T> {
        self.0.front()?.front()
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let value = self.0.front_mut()?.pop_front();
        // The last block stays, so that a queue that runs empty again and again allocates nothing.
        if self.0.len() > 1 && self.0.front().is_some_and(VecDeque::is_empty) {
            self.0.pop_front();
        }
        value
    }

    /// The values, some at a time.
    pub(super) fn blocks_mut(&mut self) -> impl Iterator<Item = &mut VecDeque<T>> {
        self.0.iter_mut()
    }
}

/// A queue of byte strings, whose lengths the caller knows.
#[derive(Debug, Default)]
pub(super) struct ByteBlocks {
    blocks: VecDeque<Vec<u8>>,
    /// How much of the first block was taken.
    taken: usize,
}

impl ByteBlocks {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        match self.blocks.back_mut() {
            Some(last) if last.capacity() - last.len() >= bytes.len() => last.extend_from_slice(bytes),
            last => {
                // An empty block in front of others would be taken for the first event's.
                if last.is_some_and(|last| last.is_empty()) {
                    self.blocks.pop_back();
                }
                let mut block = Vec::with_capacity(bytes.len().max(BYTES));
                block.extend_from_slice(bytes);
                self.blocks.push_back(block);
            }
        }
    }

    /// Lends the first `len` bytes, as one push left them, and drops them.
    pub(super) fn pop<R>(&mut self, len: usize, take: impl FnOnce(&[u8]) -> R) -> R {
        let block = self.blocks.front().map_or(&[][..], Vec::as_slice);
        let end = (self.taken + len).min(block.len());
        let taken = take(&block[self.taken..end]);
        self.taken = end;
        if end == block.len() {
            self.taken = 0;
            match self.blocks.len() {
                // The last block stays, unless it was made for one large event.
                1 if self.blocks[0].capacity() <= BYTES => self.blocks[0].clear(),
                _ => drop(self.blocks.pop_front()),
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_a_deque_of_everything(pushes in prop::collection::vec(prop::option::weighted(0.6, any::<u8>()), 0..2_000)) {
            let mut blocks = Blocks::new();
            let mut model = VecDeque::new();
            for push in pushes {
                match push {
                    Some(value) => {
                        blocks.push(value);
                        model.push_back(value);
                    }
                    None => assert_eq!(blocks.pop(), model.pop_front()),
                }
                assert_eq!(blocks.front(), model.front());
                assert!(blocks.blocks_mut().flatten().eq(model.iter_mut()));
            }
        }

        #[test]
        fn bytes_come_out_as_they_went_in(
            steps in prop::collection::vec(prop::option::weighted(0.6, (any::<u8>(), prop_oneof![1..2_000usize, 30_000..70_000usize])), 0..100)
        ) {
            let mut blocks = ByteBlocks::default();
            let mut model = VecDeque::new();
            for step in steps {
                match step {
                    Some((value, len)) => {
                        blocks.push(&vec![value; len]);
                        model.push_back(vec![value; len]);
                    }
                    None => {
                        if let Some(first) = model.pop_front() {
                            blocks.pop(first.len(), |bytes| assert_eq!(bytes, first));
                        }
                    }
                }
                // No more than a block at each end is empty.
                let held: usize = blocks.blocks.iter().map(Vec::capacity).sum();
                assert!(held <= model.iter().map(Vec::len).sum::<usize>() * 2 + 3 * 70_000);
            }
        }
    }
}
