//! The two sessions of a working day in which the large-value system (HVPS) moves the net positions.
//!
//! ```text
//!  session     window of batches, by their hour (S)                      held (ours)
//!  D 09:00     working day before D 15:00 -> D 09:00, holidays included  from 09:00 to 15:00 of D
//!  D 15:00     D 09:00 -> D 15:00                                        from 15:00 of D until the large-value system closes
//! ```
//!
//! Invariant: pure; the windows of all sessions lie end to end, so every batch has exactly one. Days and times are Beijing's.

use std::fmt;
use std::str::FromStr;

use clearway_codec::value::{BatchId, BeijingTime, Date, ValueError};

use super::hour::hour_us;
use crate::domain::calendar::Calendar;

/// The hour of the morning's session.
const MORNING: u32 = 9;
/// The hour of the afternoon's.
const AFTERNOON: u32 = 15;

/// How long a session waits for batches of its window that are not sealed (ours).
pub const SESSION_WAIT_US: u64 = 30 * 60_000_000;
/// From the close of the large-value system to the clearing information file, hours (S).
pub const NOTICE_AFTER_HOURS: u32 = 2;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Opening {
    /// 09:00.
    Morning = 0,
    /// 15:00.
    Afternoon = 1,
}

impl Opening {
    /// Its hour.
    #[must_use]
    pub const fn hour(self) -> u32 {
        match self {
            Self::Morning => MORNING,
            Self::Afternoon => AFTERNOON,
        }
    }
}

/// One session, in the order of time.
///
/// ```
/// use clearway::domain::clearing::SessionName;
/// let session: SessionName = "202611200900".parse()?;
/// assert_eq!(session.to_string(), "202611200900");
/// # Ok::<(), clearway_codec::ValueError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionName {
    /// Its day, a working day.
    pub day: Date,
    /// Which of the day's.
    pub opening: Opening,
}

impl SessionName {
    /// A number for it, below 2^23, in the order of time.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        (self.day.days() as u64) << 1 | self.opening as u64
    }

    /// The session with this number.
    #[must_use]
    pub fn from_u64(number: u64) -> Option<Self> {
        let day = Date::from_days(i32::try_from(number >> 1).ok()?)?;
        let opening = if number & 1 == 0 { Opening::Morning } else { Opening::Afternoon };
        Some(Self { day, opening })
    }

    /// When it opens, microseconds since 1970.
    #[must_use]
    pub const fn opens_at_us(self) -> u64 {
        hour_us(self.day, self.opening.hour())
    }

    /// When it waits for batches no longer.
    #[must_use]
    pub const fn waits_until_us(self) -> u64 {
        self.opens_at_us() + SESSION_WAIT_US
    }

    /// The last batch of its window; none from the year 2687 on.
    #[must_use]
    pub fn last_batch(self) -> Option<BatchId> {
        // The hour before it opens; hours are numbered from 1.
        BatchId::new(self.day, self.opening.hour()).ok()
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:02}00", self.day, self.opening.hour())
    }
}

impl FromStr for SessionName {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let (day, hour) = text.as_bytes().split_at_checked(8).ok_or(ValueError::Length)?;
        let opening = match hour {
            b"0900" => Opening::Morning,
            b"1500" => Opening::Afternoon,
            _ => return Err(ValueError::Form),
        };
        Ok(Self { day: Date::parse(day)?, opening })
    }
}

/// The hours of the large-value system over a calendar.
#[derive(Clone, Copy, Debug)]
pub struct Sessions<'a> {
    /// Its working days.
    pub calendar: &'a Calendar,
    /// The hour at which it closes, 16 to 21.
    pub close_hour: u32,
}

impl Sessions<'_> {
    /// The session in whose window a batch lies, by its hour.
    #[must_use]
    pub fn of(&self, batch: BatchId) -> SessionName {
        self.after(batch.date(), batch.sequence() - 1)
    }

    /// The session before.
    #[must_use]
    pub fn before(&self, session: SessionName) -> SessionName {
        let SessionName { day, opening } = session;
        match opening {
            Opening::Afternoon => SessionName { day, opening: Opening::Morning },
            Opening::Morning => {
                let day = self.calendar.working_day_before(day);
                SessionName { day, opening: Opening::Afternoon }
            }
        }
    }

    /// The next session that opens after `now_us`.
    #[must_use]
    pub fn next(&self, now_us: u64) -> SessionName {
        let time = BeijingTime::from_unix_micros(now_us);
        self.after(time.date(), time.hour())
    }

    /// The session that can be held now: one that opened today, until the next opens or the large-value system closes. One that
    /// was not held by then is not held any more; its batches go into the next.
    #[must_use]
    pub fn current(&self, now_us: u64) -> Option<SessionName> {
        let time = BeijingTime::from_unix_micros(now_us);
        let opening = if time.hour() < AFTERNOON { Opening::Morning } else { Opening::Afternoon };
        self.is_open(now_us).then(|| SessionName { day: time.date(), opening })
    }

    /// Whether the large-value system takes orders: on a working day from 09:00 until it closes (ours).
    #[must_use]
    pub fn is_open(&self, now_us: u64) -> bool {
        let time = BeijingTime::from_unix_micros(now_us);
        self.calendar.is_working_day(time.date()) && (MORNING..self.close_hour).contains(&time.hour())
    }

    /// When the clearing information file of a working day is due, microseconds since 1970.
    #[must_use]
    pub const fn notice_at_us(&self, day: Date) -> u64 {
        hour_us(day, self.close_hour + NOTICE_AFTER_HOURS)
    }

    /// The first session that opens after an hour of a day has begun.
    fn after(&self, day: Date, hour: u32) -> SessionName {
        match self.calendar.is_working_day(day) {
            true if hour < MORNING => SessionName { day, opening: Opening::Morning },
            true if hour < AFTERNOON => SessionName { day, opening: Opening::Afternoon },
            _ => SessionName { day: self.calendar.add_working_days(day, 1), opening: Opening::Morning },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::WORKING_DAYS_CN;
    use crate::domain::clearing::next_hour;

    fn calendar() -> Calendar {
        Calendar::from_csv(WORKING_DAYS_CN).expect("the calendar that comes with the program")
    }

    fn at(text: &str) -> u64 {
        BeijingTime::parse(text.as_bytes()).expect("a time").unix_micros()
    }

    #[test]
    fn a_batch_has_the_session_of_its_hour() {
        let calendar = calendar();
        let sessions = Sessions { calendar: &calendar, close_hour: 17 };
        // 2025-09-30 is a Tuesday; holidays from 1 to 8 October; Saturday 11 October is worked, Sunday 12 is not.
        for (batch, session) in [
            ("B202509300009", "202509300900"),
            ("B202509300010", "202509301500"),
            ("B202509300015", "202509301500"),
            ("B202509300016", "202510090900"),
            ("B202510010001", "202510090900"),
            ("B202510080024", "202510090900"),
            ("B202510090009", "202510090900"),
            ("B202510100016", "202510110900"),
            ("B202510110016", "202510130900"),
            ("B202510120012", "202510130900"),
        ] {
            let batch = BatchId::parse(batch.as_bytes()).expect("a batch");
            assert_eq!(sessions.of(batch).to_string(), session, "{batch}");
        }
    }

    #[test]
    fn windows_lie_end_to_end() {
        let calendar = calendar();
        for strict in [true, false] {
            let calendar = calendar.clone().with_swapped_days(strict);
            let sessions = Sessions { calendar: &calendar, close_hour: 17 };
            let mut batch = BatchId::parse(b"B202501010001").expect("a batch");
            let end = BatchId::parse(b"B202701010001").expect("a batch");
            while batch < end {
                let (session, next) = (sessions.of(batch), next_hour(batch).expect("before 2687"));
                let over = sessions.of(next) != session;
                assert_eq!(session.last_batch() == Some(batch), over, "{batch} of {session}");
                if over {
                    assert_eq!(sessions.before(sessions.of(next)), session);
                }
                let ends_us = hour_us(next.date(), next.sequence() - 1);
                assert!(session.opens_at_us() >= ends_us, "no session opens before its batches end");
                assert!(calendar.is_working_day(session.day));
                assert_eq!(SessionName::from_u64(session.as_u64()), Some(session));
                assert_eq!(session.to_string().parse(), Ok(session));
                batch = next;
            }
        }
    }

    #[test]
    fn a_session_is_held_on_its_day_until_the_next_or_the_close() {
        let calendar = calendar();
        let sessions = Sessions { calendar: &calendar, close_hour: 17 };
        for (time, current, next) in [
            ("2026-11-20T08:59:59", None, "202611200900"),
            ("2026-11-20T09:00:00", Some("202611200900"), "202611201500"),
            ("2026-11-20T14:59:59", Some("202611200900"), "202611201500"),
            ("2026-11-20T15:00:00", Some("202611201500"), "202611230900"),
            ("2026-11-20T16:59:59", Some("202611201500"), "202611230900"),
            ("2026-11-20T17:00:00", None, "202611230900"),
            ("2026-11-21T10:00:00", None, "202611230900"),
        ] {
            assert_eq!(sessions.current(at(time)).map(|session| session.to_string()).as_deref(), current, "{time}");
            assert_eq!(sessions.next(at(time)).to_string(), next, "{time}");
            assert_eq!(sessions.is_open(at(time)), current.is_some());
        }
        let day = Date::parse(b"20261120").expect("a day");
        assert_eq!(sessions.notice_at_us(day), at("2026-11-20T19:00:00"));
        assert!("202611201000".parse::<SessionName>().is_err() && "2026112".parse::<SessionName>().is_err());
    }
}
