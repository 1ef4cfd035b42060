//! Mandates (商业委托): a customer's consent that one merchant may collect regularly, within terms.
//!
//! ```text
//!            111, 113 -> 00                115
//!   (none) ----------------> Live -------------------------------> Ended by the institution, at once
//!                             |  117 -> bank_asks  -- 118 yes, or silence --> Ended by the bank
//!                             |                    -- 118 no --> Live, bank_asks cleared
//! ```
//!
//! Invariants: what is used in the current period never goes above the frequency; a payment that failed gives its use
//! back; only [`follow`](super::register::follow) makes the next image. Held by the registers, checked by admit.

mod image;
mod period;
mod terms;

pub use image::{MANDATE_BYTES, Mandate};
pub use period::{PeriodUnit, period_of};
pub use terms::{Collection, TermFault, Terms};
