//! Gateway orders by the number that their institution gave them, for 305.
//!
//! Invariant: whatever is here is in the table, or was a moment ago; what is missing after a restart is put back from the table, whose payments keep the
//! digest of their order's number in `account`. Called by commit and by recovery.

use clearway_crypto::sha256;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use parking_lot::Mutex;

use crate::domain::Payment;
use crate::domain::business::{AccountOf, rules};

/// The latest transaction of each order.
#[derive(Debug, Default)]
pub struct Orders {
    keys: Mutex<HashMap<(u16, u64), u128, FixedState>>,
}

impl Orders {
    /// What an order's number is kept as: eight bytes of its SHA-256, never 0.
    #[must_use]
    pub fn digest(number: &str) -> u64 {
        let whole = sha256(number.as_bytes());
        u64::from_le_bytes(*whole.first_chunk().unwrap_or(&[1; 8])).max(1)
    }

    /// Notes a payment that has just been accepted or restored, if it is an order.
    pub fn note(&self, payment: &Payment) {
        if is_order(payment) {
            self.keys.lock().insert((payment.institution, payment.account), payment.trx_id);
        }
    }

    /// Forgets a payment that has left the table, if it is the latest of its order.
    pub fn forget(&self, payment: &Payment) {
        if is_order(payment) {
            let mut keys = self.keys.lock();
            let order = (payment.institution, payment.account);
            if keys.get(&order) == Some(&payment.trx_id) {
                keys.remove(&order);
            }
        }
    }

    /// The key of the latest transaction of this order of an institution.
    #[must_use]
    pub fn find(&self, institution: u16, number: &str) -> Option<u128> {
        self.keys.lock().get(&(institution, Self::digest(number))).copied()
    }
}

/// Whether a payment can be asked for by the number of its order.
#[must_use]
pub fn is_order(payment: &Payment) -> bool {
    payment.account != 0 && matches!(rules(payment.business).account, AccountOf::Order(_))
}
