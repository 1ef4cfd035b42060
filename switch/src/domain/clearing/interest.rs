//! Interest on advances (S): whoever was owed money for some days gets interest for them, whoever owed it pays.
//!
//! ```text
//!  interest of a bank and day = sum over its batches of (net position x natural days) x ppm / 1,000,000 / 360
//! ```
//!
//! Days are those from the batch's natural day to the day of its session; a year has 360 of them, as between banks (ours).
//! Invariant: the sum is exact and rounded once, half to even; what rounding leaves over goes to the switch's rounding account, so
//! that the orders of a day and the remainder add up to nothing, as the positions do.

use std::collections::BTreeMap;

/// Days of a year of interest.
pub const INTEREST_YEAR_DAYS: u32 = 360;
const PPM: i128 = 1_000_000;

/// A net position that waited for its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advance {
    /// Participant index of the clearing bank.
    pub bank: u16,
    /// Fen: above 0 it was owed, below 0 it owed.
    pub net_fen: i128,
    /// Natural days, 0 when the session was on the batch's own day.
    pub days: u32,
}

/// The interest of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Fen by clearing bank: above 0 it gets, below 0 it pays; those at zero too.
    pub by_bank_fen: BTreeMap<u16, i128>,
    /// What the switch keeps (above 0) or adds (below 0), fen: minus the sum of all banks'.
    pub remainder_fen: i128,
}

/// The interest of the advances of one day at a yearly rate in millionths.
///
/// # Panics
/// Beyond 2^127 fen days millionths: more money than there is.
#[must_use]
pub fn interest_of(advances: impl IntoIterator<Item = Advance>, ppm: u32) -> Interest {
    let mut by_bank_fen: BTreeMap<u16, i128> = BTreeMap::new();
    for Advance { bank, net_fen, days } in advances {
        let product = net_fen.checked_mul(i128::from(days)).expect("less money than 2^127 fen days");
        *by_bank_fen.entry(bank).or_insert(0) += product;
    }
    for sum in by_bank_fen.values_mut() {
        let exact = sum.checked_mul(i128::from(ppm)).expect("less money than 2^127 fen days millionths");
        *sum = divide_half_to_even(exact, PPM * i128::from(INTEREST_YEAR_DAYS));
    }
    let remainder_fen = -by_bank_fen.values().sum::<i128>();
    Interest { by_bank_fen, remainder_fen }
}

/// `numerator / denominator` for a denominator above 0, a half to the even neighbour.
const fn divide_half_to_even(numerator: i128, denominator: i128) -> i128 {
    let (floor, rest) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    let twice = rest * 2;
    if twice > denominator || twice == denominator && floor % 2 != 0 { floor + 1 } else { floor }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_half_goes_to_the_even_neighbour() {
        for (numerator, quotient) in
            [(-35, -4), (-25, -2), (-15, -2), (-5, 0), (-4, 0), (0, 0), (5, 0), (6, 1), (15, 2), (25, 2), (26, 3)]
        {
            assert_eq!(divide_half_to_even(numerator, 10), quotient, "{numerator} / 10");
        }
    }

    #[test]
    fn a_long_holiday_costs_its_natural_days() {
        // One million yuan over the nine days from 30 September to 9 October at 0.35 %.
        let advances = [(1, 100_000_000), (2, -100_000_000)].map(|(bank, net_fen)| Advance { bank, net_fen, days: 9 });
        let interest = interest_of(advances, 3_500);
        // 100,000,000 x 9 x 0.0035 / 360 = 8,750 fen.
        assert_eq!(interest, Interest { by_bank_fen: BTreeMap::from([(1, 8_750), (2, -8_750)]), remainder_fen: 0 });
    }

    proptest! {
        /// Day by day: each evening every bank's balance with the switch bears one day's interest, as exact fractions of a fen; the
        /// sum is rounded when it is paid.
        #[test]
        fn it_equals_a_naive_day_by_day_sum(
            advances in prop::collection::vec((0_u16..4, -1_000_000_000_000_i64..1_000_000_000_000, 0_u32..12), 0..40),
            ppm in 0_u32..1_000_000,
        ) {
            let interest = interest_of(
                advances.iter().map(|&(bank, net_fen, days)| Advance { bank, net_fen: net_fen.into(), days }),
                ppm,
            );
            for (bank, paid_fen) in &interest.by_bank_fen {
                let mut parts_of_a_fen: i128 = 0;
                for evening in 0..12 {
                    let waits = advances.iter().filter(|(of, _, days)| of == bank && *days > evening);
                    let balance: i128 = waits.map(|(_, net_fen, _)| i128::from(*net_fen)).sum();
                    parts_of_a_fen += balance * i128::from(ppm);
                }
                let (whole, off) = (*paid_fen * 360_000_000, parts_of_a_fen - *paid_fen * 360_000_000);
                prop_assert!(off.abs() * 2 <= 360_000_000, "{whole} is not the nearest");
                prop_assert!(off.abs() * 2 < 360_000_000 || paid_fen % 2 == 0, "half to even");
            }
            prop_assert_eq!(interest.by_bank_fen.values().sum::<i128>() + interest.remainder_fen, 0);
        }
    }
}
