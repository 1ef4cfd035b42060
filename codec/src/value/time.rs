//! Wire times: Beijing time without a zone. Invariant: from 1970-01-01T08:00:00 (Unix zero) to
//! the end of 9999.

use std::fmt;

use bytes::{BufMut, BytesMut};

use super::{Date, ValueError, digits};

/// Beijing is eight hours ahead of UTC, all year round.
const BEIJING_OFFSET_SECS: u64 = 8 * 3_600;
const DAY_SECS: u64 = 86_400;
/// 9999-12-31T23:59:59 in Beijing, as Unix seconds.
const UNIX_SECS_MAX: u64 = 253_402_300_799 - BEIJING_OFFSET_SECS;

/// A moment with one second's resolution, written `yyyy-MM-ddTHH:mm:ss` in Beijing time.
///
/// ```text
/// 2026-11-20T10:06:53     19 characters, no zone, no fraction
/// ```
///
/// ```
/// use clearway_codec::BeijingTime;
///
/// let time = BeijingTime::from_unix_micros(1_795_140_413_999_999);
/// assert_eq!(time.to_string(), "2026-11-20T10:06:53");
/// assert_eq!(BeijingTime::parse(b"2026-11-20T10:06:53"), Ok(time));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BeijingTime {
    unix_secs: u64,
}

impl BeijingTime {
    /// The wire's resolution is a second: the fraction is cut off. A clock beyond the year 9999
    /// gives the last second of it.
    #[must_use]
    pub const fn from_unix_micros(micros: u64) -> Self {
        Self::from_unix_secs(micros / 1_000_000)
    }

    /// From Unix seconds; beyond the year 9999 the last second of it.
    #[must_use]
    pub const fn from_unix_secs(secs: u64) -> Self {
        Self { unix_secs: if secs > UNIX_SECS_MAX { UNIX_SECS_MAX } else { secs } }
    }

    /// Reads `yyyy-MM-ddTHH:mm:ss`.
    ///
    /// # Errors
    /// [`ValueError::Length`], [`ValueError::Time`] for the form or the time of day,
    /// [`ValueError::Date`] for the day.
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] = text else {
            return Err(if text.len() == 19 { ValueError::Time } else { ValueError::Length });
        };
        let pair = |tens, ones| digits::parse(&[tens, ones]).map_err(|_| ValueError::Time);
        let date = Date::parse(&[y1, y2, y3, y4, m1, m2, d1, d2])
            .map_err(|error| if error == ValueError::Date { error } else { ValueError::Time })?;
        let (hour, minute, second) = (pair(h1, h2)?, pair(n1, n2)?, pair(s1, s2)?);
        if hour > 23 || minute > 59 || second > 59 {
            return Err(ValueError::Time);
        }
        let local = date.days() as u64 * DAY_SECS + hour * 3_600 + minute * 60 + second;
        local.checked_sub(BEIJING_OFFSET_SECS).map(|unix_secs| Self { unix_secs }).ok_or(ValueError::Date)
    }

    /// Unix time in seconds.
    #[must_use]
    pub const fn unix_secs(self) -> u64 {
        self.unix_secs
    }

    /// Unix time in microseconds.
    #[must_use]
    pub const fn unix_micros(self) -> u64 {
        self.unix_secs * 1_000_000
    }

    /// The day in Beijing.
    #[must_use]
    pub const fn date(self) -> Date {
        match Date::from_days((self.local_secs() / DAY_SECS) as i32) {
            Some(date) => date,
            // UNIX_SECS_MAX keeps the day inside what a Date holds.
            None => unreachable!(),
        }
    }

    /// The hour of the day in Beijing, 0 to 23.
    #[must_use]
    pub const fn hour(self) -> u32 {
        (self.local_secs() % DAY_SECS / 3_600) as u32
    }

    /// The minute of the hour, 0 to 59.
    #[must_use]
    pub const fn minute(self) -> u32 {
        (self.local_secs() % 3_600 / 60) as u32
    }

    /// The 19 characters.
    #[must_use]
    pub fn to_text(self) -> [u8; 19] {
        let mut text = *b"0000-00-00T00:00:00";
        let (year, month, day) = self.date().to_ymd();
        digits::write(u64::from(year), &mut text[0..4]);
        digits::write(u64::from(month), &mut text[5..7]);
        digits::write(u64::from(day), &mut text[8..10]);
        digits::write(u64::from(self.hour()), &mut text[11..13]);
        digits::write(u64::from(self.minute()), &mut text[14..16]);
        digits::write(self.local_secs() % 60, &mut text[17..19]);
        text
    }

    /// Appends the 19 characters to `out`.
    pub fn write(self, out: &mut BytesMut) {
        out.put_slice(&self.to_text());
    }

    const fn local_secs(self) -> u64 {
        self.unix_secs + BEIJING_OFFSET_SECS
    }
}

impl fmt::Display for BeijingTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.to_text()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_no_clock_shows() {
        use ValueError as E;
        let table: &[(&str, E)] = &[
            ("", E::Length),
            ("2026-11-20T10:06:5", E::Length),
            ("2026-11-20T10:06:53Z", E::Length),
            ("2026-11-20 10:06:53", E::Time),
            ("2026/11/20T10:06:53", E::Time),
            ("2026-11-20T24:00:00", E::Time),
            ("2026-11-20T23:60:00", E::Time),
            ("2026-11-20T23:59:60", E::Time),
            ("2026-11-20T2x:59:00", E::Time),
            ("20x6-11-20T23:59:00", E::Time),
            ("2026-02-29T10:06:53", E::Date),
            ("1970-01-01T07:59:59", E::Date),
            ("0001-01-01T00:00:00", E::Date),
        ];
        for (text, error) in table {
            assert_eq!(BeijingTime::parse(text.as_bytes()), Err(*error), "{text:?}");
        }
    }

    #[test]
    fn knows_the_ends_of_its_range() {
        assert_eq!(BeijingTime::from_unix_micros(0).to_string(), "1970-01-01T08:00:00");
        let last = BeijingTime::from_unix_micros(u64::MAX);
        assert_eq!(last.to_string(), "9999-12-31T23:59:59");
        assert_eq!((last.hour(), last.minute()), (23, 59));
        assert_eq!(BeijingTime::parse(b"9999-12-31T23:59:59"), Ok(last));
        // One second before midnight in Beijing it is still the afternoon in Greenwich.
        let evening = BeijingTime::parse(b"2026-11-20T23:59:59").expect("a real time");
        assert_eq!(evening.unix_secs() % DAY_SECS, 16 * 3_600 - 1);
        assert_eq!(evening.date().to_number(), 20_261_120);
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(secs in 0..=UNIX_SECS_MAX) {
            let time = BeijingTime::from_unix_secs(secs);
            let mut out = BytesMut::new();
            time.write(&mut out);
            prop_assert_eq!(BeijingTime::parse(&out), Ok(time));
            prop_assert_eq!(time.unix_micros(), secs * 1_000_000);
        }
    }
}
