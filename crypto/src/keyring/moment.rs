//! Instants as manifests write them.
//!
//! ```text
//! 2026-11-20T10:00:00+08:00   RFC 3339: exactly that instant (also with Z)
//! 2026-11-20T10:00:00         Beijing time, like every time on the wire
//! 2026-11-20                  00:00:00 Beijing time of that day
//! ```
//!
//! Each as a TOML date or as a string. Invariant: reading what was written gives the same second.

use toml::value::{Datetime, Offset, Time};

const DAY_SECS: i64 = 86_400;
/// Beijing is UTC+8 and has no summer time.
const BEIJING_OFFSET_MINUTES: i64 = 8 * 60;

/// Seconds since 1970-01-01T00:00:00Z.
pub(super) fn read(value: &toml::Value) -> Result<u64, String> {
    let datetime = match value {
        toml::Value::Datetime(datetime) => *datetime,
        toml::Value::String(text) => text.parse::<Datetime>().map_err(|_| format!("{text:?} is no RFC 3339 date"))?,
        other => return Err(format!("{other} is no date")),
    };
    unix_secs(&datetime).ok_or_else(|| format!("{datetime} is no date from 1970 on"))
}

/// The instant in Beijing time with its offset; `None` after the year 9999.
pub(super) fn write(unix_secs: u64) -> Option<Datetime> {
    let local = i64::try_from(unix_secs).ok()?.checked_add(BEIJING_OFFSET_MINUTES * 60)?;
    let (days, second) = (local.div_euclid(DAY_SECS), local.rem_euclid(DAY_SECS));
    let (year, month, day) = civil_from_days(days);
    let text =
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}+08:00", second / 3600, second / 60 % 60, second % 60);
    text.parse().ok()
}

fn unix_secs(datetime: &Datetime) -> Option<u64> {
    let date = datetime.date?;
    let midnight = Time { hour: 0, minute: 0, second: None, nanosecond: None };
    let time = datetime.time.unwrap_or(midnight);
    let offset_minutes = match datetime.offset {
        None => BEIJING_OFFSET_MINUTES,
        Some(Offset::Z) => 0,
        Some(Offset::Custom { minutes }) => i64::from(minutes),
    };
    let days = days_from_civil(date.year.into(), date.month.into(), date.day.into());
    let second = i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + i64::from(time.second.unwrap_or(0));
    u64::try_from(days * DAY_SECS + second - offset_minutes * 60).ok()
}

/// Days since 1970-01-01 of a Gregorian date; the year counted from March so that the leap day is last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_dates_and_day_numbers_are_inverse() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2000, 2, 29), 11_016);
        assert_eq!(days_from_civil(2026, 11, 20), 20_777);
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..150_000 {
            assert_eq!(civil_from_days(days), (year, month, day));
            assert_eq!(days_from_civil(year, month, day), days);
            day += 1;
            if day > month_days(year, month) {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }

    fn month_days(year: i64, month: i64) -> i64 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    #[test]
    fn instants_are_read_as_written() {
        for secs in [0, 1, 57_599, 57_600, 951_782_399, 1_767_196_800, 253_402_271_999] {
            let written = write(secs).expect("in range");
            assert_eq!(read(&toml::Value::Datetime(written)), Ok(secs), "{written}");
            assert_eq!(read(&toml::Value::String(written.to_string())), Ok(secs));
        }
        // 10000-01-01T00:00:00+08:00 has no RFC 3339 form.
        assert_eq!(write(253_402_272_000), None);
        assert_eq!(write(u64::MAX), None);
    }
}
