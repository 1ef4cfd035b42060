//! Moments as files write them.

use crate::clock::unix_micros;
use time::OffsetDateTime;

/// Milliseconds since 1970-01-01 UTC as `2026-11-20T19:35:46.123Z`; empty beyond the year 9999.
pub fn rfc_3339(unix_millis: u64) -> String {
    let seconds = i64::try_from(unix_millis / 1_000).ok();
    let Some(moment) = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()) else {
        return String::new();
    };
    let (hour, minute, second) = moment.to_hms();
    format!(
        "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        moment.year(),
        u8::from(moment.month()),
        moment.day(),
        unix_millis % 1_000
    )
}

/// This moment, as [`rfc_3339`] writes it.
pub fn now() -> String {
    rfc_3339(unix_micros() / 1_000)
}

/// What [`rfc_3339`] wrote; `None` when it is nothing of that form.
pub fn unix_millis(text: &str) -> Option<u64> {
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
    let separators = [(4, '-'), (7, '-'), (10, 'T'), (13, ':'), (16, ':'), (19, '.'), (23, 'Z')];
    if text.len() != 24 || !text.is_ascii() || separators.iter().any(|(at, mark)| !text[*at..].starts_with(*mark)) {
        return None;
    }
    let month = time::Month::try_from(u8::try_from(part(5, 7)?).ok()?).ok()?;
    let date = time::Date::from_calendar_date(part(0, 4)?.into(), month, u8::try_from(part(8, 10)?).ok()?).ok()?;
    let [hour, minute, second] = [(11, 13), (14, 16), (17, 19)].map(|(from, to)| part(from, to));
    let narrow = |value: Option<u16>| u8::try_from(value?).ok();
    let clock = date.with_hms_milli(narrow(hour)?, narrow(minute)?, narrow(second)?, part(20, 23)?).ok()?;
    u64::try_from(clock.assume_utc().unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Draws;

    #[test]
    fn known_moments_are_spelt_right() {
        let known = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_203_346_007, "2026-11-20T19:35:46.007Z"),
        ];
        for (millis, text) in known {
            assert_eq!((rfc_3339(millis).as_str(), unix_millis(text)), (text, Some(millis)));
        }
        assert_eq!(rfc_3339(u64::MAX), "");
    }

    #[test]
    fn every_moment_is_read_again_and_nonsense_is_not() {
        let mut draws = Draws::new(4, 0);
        for _ in 0..1_000 {
            let millis = draws.bits() % 253_402_300_799_999;
            assert_eq!(unix_millis(&rfc_3339(millis)), Some(millis), "{millis}");
        }
        for text in
            ["", "2026-11-20", "2026-11-20 19:35:46.000Z", "2026-13-20T19:35:46.000Z", "2026-11-20T19:35:é6.00Z"]
        {
            assert_eq!(unix_millis(text), None, "{text}");
        }
    }
}
