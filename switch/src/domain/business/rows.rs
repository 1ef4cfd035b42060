//! The table itself.

mod payment;

use super::{Business, BusinessRules};

/// Every business; the place in this table is `Business as usize - 1`.
pub static BUSINESSES: [BusinessRules; 2] = [payment::AGREEMENT_PAYMENT, payment::REFUND];

/// The row of a business.
pub fn rules(business: Business) -> &'static BusinessRules {
    &BUSINESSES[business as usize - 1]
}
