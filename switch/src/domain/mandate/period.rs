//! Periods of a mandate, counted from the day on which its term begins, in Beijing.

use clearway_codec::value::Date;

/// What a period is counted in (EntrstDtUnt; numbers ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PeriodUnit {
    /// 01: days.
    Day = 1,
    /// 02: weeks of seven days.
    Week = 2,
    /// 03: months; a day that a month does not have is its last day.
    Month = 3,
    /// 04: years, as twelve months.
    Year = 4,
}

impl PeriodUnit {
    /// All, in order of their numbers.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// The unit with this number.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Day),
            2 => Some(Self::Week),
            3 => Some(Self::Month),
            4 => Some(Self::Year),
            _ => None,
        }
    }

    /// Reads `01` to `04`.
    pub fn parse(text: &[u8]) -> Option<Self> {
        match text {
            [b'0', digit @ b'1'..=b'4'] => Self::from_code(digit - b'0'),
            _ => None,
        }
    }
}

/// The number of the period that `day` falls in, 0 for the first one; `None` before `start`. A period is `step` units (0 counts
/// as 1) and begins on the day on which the mandate began.
pub const fn period_of(unit: PeriodUnit, step: u16, start: Date, day: Date) -> Option<u32> {
    let days = day.days() - start.days();
    if days < 0 {
        return None;
    }
    let step = if step == 0 { 1 } else { step as u32 };
    let units = match unit {
        PeriodUnit::Day => days as u32,
        PeriodUnit::Week => days as u32 / 7,
        PeriodUnit::Month => full_months(start, day),
        PeriodUnit::Year => full_months(start, day) / 12,
    };
    Some(units / step)
}

/// Months that have passed; `day` is not before `start`.
const fn full_months(start: Date, day: Date) -> u32 {
    let (from_year, from_month, from_day) = start.to_ymd();
    let (year, month, day_of_month) = day.to_ymd();
    let months = year * 12 + month - (from_year * 12 + from_month);
    let begins_on = if from_day < last_day(year, month) { from_day } else { last_day(year, month) };
    if day_of_month < begins_on { months.saturating_sub(1) } else { months }
}

const fn last_day(year: u32, month: u32) -> u32 {
    let mut day = 31;
    while Date::from_ymd(year, month, day).is_err() {
        day -= 1;
    }
    day
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn periods_begin_on_the_day_on_which_the_mandate_began() {
        use PeriodUnit::{Day, Month, Week, Year};
        let rows = [
            (Day, 1, "20260101", "20260101", Some(0)),
            (Day, 1, "20260101", "20260102", Some(1)),
            (Day, 3, "20260101", "20260103", Some(0)),
            (Day, 3, "20260101", "20260104", Some(1)),
            (Day, 1, "20260101", "20251231", None),
            (Week, 1, "20260101", "20260107", Some(0)),
            (Week, 1, "20260101", "20260108", Some(1)),
            (Week, 2, "20260101", "20260115", Some(1)),
            (Month, 1, "20260115", "20260214", Some(0)),
            (Month, 1, "20260115", "20260215", Some(1)),
            (Month, 1, "20260131", "20260227", Some(0)),
            (Month, 1, "20260131", "20260228", Some(1)), // clamped
            (Month, 1, "20260131", "20260330", Some(1)),
            (Month, 1, "20260131", "20260331", Some(2)),
            (Month, 3, "20260131", "20260430", Some(1)),
            (Year, 1, "20240229", "20250227", Some(0)),
            (Year, 1, "20240229", "20250228", Some(1)),
            (Year, 1, "20240229", "20280228", Some(3)),
            (Year, 1, "20240229", "20280229", Some(4)),
            (Day, 0, "20260101", "20260103", Some(2)), // no step: one unit
        ];
        for (unit, step, start, day, expected) in rows {
            let date = |text: &str| Date::parse(text.as_bytes()).expect("a day");
            assert_eq!(period_of(unit, step, date(start), date(day)), expected, "{unit:?} {step} {start} {day}");
        }
    }

    proptest! {
        #[test]
        fn periods_never_go_back_and_none_is_left_out(unit in 0_usize..4, step in 0_u16..20, start in 0_i32..40_000, ahead in 0_i32..4_000) {
            let (unit, start) = (PeriodUnit::ALL[unit], Date::from_days(start).expect("in range"));
            let at = |days| period_of(unit, step, start, Date::from_days(start.days() + days).expect("in range"));
            let (today, tomorrow) = (at(ahead).expect("begun"), at(ahead + 1).expect("begun"));
            prop_assert!(tomorrow == today || tomorrow == today + 1);
            prop_assert_eq!(at(0), Some(0));
        }
    }
}
