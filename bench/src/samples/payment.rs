//! Payments at each point of their life, as the table and the transition see them.

use clearway::domain::{Acceptance, Business, Event, Leg, Outcome, Payment, Timing, transition};

/// When sample payments are accepted: 2026-11-20T10:06:53 in Beijing, in microseconds since 1970.
pub const START_US: u64 = 1_795_140_413_000_000;

/// Day of sample payments within a TrxId.
const DAY: u128 = 20_261_120 * 10_u128.pow(23);

/// TrxId number `number` of the sample day; distinct up to 10^23.
pub const fn trx_id(number: u64) -> u128 {
    DAY + number as u128 * 10_000_000 + 770_101
}

/// What the request of payment `number` brings. Amount, institution and banks vary with the number.
pub const fn acceptance(number: u64) -> Acceptance {
    Acceptance {
        trx_id: trx_id(number),
        original: 0,
        digest: (number as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835).to_le_bytes(),
        amount_fen: 100 + number % 500_000,
        account: 0,
        unrefundable: false,
        reserves_nothing: false,
        batch: 20_777 * 24 + 10,
        institution: (number % 4) as u16,
        banks: [4 + (number % 6) as u16, 4 + (number / 6 % 6) as u16],
        ways: [0; 2],
        business: Business::AgreementPayment,
    }
}

/// Payment `number`, just accepted.
pub fn accepted(number: u64, timing: &Timing) -> Payment {
    Payment::accept(&acceptance(number), START_US, timing).0
}

/// Payment `number` after both legs succeeded and its receipt was delivered.
pub fn finished(number: u64, timing: &Timing) -> Payment {
    let life = [Event::LegSucceeded(Leg::One), Event::LegSucceeded(Leg::Two), Event::ReceiptDelivered];
    life.into_iter().fold(accepted(number, timing), |payment, event| {
        match transition(&payment, event, START_US + 1_000, timing) {
            Outcome::Changed { next, .. } => next,
            Outcome::Unchanged { .. } => payment,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearway_codec::TrxId;

    #[test]
    fn a_finished_payment_is_final_and_owes_nothing() {
        let payment = finished(77, &Timing::default());
        assert!(payment.is_final() && payment.owed.is_empty() && payment.due_at_us == 0);
        assert!(TrxId::from_u128(payment.trx_id).is_some());
        assert_ne!(trx_id(1), trx_id(2));
    }
}
