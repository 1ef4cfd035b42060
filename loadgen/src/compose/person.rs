//! The customers: made up from a number, the same for the same number.
//!
//! Account numbers start with [`ACCOUNT_PREFIX`], so that a test can look for them where they must not be.

use super::values::digits;

/// What every made-up account number starts with.
pub const ACCOUNT_PREFIX: &str = "62260988";

/// One customer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person(u64);

impl Person {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Nineteen digits.
    pub(crate) fn account(self) -> String {
        format!("{ACCOUNT_PREFIX}{}", digits(self.0, 11))
    }

    /// The last four of them.
    pub(crate) fn account_tail(self) -> String {
        digits(self.0, 4)
    }

    pub(crate) fn name(self) -> String {
        format!("\u{6f14}\u{793a}\u{5ba2}\u{6237}{}", digits(self.0, 6))
    }

    /// Eighteen digits, no real person's.
    pub(crate) fn id_number(self) -> String {
        format!("11010119{}", digits(self.0.wrapping_mul(7), 10))
    }

    /// Eleven digits.
    pub(crate) fn mobile(self) -> String {
        format!("139{}", digits(self.0.wrapping_mul(3), 8))
    }
}
