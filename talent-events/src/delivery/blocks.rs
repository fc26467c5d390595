//! First in, first out, in blocks: a `VecDeque` of everything would double as it grows, and what an event costs in
//! memory would double with it.

use std::collections::VecDeque;

const BLOCK: usize = 128;

#[derive(Debug)]
pub(super) struct Blocks<T>(VecDeque<VecDeque<T>>);

impl<T> Blocks<T> {
    pub(super) fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(super) fn push(&mut self, value: T) {
        match self.0.back_mut() {
            // Below its capacity a `VecDeque` stays where it is.
            Some(last) if last.len() < BLOCK => last.push_back(value),
            _ => {
                let mut block = VecDeque::with_capacity(BLOCK);
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
            }
        }
    }
}
