//! Control numbers (流水号6位控制位): the last six digits of a TrxId, from the pool of its sender (401, 402).
//!
//! ```text
//!   20200508 1642143035373529 1 770101      76 or 77, then 0000 to 0009 and 0100 to 0109: the twenty that were seen (S)
//! ```
//!
//! They route a transaction, and everything later about it, to one place. Invariant: a pool is sorted, without repetition, and
//! not empty. Called by admit (the check) and by the answer to 401.

use clearway_codec::value::TrxId;

/// Most numbers of one pool: what a 402 can carry.
pub const CONTROL_NUMBERS_MAX: usize = 100;

/// Control numbers are below this.
const END: u32 = 1_000_000;

/// The numbers that an institution may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlPool(Box<[u32]>);

/// Numbers that are no pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// None, or more than [`CONTROL_NUMBERS_MAX`].
    #[error("a pool has 1 to {CONTROL_NUMBERS_MAX} control numbers, not {0}")]
    Size(usize),
    /// Not six digits.
    #[error("{0} is no control number: six digits")]
    Number(u32),
}

/// The two digits of the pool of an institution that has none of its own.
const DEFAULT_PREFIX: u32 = 77;

impl Default for ControlPool {
    /// The twenty numbers of the sample that begin with 77.
    fn default() -> Self {
        Self([0, 100].into_iter().flat_map(|from| from..from + 10).map(|rest| DEFAULT_PREFIX * 10_000 + rest).collect())
    }
}

impl ControlPool {
    /// A pool of these numbers, in any order, repetitions left out.
    ///
    /// # Errors
    /// [`PoolError`] for none, too many, or a number of more than six digits.
    pub fn new(numbers: impl IntoIterator<Item = u32>) -> Result<Self, PoolError> {
        let mut numbers: Vec<u32> = numbers.into_iter().collect();
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.is_empty() || numbers.len() > CONTROL_NUMBERS_MAX {
            return Err(PoolError::Size(numbers.len()));
        }
        match numbers.iter().find(|number| **number >= END) {
            Some(number) => Err(PoolError::Number(*number)),
            None => Ok(Self(numbers.into())),
        }
    }

    /// Whether `trx_id` ends in one of them.
    pub fn covers(&self, trx_id: TrxId) -> bool {
        self.0.binary_search(&control_number(trx_id)).is_ok()
    }

    /// The numbers as six digits each, rising: what a 402 carries (CtrlNbF).
    pub fn texts(&self) -> impl ExactSizeIterator<Item = [u8; 6]> {
        self.0.iter().map(|number| digits(*number))
    }
}

/// The last six digits of a TrxId.
pub const fn control_number(trx_id: TrxId) -> u32 {
    (trx_id.as_u128() % END as u128) as u32
}

fn digits(number: u32) -> [u8; 6] {
    let mut text = [b'0'; 6];
    let mut rest = number;
    for place in text.iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trx_id(control: &str) -> TrxId {
        TrxId::parse(format!("2026112021090766339761990{control}").as_bytes()).expect("31 digits")
    }

    #[test]
    fn the_pool_that_was_seen() {
        let pool = ControlPool::default();
        assert_eq!(pool.texts().len(), 20);
        for (control, covered) in [
            ("770000", true),
            ("770009", true),
            ("770010", false),
            ("770099", false),
            ("770100", true),
            ("770109", true),
            ("770110", false),
            ("760000", false),
            ("000000", false),
        ] {
            assert_eq!(pool.covers(trx_id(control)), covered, "{control}");
        }
    }

    #[test]
    fn a_pool_is_one_to_a_hundred_numbers_of_six_digits() {
        let pool = ControlPool::new([999_999, 0, 7, 7]).expect("a pool");
        assert_eq!(pool.texts().collect::<Vec<_>>(), [*b"000000", *b"000007", *b"999999"]);
        assert!(pool.covers(trx_id("000007")) && !pool.covers(trx_id("000008")));
        assert_eq!(ControlPool::new([]), Err(PoolError::Size(0)));
        assert_eq!(ControlPool::new([1_000_000]), Err(PoolError::Number(1_000_000)));
        assert!(ControlPool::new(0..100).is_ok());
        assert_eq!(ControlPool::new(0..101), Err(PoolError::Size(101)));
    }
}
