//! Images and facts for the tests of `domain` and `registers`.

use clearway_codec::value::{BeijingTime, TrxStatus};
use proptest::prelude::*;

use super::book_entry::BookEntry;
use super::facts::{DisputeFacts, Facts};
use super::image::{Image, Setting};
use crate::domain::agreement::{Agreement, Alias, EndedBy, MerchantNo, OldNo, SgnNo, Sharing, State};
use crate::domain::dispute::{
    Adjustment, AdjustmentState, Case, CaseState, Direction, DisputeBatchId, Opening, Reason, Request, open,
};
use crate::domain::mandate::{Collection, Mandate, PeriodUnit, Terms};
use crate::domain::transaction::Parties;

/// 2026-11-20T10:00:00 in Beijing, in microseconds.
pub(crate) const NOW_US: u64 = 1_795_140_000_000_000;
/// The transaction of the samples, and one before it.
pub(crate) const TRX_KEY: u128 = 20_261_120 * 10_u128.pow(23) + 7;
pub(crate) const OTHER_TRX_KEY: u128 = TRX_KEY + 1;
pub(crate) const ORIGINAL_FEN: u64 = 10_000;

pub(crate) fn number(n: u64) -> SgnNo {
    SgnNo::parse(format!("EPTEN{n:018}").as_bytes()).expect("sound")
}

pub(crate) fn merchant() -> MerchantNo {
    MerchantNo::parse(b"M1").expect("sound")
}

/// What institution 3 says of an agreement with bank 11, one second after the samples were made.
pub(crate) fn facts() -> Facts {
    Facts {
        sgn_no: Some(number(1)),
        account: 0xacc,
        customer: 0xc05,
        institution: 3,
        bank: 11,
        amount_fen: 500,
        terms: Some(terms()),
        collection: Collection { to_reserve: true, from_person: true, to_person: false },
        trx_key: TRX_KEY,
        accepted_at_us: NOW_US + 1_000_000,
        at_us: NOW_US + 1_000_000,
        code: *b"00000000",
        ..Facts::default()
    }
}

pub(crate) fn agreement(state: State) -> Agreement {
    Agreement {
        number: number(1),
        account: 0xacc,
        customer: 0xc05,
        institution: 3,
        bank: 11,
        state,
        ended_by: if state == State::Ended { EndedBy::Institution } else { EndedBy::Nobody },
        unacknowledged: Parties::NONE,
        shared: false,
        changed_by: OTHER_TRX_KEY,
        version: 5,
        changed_at_s: (NOW_US / 1_000_000) as u32,
        starts_at_s: 0,
        ends_at_s: 0,
    }
}

/// One payment of at most 10 yuan a month, from the day of [`NOW_US`] for about a year.
pub(crate) fn terms() -> Terms {
    let starts_at_s = (NOW_US / 1_000_000) as u32;
    Terms {
        merchant: merchant(),
        limit_fen: 1_000,
        starts_at_s,
        ends_at_s: starts_at_s + 365 * 86_400,
        unit: PeriodUnit::Month,
        step: 1,
        frequency: 2,
    }
}

pub(crate) fn mandate(state: State) -> Mandate {
    Mandate {
        number: number(1),
        terms: terms(),
        account: 0xacc,
        customer: 0xc05,
        institution: 3,
        bank: 11,
        state,
        ended_by: if state == State::Ended { EndedBy::Institution } else { EndedBy::Nobody },
        unacknowledged: Parties::NONE,
        bank_asks: false,
        period: 0,
        used: 0,
        changed_by: OTHER_TRX_KEY,
        version: 5,
        changed_at_s: (NOW_US / 1_000_000) as u32,
    }
}

/// Institution 3 asks bank 11 to give the payer `ORIGINAL_FEN / 2` back, of a payment that was presumed a success.
pub(crate) fn dispute() -> DisputeFacts {
    DisputeFacts {
        original_key: OTHER_TRX_KEY,
        original_status: TrxStatus::PresumedSuccess,
        original_business: 1,
        original_has_reserve: true,
        original_amount_fen: ORIGINAL_FEN,
        refunded_fen: 0,
        institution: 3,
        banks: [11, 12],
        direction: Direction::ToPayer,
        agrees: true,
        by: 3,
        of: 11,
        by_operator: false,
    }
}

pub(crate) fn case(state: CaseState) -> Case {
    let opening = Opening {
        trx_key: OTHER_TRX_KEY,
        reason: Reason::PresumedSuccess,
        status: TrxStatus::PresumedSuccess,
        business: 1,
        has_reserve: true,
        amount_fen: ORIGINAL_FEN,
        institution: 3,
        banks: [11, 12],
        code: *b"RS600031",
        at_us: NOW_US,
    };
    let asked = Request { direction: Direction::ToPayer, amount_fen: 600, by: 3, of: 11 };
    Case {
        state,
        asked: (state != CaseState::Open).then_some(asked),
        version: 5,
        ..open(None, &opening).expect("the first reason opens a case")
    }
}

fn any_parties() -> impl Strategy<Value = Parties> {
    (0_u8..4).prop_map(|bits| Parties::from_bits(bits).expect("two parties"))
}

fn any_number() -> impl Strategy<Value = SgnNo> {
    "[!-~]{1,34}".prop_map(|text| SgnNo::parse(text.as_bytes()).expect("sound"))
}

/// Any agreement that can be; its number is one of a hundred, so that versions of the same one meet.
pub(crate) fn any_agreement() -> impl Strategy<Value = Agreement> {
    let ends = (0_u64..40, 0_u64..40, 0_u16..4, 0_u16..4);
    (0_u64..100, ends, 0_usize..3, any_parties(), any::<bool>(), 1_u32..50, any::<(u32, u32, u32, u64)>()).prop_map(
        |(n, (account, customer, institution, bank), state, unacknowledged, shared, version, (at, from, to, by))| {
            Agreement {
                number: number(n),
                account,
                customer,
                institution,
                bank,
                unacknowledged,
                shared,
                changed_by: by.into(),
                version,
                changed_at_s: at,
                starts_at_s: from,
                ends_at_s: to,
                ..agreement(State::ALL[state])
            }
        },
    )
}

pub(crate) fn any_mandate() -> impl Strategy<Value = Mandate> {
    (any_number(), 0_usize..3, any_parties(), any::<bool>(), 0_u16..3, 1_u32..50, any::<(u64, u64, u32, u128)>())
        .prop_map(|(number, state, unacknowledged, asks, used, version, (account, customer, period, changed_by))| {
            let state = State::ALL[state];
            let bank_asks = asks && state == State::Live;
            Mandate {
                number,
                unacknowledged,
                bank_asks,
                used,
                version,
                account,
                customer,
                period,
                changed_by,
                ..mandate(state)
            }
        })
}

/// Any case that can be: its adjustments give back at most what it is about.
pub(crate) fn any_case() -> impl Strategy<Value = Case> {
    let adjustments = prop::collection::vec((1_u64..150, 0_u8..3, 1_u32..60), 0..60);
    (0_u128..100, 0_usize..5, 1_u32..50, adjustments).prop_map(|(trx_key, state, version, adjustments)| {
        let adjustment = |(amount_fen, state, hour): (u64, u8, u32)| Adjustment {
            trx_key: u128::from(amount_fen) + 1,
            amount_fen,
            batch: DisputeBatchId::at(BeijingTime::from_unix_micros(NOW_US + u64::from(hour) * 3_600_000_000)),
            direction: Direction::ToPayer,
            state: AdjustmentState::from_code(state + 1).expect("three states"),
        };
        let adjustments = adjustments.into_iter().map(adjustment).collect();
        Case { trx_key, version, adjustments, has_reserve: version % 2 == 0, ..case(CaseState::ALL[state]) }
    })
}

pub(crate) fn any_alias() -> impl Strategy<Value = Alias> {
    (0_u64..50, 0_u64..100, 1_u32..50).prop_map(|(old, n, version)| {
        let old = OldNo::parse(format!("{old:064}").as_bytes()).expect("sound");
        Alias { old, number: number(n), version }
    })
}

pub(crate) fn any_image() -> impl Strategy<Value = Image> {
    let merchants = prop::collection::vec(any_number(), 0..16);
    let sharing = (0_u64..100, 1_u32..50, merchants).prop_map(|(n, version, merchants)| Sharing {
        number: number(n),
        version,
        merchants,
    });
    let setting = (0_u32..9, 1_u32..50, prop::collection::vec(any::<u8>(), 0..200))
        .prop_map(|(key, version, bytes)| Setting { key, version, bytes });
    let book = (0_u64..9, 1_u32..50, prop::collection::vec(any::<u8>(), 0..200))
        .prop_map(|(key, version, bytes)| BookEntry { key, version, bytes });
    prop_oneof![
        4 => any_agreement().prop_map(Image::Agreement),
        2 => any_mandate().prop_map(Image::Mandate),
        1 => any_alias().prop_map(Image::Alias),
        2 => any_case().prop_map(Image::Case),
        1 => sharing.prop_map(Image::Sharing),
        1 => setting.prop_map(Image::Setting),
        1 => book.prop_map(Image::Book),
    ]
}
