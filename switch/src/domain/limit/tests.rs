//! The book against a list of everything that was counted.

use clearway_codec::value::Date;
use proptest::prelude::*;

use super::*;

const DAY: u32 = 20;

fn day(day: u32) -> Date {
    Date::from_ymd(2026, 11, day).unwrap()
}

fn spend(amount_fen: u64) -> Spend {
    Spend { institution: 1, bank: 7, account: 9, amount_fen, day: day(DAY) }
}

fn amounts(day_amount_fen: u64) -> Limit {
    Limit { day_amount_fen: Some(day_amount_fen), ..Limit::default() }
}

#[test]
fn each_bound_has_its_code_and_the_single_payment_comes_first() {
    let limit = Limit { per_payment_fen: Some(100), day_amount_fen: Some(150), day_count: Some(2) };
    let used = |amount_fen, count| Used { amount_fen, count };
    for (before, amount, code) in [
        (used(0, 0), 100, None),
        (used(0, 0), 101, Some(b"PB521023")),
        (used(50, 1), 100, None),
        (used(51, 1), 100, Some(b"PB521024")),
        (used(50, 2), 100, Some(b"PB521021")),
        (used(51, 2), 101, Some(b"PB521023")),
        (used(51, 2), 100, Some(b"PB521024")),
        (used(u64::MAX, 1), 1, Some(b"PB521024")),
    ] {
        let found = limit.admit(before, amount).err().map(Breach::code);
        assert_eq!(found, code.copied(), "{before:?} and {amount}");
    }
    assert_eq!(Limit::default().admit(used(u64::MAX, u64::MAX), u64::MAX), Ok(()));
}

#[test]
fn a_layer_that_says_no_leaves_the_others_untouched() {
    let generous = amounts(1_000);
    for (tight, limits) in [
        ("bank", Limits { bank: amounts(10), institution: generous, card: generous }),
        ("institution", Limits { bank: generous, institution: amounts(10), card: generous }),
        ("card", Limits { bank: generous, institution: generous, card: amounts(10) }),
    ] {
        let mut book = LimitBook::default();
        assert_eq!(book.reserve(&spend(11), &limits), Err(Breach::DayAmount), "{tight}");
        assert_eq!((book.used(&spend(0)), book.cards()), ([Used::default(); 3], 0), "{tight}");
    }
}

#[test]
fn the_last_fen_fits_and_one_more_does_not() {
    let limits = Limits { bank: amounts(30), ..Limits::default() };
    let mut book = LimitBook::default();
    assert_eq!(book.reserve(&spend(29), &limits), Ok(Layers::BANK));
    assert_eq!(book.reserve(&spend(2), &limits), Err(Breach::DayAmount));
    assert_eq!(book.reserve(&spend(1), &limits), Ok(Layers::BANK));
    assert_eq!(book.reserve(&spend(1), &limits), Err(Breach::DayAmount));
    book.release(&spend(29), Layers::BANK);
    assert_eq!(book.reserve(&spend(29), &limits), Ok(Layers::BANK));
}

#[test]
fn a_limit_for_single_payments_alone_counts_nothing() {
    let per_payment = Limit { per_payment_fen: Some(5), ..Limit::default() };
    let limits = Limits { bank: per_payment, institution: per_payment, card: per_payment };
    let mut book = LimitBook::default();
    assert_eq!(book.reserve(&spend(5), &limits), Ok(Layers::NONE));
    assert_eq!(book.reserve(&spend(6), &limits), Err(Breach::PerPayment));
    assert_eq!((book.days(), book.cards()), (0, 0));
}

#[test]
fn three_days_are_held_and_the_oldest_makes_room() {
    let limits = Limits { card: amounts(10), ..Limits::default() };
    let mut book = LimitBook::default();
    let at = |number| Spend { day: day(number), ..spend(10) };
    for number in [20, 22, 21, 23] {
        assert_eq!(book.reserve(&at(number), &limits), Ok(Layers::CARD), "day {number}");
    }
    assert_eq!((book.days(), book.cards()), (3, 3));
    assert_eq!(book.reserve(&at(20), &limits), Err(Breach::DayCount), "its counters are gone");
    book.release(&at(20), Layers::CARD);
    assert_eq!(book.reserve(&at(21), &limits), Err(Breach::DayAmount));
}

#[test]
fn what_was_not_counted_is_not_given_back() {
    let limits = Limits { bank: amounts(100), ..Limits::default() };
    let mut book = LimitBook::default();
    let early = book.reserve(&spend(70), &Limits::default()).unwrap();
    book.reserve(&spend(100), &limits).unwrap();
    book.release(&spend(70), early);
    assert_eq!(book.reserve(&spend(1), &limits), Err(Breach::DayAmount), "the limit was set after the first one");
}

#[test]
fn layers_survive_a_record() {
    for bits in 0..8 {
        assert_eq!(Layers::from_bits(bits).bits(), bits);
    }
    assert_eq!(Layers::from_bits(0xff), Layers::from_bits(7));
    assert!(Layers::from_bits(3).contains(Layers::BANK) && !Layers::from_bits(3).contains(Layers::CARD));
}

#[derive(Debug, Clone)]
enum Step {
    Reserve(Spend),
    /// Releases one of the live ones, by turn.
    Release(usize),
    Change(Limits),
    /// The node ends and starts again.
    Restart,
}

fn any_limit() -> impl Strategy<Value = Limit> {
    (prop::option::of(1..60_u64), prop::option::of(1..200_u64), prop::option::of(1..8_u64))
        .prop_map(|(per_payment_fen, day_amount_fen, day_count)| Limit { per_payment_fen, day_amount_fen, day_count })
}

fn any_limits() -> impl Strategy<Value = Limits> {
    (any_limit(), any_limit(), any_limit()).prop_map(|(bank, institution, card)| Limits { bank, institution, card })
}

fn any_step() -> impl Strategy<Value = Step> {
    let spend = (0..2_u16, 0..4_u64, 1..70_u64, 20..22_u32).prop_map(|(institution, card, amount_fen, number)| Spend {
        institution,
        bank: 7,
        account: card << 60 | u64::from(card > 0),
        amount_fen,
        day: day(number),
    });
    prop_oneof![
        6 => spend.prop_map(Step::Reserve),
        3 => any::<prop::sample::Index>().prop_map(|index| Step::Release(index.index(1 << 20))),
        1 => any_limits().prop_map(Step::Change),
        1 => Just(Step::Restart),
    ]
}

/// The naive model: every live spend with the layers that counted it.
#[derive(Default)]
struct Model {
    live: Vec<(Spend, Layers)>,
}

impl Model {
    fn used(&self, layer: Layers, like: &Spend) -> Used {
        let same = |other: &Spend| {
            other.day == like.day
                && (layer != Layers::INSTITUTION || other.institution == like.institution)
                && (layer != Layers::CARD || other.account == like.account)
        };
        let mut used = Used::default();
        for (spend, counted) in self.live.iter().filter(|(spend, counted)| counted.contains(layer) && same(spend)) {
            used.amount_fen += spend.amount_fen;
            used.count += u64::from(counted.contains(layer));
        }
        used
    }

    fn admits(&self, spend: &Spend, limits: &Limits) -> bool {
        [(Layers::BANK, limits.bank), (Layers::INSTITUTION, limits.institution), (Layers::CARD, limits.card)]
            .iter()
            .all(|(layer, limit)| {
                if *layer == Layers::CARD && spend.account == 0 {
                    return true;
                }
                let used = self.used(*layer, spend);
                limit.per_payment_fen.is_none_or(|most| spend.amount_fen <= most)
                    && limit.day_amount_fen.is_none_or(|most| used.amount_fen + spend.amount_fen <= most)
                    && limit.day_count.is_none_or(|most| used.count < most)
            })
    }
}

proptest! {
    #[test]
    fn limits_are_exact_whatever_comes(first in any_limits(), steps in prop::collection::vec(any_step(), 1..120)) {
        let (mut book, mut model, mut limits) = (LimitBook::default(), Model::default(), first);
        for step in steps {
            match step {
                Step::Reserve(spend) => {
                    let expected = model.admits(&spend, &limits);
                    let found = book.reserve(&spend, &limits);
                    prop_assert_eq!(found.is_ok(), expected, "{:?} under {:?}: {:?}", spend, limits, found);
                    if let Ok(counted) = found {
                        prop_assert_eq!(counted, limits.of(&spend).counting());
                        model.live.push((spend, counted));
                    }
                }
                Step::Release(turn) if !model.live.is_empty() => {
                    let (spend, counted) = model.live.swap_remove(turn % model.live.len());
                    book.release(&spend, counted);
                }
                Step::Release(_) => {}
                Step::Change(changed) => limits = changed,
                Step::Restart => {
                    book = LimitBook::default();
                    model.live.iter().for_each(|(spend, counted)| book.restore(spend, *counted));
                }
            }
            for (spend, _) in &model.live {
                let layers = [Layers::BANK, Layers::INSTITUTION, Layers::CARD];
                if spend.account != 0 {
                    prop_assert_eq!(book.used(spend), layers.map(|layer| model.used(layer, spend)));
                }
            }
            prop_assert!(book.cards() <= model.live.len());
        }
    }
}
