//! A half-open trial: a bounded number of real messages.

/// Which trial of a link a message belongs to; 0 is none.
pub type TrialNumber = u32;

/// The trial of one link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trial {
    number: TrialNumber,
    left: u32,
    good: u32,
    started_us: Option<u64>,
}

impl Trial {
    /// A new trial of so many messages; reports about the one before count no more.
    pub(super) fn begin(&mut self, messages: u32) {
        let number = self.number.checked_add(1).unwrap_or(1);
        *self = Self { number, left: messages, good: 0, started_us: None };
    }

    /// A place in it; none when all are taken.
    pub(super) fn take(&mut self, now_us: u64) -> Option<TrialNumber> {
        self.left = self.left.checked_sub(1)?;
        self.started_us.get_or_insert(now_us);
        Some(self.number)
    }

    /// A place was not used: nothing was sent, and that was not the link's fault.
    pub(super) fn give_back(&mut self, number: TrialNumber, messages: u32) {
        if number == self.number {
            self.left = (self.left + 1).min(messages);
        }
    }

    /// A message of it did well; whether all have.
    pub(super) fn succeed(&mut self, messages: u32) -> bool {
        self.good += 1;
        self.good >= messages
    }

    pub(super) const fn number(&self) -> TrialNumber {
        self.number
    }

    pub(super) const fn has_place(&self) -> bool {
        self.left > 0
    }

    /// When its first message left.
    pub(super) const fn started_us(&self) -> Option<u64> {
        self.started_us
    }
}
