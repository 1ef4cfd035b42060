//! A participant's word that its own files of a batch say what the switch's statement says.

use serde::{Deserialize, Serialize};

use super::{Kept, Space};
use crate::domain::clearing::BatchName;
use crate::domain::register::BookEntry;
use crate::error::Error;
use crate::registers::Registers;

/// How it became known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum AgreedBy {
    /// Its files were compared with ours, and there was no difference.
    Comparison {
        /// Rows compared.
        rows: u64,
    },
    /// An operator says so.
    Operator {
        /// Who.
        by: String,
    },
}

/// The files of `batch` are agreed with `participant`. There is no way back: what comes up later is a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Which batch.
    pub batch: BatchName,
    /// Participant index.
    pub participant: u16,
    /// How it became known.
    pub by: AgreedBy,
}

const PARTICIPANT_BITS: u32 = 16;

/// The number of its entry: 49 bits.
const fn number(batch: BatchName, participant: u16) -> u64 {
    batch.as_u64() << PARTICIPANT_BITS | participant as u64
}

impl Agreement {
    /// The entry to record; none when it is agreed already.
    ///
    /// # Errors
    /// [`crate::error::Fault::Data`] when it cannot be written.
    pub fn agree(self, at_us: u64, registers: &Registers) -> Result<Option<BookEntry>, Error> {
        if is_agreed(registers, self.batch, self.participant) {
            return Ok(None);
        }
        let number = number(self.batch, self.participant);
        Ok(Some(Kept::new(Space::Agreement, number, at_us, self).entry()?))
    }
}

/// Whether `participant` has agreed to the files of `batch`.
#[must_use]
pub fn is_agreed(registers: &Registers, batch: BatchName, participant: u16) -> bool {
    registers.book_entry(Space::Agreement.key(number(batch, participant))).is_some()
}

/// All that has been agreed on `batch`, by participant.
///
/// # Errors
/// [`crate::error::Fault::Data`] when an entry was written by a version that this one does not know.
pub fn agreements(registers: &Registers, batch: BatchName) -> Result<Vec<Kept<Agreement>>, Error> {
    let keys = Space::Agreement.key(number(batch, 0))..=Space::Agreement.key(number(batch, u16::MAX));
    registers.book_entries(keys).iter().map(|entry| Ok(Kept::read(entry)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::Image;

    #[test]
    fn an_agreement_is_recorded_once() {
        let registers = Registers::new(0);
        let batch: BatchName = "B202611200009".parse().expect("a batch");
        let other: BatchName = "D202611200009".parse().expect("a batch");
        let agreement = Agreement { batch, participant: 7, by: AgreedBy::Comparison { rows: 12 } };
        let entry = agreement.clone().agree(5, &registers).expect("short").expect("new");
        registers.apply(&Image::Book(entry));
        assert!(
            is_agreed(&registers, batch, 7) && !is_agreed(&registers, batch, 8) && !is_agreed(&registers, other, 7)
        );
        let by_hand = Agreement { by: AgreedBy::Operator { by: "li".to_owned() }, ..agreement.clone() };
        assert_eq!(by_hand.agree(6, &registers).expect("short"), None, "the first word stands");
        let all = agreements(&registers, batch).expect("readable");
        assert_eq!(all.iter().map(|kept| &kept.content).collect::<Vec<_>>(), [&agreement]);
    }
}
