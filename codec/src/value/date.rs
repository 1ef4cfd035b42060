//! A day of the calendar, as eight digits on the wire. Invariant: 1970-01-01 to 9999-12-31.

use std::fmt;

use super::{ValueError, digits};

/// Days from 1970-01-01 to 9999-12-31.
const DAYS_MAX: i32 = 2_932_896;

/// A day, counted from 1970-01-01, in the years 1970 to 9999. No zone: wire dates are Beijing's.
///
/// ```
/// use clearway_codec::Date;
///
/// let date = Date::parse(b"20261120")?;
/// assert_eq!(date.days(), 20_777);
/// assert_eq!(date.to_string(), "20261120");
/// # Ok::<(), clearway_codec::ValueError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// Reads `yyyymmdd`.
    ///
    /// # Errors
    /// [`ValueError::Length`], [`ValueError::NotDigits`], or [`ValueError::Date`] for a day that
    /// does not exist or lies before 1970.
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        let text: &[u8; 8] = text.try_into().map_err(|_| ValueError::Length)?;
        Self::from_number(digits::parse(text)?)
    }

    /// From a year, a month 1 to 12 and a day 1 to 31.
    ///
    /// # Errors
    /// [`ValueError::Date`] when there is no such day, or its year is outside 1970 to 9999.
    pub const fn from_ymd(year: u32, month: u32, day: u32) -> Result<Self, ValueError> {
        if year < 1970 || year > 9999 || month == 0 || month > 12 {
            return Err(ValueError::Date);
        }
        if day == 0 || day > days_in_month(year, month) {
            return Err(ValueError::Date);
        }
        Ok(Self(days_from_civil(year, month, day)))
    }

    /// From days since 1970-01-01, 0 to 2,932,896.
    #[must_use]
    pub const fn from_days(days: i32) -> Option<Self> {
        if days < 0 || days > DAYS_MAX { None } else { Some(Self(days)) }
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// Year, month (1 to 12) and day (1 to 31).
    #[must_use]
    pub const fn to_ymd(self) -> (u32, u32, u32) {
        civil_from_days(self.0)
    }

    /// The number that the eight digits spell, such as 20261120.
    #[must_use]
    pub const fn to_number(self) -> u32 {
        let (year, month, day) = self.to_ymd();
        year * 10_000 + month * 100 + day
    }

    /// The eight digits.
    #[must_use]
    pub fn to_text(self) -> [u8; 8] {
        let mut text = [0; 8];
        digits::write(u64::from(self.to_number()), &mut text);
        text
    }

    /// From a number of eight digits such as 20261120.
    pub(crate) const fn from_number(number: u64) -> Result<Self, ValueError> {
        if number > 99_991_231 {
            return Err(ValueError::Date);
        }
        let number = number as u32;
        Self::from_ymd(number / 10_000, number / 100 % 100, number % 100)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}", self.to_number())
    }
}

const fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

// The two functions below count years from March, so that the leap day ends a year, in eras of
// 400 years (146,097 days). Years are 1970 to 9999, so nothing is negative.

const fn days_from_civil(year: u32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let year_of_era = year % 400;
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (year / 400 * 146_097 + day_of_era) as i32 - 719_468
}

const fn civil_from_days(days: i32) -> (u32, u32, u32) {
    let days = (days + 719_468) as u32;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = days / 146_097 * 400 + year_of_era + (month <= 2) as u32;
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_range_goes_there_and_back() {
        let mut expected = 0;
        for year in 1970..=9999 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    let date = Date::from_ymd(year, month, day).expect("a real day");
                    assert_eq!(date.days(), expected);
                    assert_eq!(date.to_ymd(), (year, month, day));
                    expected += 1;
                }
            }
        }
        assert_eq!(expected - 1, DAYS_MAX);
        assert_eq!(Date::from_days(DAYS_MAX).map(Date::to_number), Some(99_991_231));
        assert_eq!(Date::from_days(DAYS_MAX + 1), None);
        assert_eq!(Date::from_days(-1), None);
    }

    #[test]
    fn refuses_days_that_do_not_exist() {
        for text in ["20260229", "21000229", "20261301", "20260001", "20260100", "20260432", "19691231"] {
            assert_eq!(Date::parse(text.as_bytes()), Err(ValueError::Date), "{text}");
        }
        assert_eq!(Date::parse(b"2026112"), Err(ValueError::Length));
        assert_eq!(Date::parse(b"2026112x"), Err(ValueError::NotDigits));
        assert_eq!(Date::parse(b"20240229").map(|date| date.to_text()), Ok(*b"20240229"));
    }
}
