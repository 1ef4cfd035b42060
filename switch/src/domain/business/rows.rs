//! The table itself.

mod agreement;
mod dispute;
mod gateway;
mod mandate;
mod payment;

use super::{Business, BusinessRules};

/// Every business; the place in this table is `Business as usize - 1`.
pub static BUSINESSES: [BusinessRules; 16] = [
    payment::AGREEMENT_PAYMENT,
    payment::REFUND,
    payment::PAYOUT,
    payment::CERTIFIED_PAYMENT,
    payment::ENTRUSTED_PAYMENT,
    gateway::GATEWAY_PAYMENT,
    agreement::IDENTITY_CHECK,
    agreement::SIGNING,
    agreement::AGREEMENT_END,
    agreement::FORCED_AGREEMENT_END,
    mandate::MANDATE,
    mandate::MANDATE_END,
    mandate::MANDATE_END_BY_BANK,
    dispute::SUBMISSION,
    dispute::DECISION,
    dispute::ADJUSTMENT,
];

/// The row of a business.
pub fn rules(business: Business) -> &'static BusinessRules {
    &BUSINESSES[business as usize - 1]
}
