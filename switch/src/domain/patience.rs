//! How long a transaction rests with a person before its row ends it. Pure: calendar and clock are parameters.

use clearway_codec::value::{BeijingTime, Date};

use super::business::Patience;

/// Microseconds of a natural day.
const DAY_US: u64 = 86_400_000_000;
/// A gateway order of a person: three hours (business.md section 3).
const PERSON_US: u64 = 3 * 3_600_000_000;
/// A gateway order of a company: thirty days (business.md section 3).
const COMPANY_US: u64 = 30 * DAY_US;

/// What an order says of its own validity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderTerms {
    /// The payer is a company.
    pub is_company: bool,
    /// Until when the order is valid, microseconds; none if it does not say.
    pub valid_until_us: Option<u64>,
}

/// When a rest that began with an acceptance at `accepted_at_us` ends. `add_working_days` counts from a day as the calendar of
/// the large-value system does.
pub fn rest_until_us(
    patience: Patience,
    accepted_at_us: u64,
    order: OrderTerms,
    add_working_days: impl Fn(Date, u8) -> Date,
) -> u64 {
    match patience {
        Patience::Order => {
            let latest = accepted_at_us.saturating_add(if order.is_company { COMPANY_US } else { PERSON_US });
            order.valid_until_us.map_or(latest, |until| until.min(latest))
        }
        Patience::Days(days) => accepted_at_us.saturating_add(u64::from(days) * DAY_US),
        Patience::WorkingDays(days) => {
            let begun = BeijingTime::from_unix_micros(accepted_at_us).date();
            let until = add_working_days(begun, days);
            // To the end of that day: whoever decides has all of it.
            end_of_day_us(until)
        }
    }
}

/// The last microsecond of a Beijing day.
fn end_of_day_us(day: Date) -> u64 {
    const BEIJING_AHEAD_US: u64 = 8 * 3_600_000_000;
    let days = u64::try_from(day.days()).unwrap_or(0);
    (days + 1).saturating_mul(DAY_US).saturating_sub(BEIJING_AHEAD_US + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON_US: u64 = 1_795_147_200_000_000; // 2026-11-20T12:00:00 in Beijing

    fn until(patience: Patience, order: OrderTerms) -> u64 {
        rest_until_us(patience, NOON_US, order, |day, days| {
            Date::from_days(day.days() + i32::from(days)).expect("a day")
        })
    }

    #[test]
    fn orders_live_three_hours_or_thirty_days_or_as_long_as_they_say() {
        let hours = |hours: u64| NOON_US + hours * 3_600_000_000;
        let order =
            |is_company, valid_hours: Option<u64>| OrderTerms { is_company, valid_until_us: valid_hours.map(hours) };
        let rows = [
            (order(false, None), 3),
            (order(true, None), 720),
            (order(false, Some(1)), 1),
            (order(false, Some(4)), 3),
            (order(true, Some(4)), 4),
        ];
        for (terms, expected) in rows {
            assert_eq!(until(Patience::Order, terms), hours(expected), "{terms:?}");
        }
    }

    #[test]
    fn working_days_end_with_the_day() {
        let end = until(Patience::WorkingDays(7), OrderTerms::default());
        assert_eq!(BeijingTime::from_unix_micros(end).to_text(), *b"2026-11-27T23:59:59");
        assert_eq!(BeijingTime::from_unix_micros(end + 1).to_text(), *b"2026-11-28T00:00:00");
        assert_eq!(until(Patience::Days(30), OrderTerms::default()), NOON_US + 30 * DAY_US);
    }
}
