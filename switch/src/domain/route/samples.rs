//! Channels, legs and tables for tests.

use std::collections::BTreeMap;

use super::*;
use crate::domain::business::Business;
use crate::domain::transaction::Leg;

/// The bank of the samples.
pub(crate) const BANK: u16 = 11;
/// The institution of the samples.
pub(crate) const INSTITUTION: u16 = 3;

/// Channel `number` of [`BANK`] over participant 100 + `number`; 0 is the bank itself.
pub(crate) fn channel(number: u8, priority: u8) -> Channel {
    let via = if number == 0 { BANK } else { 100 + u16::from(number) };
    Channel { number, name: format!("channel {number}"), via, priority, ..Channel::of_bank(BANK) }
}

pub(crate) fn routes(channels: impl IntoIterator<Item = Channel>) -> BankRoutes {
    BankRoutes { channels: channels.into_iter().collect(), ..BankRoutes::plain(BANK) }
}

pub(crate) fn table_of(routes: BankRoutes, cutover: Cutover) -> RouteTable {
    RouteTable::new(BTreeMap::from([(BANK, routes)]), cutover, 4).expect("a sound table")
}

pub(crate) fn table(channels: impl IntoIterator<Item = Channel>) -> RouteTable {
    table_of(routes(channels), Cutover::default())
}

/// Leg 1 of an agreement payment of 100.00.
pub(crate) fn asked() -> Asked {
    Asked {
        institution: INSTITUTION,
        bank: BANK,
        leg: Leg::One,
        business: Business::AgreementPayment,
        amount_fen: 10_000,
        account_type: AccountType::parse(b"00"),
        card: 7,
        customer: 8,
        is_new: false,
        back: None,
        is_direct_refund: false,
    }
}

/// Nothing is in the way.
pub(crate) fn well() -> Seen {
    Seen { is_reachable: true, is_closed: false, is_tried: false, breach: None, switch: SwitchState::On }
}

/// Judged after ten legs in ten seconds; off at 50 %, back at 20 % of five trial legs.
pub(crate) fn switch_off() -> SwitchOff {
    SwitchOff {
        window_us: 10_000_000,
        least: 10,
        failure_share: 5_000,
        timeout_share: 3_000,
        rest_us: 1_000_000,
        rest_max_us: 16_000_000,
        trials: 5,
        return_share: 2_000,
    }
}
