//! Working days of the large-value system (HVPS), from a file; days and times are Beijing's.
//!
//! ```text
//!   date,kind,name                 holiday: a day off, whatever day of the week
//!   2026-10-01,holiday,...         workday: a Saturday or Sunday that is worked instead
//! ```
//!
//! Every other day works from Monday to Friday. Invariant: pure; the same file gives the same answers. Called where a
//! deadline is counted in working days.

use std::collections::BTreeMap;

use clearway_codec::value::{BeijingTime, Date};

/// The calendar that comes with the program: `data/working-days-cn.csv`. Holidays are announced year by year; an
/// operator gives a newer file.
pub const WORKING_DAYS_CN: &str = include_str!("../../data/working-days-cn.csv");

const DAY_US: u64 = 86_400_000_000;
const BEIJING_OFFSET_US: u64 = 8 * 3_600_000_000;
/// No stretch of holidays is longer; bounds every search.
const DAYS_OFF_MAX: u32 = 3_660;

/// Which days are worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    exceptions: BTreeMap<i32, Kind>,
    swapped_days_work: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Holiday,
    Workday,
}

/// Why a calendar cannot be used: the line, counted from 1, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct CalendarError {
    /// Which line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub what: &'static str,
}

impl Calendar {
    /// Reads the file. Lines that begin with `#`, the heading, and empty lines are passed over.
    ///
    /// # Errors
    /// [`CalendarError`] for a line that is not `yyyy-mm-dd,holiday|workday,name`, and for a day that is there twice.
    pub fn from_csv(text: &str) -> Result<Self, CalendarError> {
        let mut exceptions = BTreeMap::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || line.starts_with("date,") {
                continue;
            }
            let fault = |what| CalendarError { line: at + 1, what };
            let (date, kind) = read_line(line).map_err(fault)?;
            if exceptions.insert(date.days(), kind).is_some() {
                return Err(fault("the day is there twice"));
            }
        }
        Ok(Self { exceptions, swapped_days_work: true })
    }

    /// Whether weekend days that are worked in exchange for a holiday count as working days; they do unless this says no.
    #[must_use]
    pub fn with_swapped_days(self, work: bool) -> Self {
        Self { swapped_days_work: work, ..self }
    }

    /// Whether `date` is a working day.
    pub fn is_working_day(&self, date: Date) -> bool {
        match self.exceptions.get(&date.days()) {
            Some(Kind::Holiday) => false,
            Some(Kind::Workday) => self.swapped_days_work,
            // 1970-01-01 was a Thursday.
            None => (date.days() + 3) % 7 < 5,
        }
    }

    /// The `days`-th working day after `date`; `date` itself does not count. 0 gives `date`. The end of the calendar (9999) is
    /// never passed.
    pub fn add_working_days(&self, date: Date, days: u32) -> Date {
        (0..days).fold(date, |date, _| self.next_working_day(date))
    }

    /// The last working day before `date`; the start of the calendar (1970) is never passed.
    pub fn working_day_before(&self, date: Date) -> Date {
        let mut days = (0..date.days()).rev().take(DAYS_OFF_MAX as usize).filter_map(Date::from_days);
        days.find(|day| self.is_working_day(*day)).unwrap_or(date)
    }

    /// The instant, in microseconds since 1970, at which the `days`-th working day after `at_us` is over in Beijing.
    pub fn end_of_working_days_us(&self, at_us: u64, days: u32) -> u64 {
        let last = self.add_working_days(BeijingTime::from_unix_micros(at_us).date(), days);
        ((last.days() as u64 + 1) * DAY_US).saturating_sub(BEIJING_OFFSET_US)
    }

    fn next_working_day(&self, date: Date) -> Date {
        let mut day = date;
        for _ in 0..DAYS_OFF_MAX {
            let Some(next) = Date::from_days(day.days() + 1) else { return day };
            day = next;
            if self.is_working_day(day) {
                return day;
            }
        }
        day
    }
}

fn read_line(line: &str) -> Result<(Date, Kind), &'static str> {
    let mut parts = line.splitn(3, ',');
    let (date, kind) = (parts.next().unwrap_or_default(), parts.next().ok_or("date and kind are missing")?);
    let digits: Vec<u8> = date.bytes().filter(|byte| *byte != b'-').collect();
    let well_formed = date.len() == 10 && date.as_bytes()[4] == b'-' && date.as_bytes()[7] == b'-';
    let date = Date::parse(&digits).ok().filter(|_| well_formed).ok_or("no date of the form yyyy-mm-dd")?;
    match kind {
        "holiday" => Ok((date, Kind::Holiday)),
        "workday" => Ok((date, Kind::Workday)),
        _ => Err("the kind is neither holiday nor workday"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text.as_bytes()).expect("a day")
    }

    fn calendar() -> Calendar {
        Calendar::from_csv(WORKING_DAYS_CN).expect("the calendar that comes with the program")
    }

    #[test]
    fn weekends_holidays_and_swapped_days() {
        let calendar = calendar();
        for (date, works) in [
            ("20250101", false), // New Year, a Wednesday
            ("20250124", true),  // a Friday
            ("20250125", false), // a Saturday
            ("20250126", true),  // a Sunday that is worked
            ("20250128", false), // Spring Festival
            ("20250205", true),
            ("20250208", true),  // a Saturday that is worked
            ("20251001", false), // National Day
        ] {
            assert_eq!(calendar.is_working_day(day(date)), works, "{date}");
        }
        let strict = calendar.with_swapped_days(false);
        assert!(!strict.is_working_day(day("20250126")) && strict.is_working_day(day("20250124")));
    }

    #[test]
    fn working_days_are_counted_over_the_spring_festival() {
        let calendar = calendar();
        // Festival 28 January to 4 February 2025; 26 January and 8 February are worked.
        for (from, days, to) in [
            ("20250124", 0, "20250124"),
            ("20250124", 1, "20250126"),
            ("20250125", 1, "20250126"),
            ("20250126", 1, "20250127"),
            ("20250127", 1, "20250205"),
            ("20250127", 3, "20250207"),
            ("20250127", 4, "20250208"),
            ("20250127", 5, "20250210"),
            ("20250127", 7, "20250212"),
        ] {
            assert_eq!(calendar.add_working_days(day(from), days), day(to), "{from} + {days}");
        }
        assert_eq!(calendar.add_working_days(day("99991231"), 3), day("99991231"));
        assert_eq!(calendar.working_day_before(day("20250205")), day("20250127"));
        assert_eq!(calendar.working_day_before(day("19700101")), day("19700101"));
    }

    #[test]
    fn seven_working_days_are_over_at_midnight_in_beijing() {
        let calendar = calendar();
        let at = |text: &str| BeijingTime::parse(text.as_bytes()).expect("a time").unix_micros();
        // A Friday afternoon, one microsecond before midnight, and midnight.
        let expected = at("2025-03-19T00:00:00");
        let over = |at_us| calendar.end_of_working_days_us(at_us, 7);
        assert_eq!(over(at("2025-03-07T15:00:00")), expected);
        assert_eq!(over(at("2025-03-07T23:59:59") + 999_999), expected);
        assert_eq!(over(at("2025-03-08T00:00:00")), expected, "a Saturday counts no day");
        assert_eq!(over(at("2025-03-10T00:00:00")), expected + DAY_US);
    }

    #[test]
    fn a_broken_file_is_refused_with_its_line() {
        for (text, line, what) in [
            ("2025-01-01", 1, "date and kind are missing"),
            ("#\n20250101,holiday,x", 2, "no date of the form yyyy-mm-dd"),
            ("2025-02-30,holiday,x", 1, "no date of the form yyyy-mm-dd"),
            ("2025-01-01,Holiday,x", 1, "the kind is neither holiday nor workday"),
            ("2025-01-01,holiday,x\n2025-01-01,workday,x", 2, "the day is there twice"),
        ] {
            assert_eq!(Calendar::from_csv(text), Err(CalendarError { line, what }), "{text}");
        }
        assert!(Calendar::from_csv("").is_ok_and(|calendar| calendar.is_working_day(day("20250101"))));
    }
}
