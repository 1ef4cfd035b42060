//! Volumes against a naive model: the sum over what was counted and not given back.

use clearway_codec::value::Date;
use proptest::prelude::*;

use super::*;

fn day(number: u32) -> Date {
    // 28 November to 4 December: the month turns.
    if number < 3 { Date::from_ymd(2026, 11, 28 + number) } else { Date::from_ymd(2026, 12, number - 2) }
        .expect("a day")
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Reserve {
        amount_fen: u64,
        day: u32,
    },
    /// Gives back one of those that were counted.
    Release {
        which: usize,
    },
}

fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => (0_u64..500, 0_u32..3).prop_map(|(amount_fen, day)| Call::Reserve { amount_fen, day }),
        1 => any::<usize>().prop_map(|which| Call::Release { which }),
    ]
}

#[test]
fn the_first_bound_that_breaks_is_told() {
    let none = VolumeLimits::default();
    let rows = [
        (VolumeLimits { day_amount_fen: Some(99), ..none }, VolumeBreach::DayAmount),
        (VolumeLimits { day_count: Some(0), ..none }, VolumeBreach::DayCount),
        (VolumeLimits { month_amount_fen: Some(99), ..none }, VolumeBreach::MonthAmount),
        (VolumeLimits { month_count: Some(0), ..none }, VolumeBreach::MonthCount),
    ];
    for (limits, breach) in rows {
        assert_eq!(VolumeBook::default().reserve(100, day(0), &limits), Err(breach));
        assert!(!limits.is_unlimited());
    }
    let exact = VolumeLimits { day_amount_fen: Some(100), month_amount_fen: Some(100), ..none };
    let mut book = VolumeBook::default();
    assert_eq!(book.reserve(100, day(0), &exact), Ok(()));
    assert_eq!(book.check(u64::MAX, day(0), &exact), Err(VolumeBreach::DayAmount), "no overflow");
    assert_eq!(book.check(1, day(1), &exact), Err(VolumeBreach::MonthAmount), "another day of the month");
    assert_eq!(book.check(1, day(3), &exact), Ok(()), "another month");
}

#[test]
fn old_days_are_forgotten_and_take_nothing_more() {
    let limits = VolumeLimits { day_count: Some(9), ..VolumeLimits::default() };
    let mut book = VolumeBook::default();
    (1..4).for_each(|number| book.reserve(1, day(number), &limits).expect("fits"));
    assert_eq!(book.reserve(1, day(0), &limits), Err(VolumeBreach::DayCount));
    book.release(1, day(0));
    assert_eq!(book.used(day(1))[0], Volume { amount_fen: 1, count: 1 });
    assert_eq!(book.check(1, day(0), &VolumeLimits::default()), Ok(()), "without bounds nothing is refused");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Whatever is reserved and given back: the book is the naive sum, within its bounds, and one that is restored from what
    /// is left is the same.
    #[test]
    fn the_book_is_the_naive_sum(calls in prop::collection::vec(any_call(), 0..80), most in 0_u64..2_000) {
        let limits = VolumeLimits { day_amount_fen: Some(most), month_count: Some(20), ..VolumeLimits::default() };
        let mut book = VolumeBook::default();
        let mut counted: Vec<(u64, u32)> = Vec::new();
        for call in calls {
            match call {
                Call::Reserve { amount_fen, day: number } => {
                    let sum: u64 = counted.iter().filter(|(_, of)| *of == number).map(|(fen, _)| fen).sum();
                    let fits = sum + amount_fen <= most && counted.len() < 20;
                    prop_assert_eq!(book.reserve(amount_fen, day(number), &limits).is_ok(), fits);
                    counted.extend(fits.then_some((amount_fen, number)));
                }
                Call::Release { which } if !counted.is_empty() => {
                    let (amount_fen, number) = counted.swap_remove(which % counted.len());
                    book.release(amount_fen, day(number));
                }
                Call::Release { .. } => {}
            }
        }
        let mut restored = VolumeBook::default();
        counted.iter().for_each(|(amount_fen, number)| restored.restore(Volume { amount_fen: *amount_fen, count: 1 }, day(*number)));
        for number in 0..3 {
            let of_day = counted.iter().filter(|(_, of)| *of == number);
            let volume = Volume { amount_fen: of_day.clone().map(|(fen, _)| fen).sum(), count: of_day.count() as u64 };
            prop_assert_eq!(book.used(day(number))[0], volume);
            prop_assert_eq!(book.used(day(number)), restored.used(day(number)));
        }
    }
}
