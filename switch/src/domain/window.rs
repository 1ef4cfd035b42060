//! Which day's transaction ids are accepted now (business.md section 1; ours): today's always, tomorrow's from 23:30,
//! yesterday's to 00:30, Beijing time.
//!
//! Invariant: at any instant one or two neighbouring days are accepted, so a set of ids that is kept for two days
//! catches every repetition. Called by admit.

use clearway_codec::value::{BeijingTime, Date};

/// Whether a TrxId of the day `trx_date` is accepted at `now`.
pub const fn accepts(trx_date: Date, now: BeijingTime) -> bool {
    let days_ahead = trx_date.days() - now.date().days();
    match days_ahead {
        0 => true,
        1 => now.hour() == 23 && now.minute() >= 30,
        -1 => now.hour() == 0 && now.minute() < 30,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_around_midnight() {
        //   Beijing time            yesterday  today  tomorrow
        let rows: [(&[u8; 8], [bool; 3]); 8] = [
            (b"00:00:00", [true, true, false]),
            (b"00:29:59", [true, true, false]),
            (b"00:30:00", [false, true, false]),
            (b"12:00:00", [false, true, false]),
            (b"23:00:00", [false, true, false]),
            (b"23:29:59", [false, true, false]),
            (b"23:30:00", [false, true, true]),
            (b"23:59:59", [false, true, true]),
        ];
        for (clock, expected) in rows {
            let now = BeijingTime::parse(&[b"2026-03-01T".as_slice(), clock].concat()).expect("a time");
            let on = |day: &[u8; 8]| accepts(Date::parse(day).expect("a day"), now);
            assert_eq!([on(b"20260228"), on(b"20260301"), on(b"20260302")], expected, "at {now:?}");
            assert!(!on(b"20260227") && !on(b"20260303") && !on(b"20250301"), "at {now:?}");
        }
    }
}
