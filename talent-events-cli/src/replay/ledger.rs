//! The account and the dead letters, in step: no line is accounted for whose letter may be lost, and after a sudden end
//! no letter is there of a line that is not, but in the moment between the two.

use crate::Failure;
use crate::input::Line;

use super::account::Account;
use super::dead_letters::DeadLetters;
use super::store::Outcome;

pub(super) struct Ledger {
    pub(super) account: Account,
    letters: Option<DeadLetters>,
}

impl Ledger {
    pub(super) fn new(account: Account, letters: Option<DeadLetters>) -> Self {
        Self { account, letters }
    }

    pub(super) fn has_letters(&self) -> bool {
        self.letters.is_some()
    }

    /// One more line is settled, the next one.
    pub(super) fn settle(&mut self, line: &Line, outcome: &Outcome) -> Result<(), Failure> {
        if let (Some(letters), Outcome::Refused { words, .. }) = (&mut self.letters, outcome) {
            if letters.are_written() {
                // What came before does not depend on this letter.
                self.account.save()?;
            }
            letters.add(line, words);
        }
        self.account.settle(line, outcome);
        if self.letters.as_ref().is_some_and(DeadLetters::are_many) { self.save() } else { Ok(()) }
    }

    pub(super) fn save(&mut self) -> Result<(), Failure> {
        if let Some(letters) = &mut self.letters {
            letters.write()?;
        }
        self.account.save()
    }
}
