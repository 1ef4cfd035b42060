//! October 2026 by hand. Day 0 is Wednesday, 30 September; day 1 is 1 October; minutes are counted from the midnight that begins day 0.

/// Minutes of an hour and a day.
pub(super) const HOUR: u32 = 60;
pub(super) const DAY: u32 = 24 * HOUR;

/// An hour of a day; adjustments have a batch of their own for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Batch {
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) of_corrections: bool,
}

/// A clearing session: its day, and 9 or 15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Session {
    pub(crate) day: u32,
    pub(crate) hour: u32,
}

/// A booking window of reserve accounts: the day on which it ends, and whether it is the one from 09:00 to 20:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Window {
    pub(crate) day: u32,
    pub(crate) by_day: bool,
}

/// The National Day holiday is 1 to 7 October; Saturday the 10th is worked instead.
pub(crate) const fn works(day: u32) -> bool {
    match day {
        1..=7 => false,
        10 => true,
        // Day 0 is a Wednesday.
        _ => (day + 2) % 7 < 5,
    }
}

impl Batch {
    pub(crate) const fn at(minute: u32, of_corrections: bool) -> Self {
        Self { day: minute / DAY, hour: minute % DAY / HOUR, of_corrections }
    }

    /// The minute at which its hour is over.
    pub(crate) const fn ends(self) -> u32 {
        self.day * DAY + (self.hour + 1) * HOUR
    }

    /// The session for which it is meant: after 09:00 what came since 15:00 of the working day before, after 15:00 what came since 09:00.
    pub(crate) const fn session(self) -> Session {
        if works(self.day) && self.hour < 9 {
            return Session { day: self.day, hour: 9 };
        }
        if works(self.day) && self.hour < 15 {
            return Session { day: self.day, hour: 15 };
        }
        let mut day = self.day + 1;
        while !works(day) {
            day += 1;
        }
        Session { day, hour: 9 }
    }

    /// The window in which the reserve accounts are booked: 20:00 to 09:00, 09:00 to 20:00.
    pub(crate) const fn window(self) -> Window {
        match self.hour {
            0..=8 => Window { day: self.day, by_day: false },
            9..=19 => Window { day: self.day, by_day: true },
            _ => Window { day: self.day + 1, by_day: false },
        }
    }

    /// The accounting day: it ends at 20:00.
    pub(crate) const fn accounting_day(self) -> u32 {
        if self.hour < 20 { self.day } else { self.day + 1 }
    }

    /// As it is written: day 0 is 30 September 2026.
    pub(crate) fn name(self) -> String {
        let letter = if self.of_corrections { 'D' } else { 'B' };
        format!("{letter}{}{:04}", date(self.day), self.hour + 1)
    }
}

impl Session {
    pub(crate) const fn opens(self) -> u32 {
        self.day * DAY + self.hour * HOUR
    }

    pub(super) const fn next(self) -> Self {
        if self.hour == 9 {
            return Self { day: self.day, hour: 15 };
        }
        let mut day = self.day + 1;
        while !works(day) {
            day += 1;
        }
        Self { day, hour: 9 }
    }

    /// As it is written.
    pub(crate) fn name(self) -> String {
        format!("{}{:02}00", date(self.day), self.hour)
    }
}

/// yyyyMMdd.
pub(crate) fn date(day: u32) -> String {
    match day {
        0 => "20260930".to_owned(),
        1..=31 => format!("202610{day:02}"),
        _ => format!("202611{:02}", day - 31),
    }
}

#[test]
fn the_holiday_by_hand() {
    let session = |day, hour| Batch { day, hour, of_corrections: false }.session().name();
    // Wednesday before the holiday, until its afternoon session.
    assert_eq!(session(0, 14), "202609301500");
    // Then everything waits for Thursday the 8th: eight days.
    assert_eq!(
        (session(0, 15), session(3, 12), session(8, 8)),
        ("202610080900".into(), "202610080900".into(), "202610080900".into())
    );
    // Saturday the 10th is worked, Sunday the 11th is not.
    assert_eq!(
        (session(9, 15), session(10, 9), session(10, 15)),
        ("202610100900".into(), "202610101500".into(), "202610120900".into())
    );
    assert_eq!((session(31, 0), Batch::at(31 * DAY + 1, true).name()), ("202611020900".into(), "D202610310001".into()));
}
