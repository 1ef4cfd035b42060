//! Adjustments as the books see them: money that one bank is debited and another credited, in the dispute batch of its own hour.
//!
//! ```text
//!              debited        credited
//!  to payer    payee's bank   payer's bank       what the payment moved goes back
//!  to payee    payer's bank   payee's bank       what it did not move is moved
//! ```
//!
//! Invariant: only what has been made counts; what runs, and what has failed, moves nothing.

use clearway_codec::value::{DisputeBatchId, TrxStatus};

use super::{BatchName, Side};
use crate::domain::business::{Business, KEY_TAG, rules};
use crate::domain::dispute::{Adjustment, AdjustmentState, Case, Direction};
use crate::domain::statement::{Line, Particulars};
use crate::domain::transaction::Leg;

/// One adjustment that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjusted {
    /// Key of the transaction that it corrects.
    pub original: u128,
    /// Participant index of that one's institution.
    pub institution: u16,
    /// Participant indexes of whom it takes the money from and gives it to.
    pub banks: [u16; 2],
    /// Fen, above 0.
    pub amount_fen: u64,
    /// On which side of it the institution's reserve account stands, if that moves too.
    pub reserve: Option<Side>,
}

impl Adjusted {
    /// An adjustment of `case`; none unless it has been made.
    #[must_use]
    pub fn of(case: &Case, adjustment: &Adjustment) -> Option<Self> {
        if adjustment.state != AdjustmentState::Made {
            return None;
        }
        let [payer, payee] = case.banks;
        let banks = match adjustment.direction {
            Direction::ToPayer => [payee, payer],
            Direction::ToPayee => [payer, payee],
        };
        let reserve = reserve_side(case, adjustment.direction);
        let (original, institution) = (case.trx_key, case.institution);
        Some(Self { original, institution, banks, amount_fen: adjustment.amount_fen, reserve })
    }

    /// All that have been made of `case` in `batch`, in the order in which they began.
    pub fn all_in(batch: DisputeBatchId, case: &Case) -> impl Iterator<Item = Self> {
        let own = case.adjustments.iter().filter(move |adjustment| adjustment.batch == batch);
        own.filter_map(|adjustment| Self::of(case, adjustment))
    }

    /// Its line in the statements of `batch`; `at_us` is when it was made. Both numbers are those of the transaction that it corrects,
    /// because a dispute has none of its own.
    #[must_use]
    pub fn line(&self, batch: DisputeBatchId, at_us: u64) -> Line<'static> {
        Line {
            trx_id: self.original % KEY_TAG,
            batch: BatchName::disputes(batch),
            business: Business::DisputeAdjustment,
            status: TrxStatus::Success,
            amount_fen: self.amount_fen,
            institution: self.institution,
            banks: self.banks,
            original: self.original % KEY_TAG,
            accepted_at_us: at_us,
            finished_at_us: at_us,
            code: *b"00000000",
            // A line does not say on which side the account is: `Reserves::book_adjustment` does.
            has_reserve: false,
            particulars: Particulars { biz_tp: b"", trx_time: b"", sgn_no: b"", serials: [b"", b""] },
        }
    }
}

/// The reserve account is on the side of the payment on which the customer is not.
fn reserve_side(case: &Case, direction: Direction) -> Option<Side> {
    let business = Business::from_code(case.business).filter(|_| case.has_reserve)?;
    let of_payer = rules(business).customer_leg == Some(Leg::Two);
    match (direction, of_payer) {
        (Direction::ToPayer, true) | (Direction::ToPayee, false) => Some(Side::Credit),
        (Direction::ToPayer, false) | (Direction::ToPayee, true) => Some(Side::Debit),
    }
}

#[cfg(test)]
mod tests {
    use clearway_codec::value::BeijingTime;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::clearing::{Positions, ReserveAccount, Reserves, Sum};
    use crate::domain::dispute::CaseState;
    use crate::domain::register::samples::{any_case, case};

    fn adjusted(business: Business, direction: Direction, has_reserve: bool) -> Adjusted {
        let batch = DisputeBatchId::at(BeijingTime::from_unix_micros(0));
        let state = AdjustmentState::Made;
        let adjustment = Adjustment { trx_key: 1, amount_fen: 500, batch, direction, state };
        let case = Case { business: business.code(), has_reserve, ..case(CaseState::Agreed) };
        Adjusted::of(&case, &adjustment).expect("made")
    }

    /// Payer's bank 11, payee's bank 12, institution 3.
    #[test]
    fn money_and_reserve_accounts_move_with_the_direction() {
        use Business::{AgreementPayment, EntrustedPayment, Payout};
        use Direction::{ToPayee, ToPayer};
        let rows = [
            (AgreementPayment, ToPayer, true, [12, 11], Some((12, -500))),
            (AgreementPayment, ToPayee, true, [11, 12], Some((12, 500))),
            (Payout, ToPayer, true, [12, 11], Some((11, 500))),
            (Payout, ToPayee, true, [11, 12], Some((11, -500))),
            (EntrustedPayment, ToPayer, false, [12, 11], None),
        ];
        for (business, direction, has_reserve, banks, reserve) in rows {
            let place = format!("{business:?} {direction:?}");
            let made = adjusted(business, direction, has_reserve);
            assert_eq!(made.banks, banks, "{place}");
            let (mut positions, mut reserves) = (Positions::default(), Reserves::default());
            positions.book_adjustment(&made);
            reserves.book_adjustment(&made);
            let net = positions.net_fen(|bank| bank);
            assert_eq!(net, [(banks[0], -500), (banks[1], 500)].into(), "{place}");
            let moved: Vec<_> =
                reserves.accounts().map(|(account, sum)| (account.institution, account.bank, sum.net_fen())).collect();
            let expected: Vec<_> = reserve.into_iter().map(|(bank, net)| (3, bank, net)).collect();
            assert_eq!(moved, expected, "{place}");
            assert_eq!(made.line(DisputeBatchId::at(BeijingTime::from_unix_micros(0)), 7).banks, banks, "{place}");
        }
    }

    proptest! {
        /// What runs or has failed moves nothing; what was made moves its amount once, and the batch adds up to nothing.
        #[test]
        fn only_what_was_made_counts(case in any_case()) {
            let batches: std::collections::BTreeSet<_> = case.adjustments.iter().map(|one| one.batch).collect();
            let made = case.adjustments.iter().filter(|one| one.state == AdjustmentState::Made);
            let expected = made.fold(Sum::default(), |sum, one| sum.plus(Sum { count: 1, amount_fen: one.amount_fen }));
            let mut positions = Positions::default();
            batches.iter().flat_map(|batch| Adjusted::all_in(*batch, &case)).for_each(|one| positions.book_adjustment(&one));
            prop_assert_eq!((positions.payments(), positions.sum_fen()), (expected.count, 0));
            let net = positions.net_fen(|bank| bank);
            // All of them give money back to the payer, whose bank is 11.
            let to_payer = net.get(&11).copied().unwrap_or(0);
            prop_assert_eq!(to_payer, i128::from(expected.amount_fen));
            let account = ReserveAccount { institution: 3, bank: 12 };
            let mut reserves = Reserves::default();
            batches.iter().flat_map(|batch| Adjusted::all_in(*batch, &case)).for_each(|one| reserves.book_adjustment(&one));
            let paid_out = if case.has_reserve { expected } else { Sum::default() };
            prop_assert_eq!(reserves.of(account).paid_out, paid_out);
        }
    }
}
