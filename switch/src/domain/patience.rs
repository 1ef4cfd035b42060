//! How long a transaction rests with a person before its row ends it. Pure: calendar and clock are parameters.

use super::business::Patience;
use super::calendar::Calendar;

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

/// When a rest that began with an acceptance at `accepted_at_us` ends.
pub fn rest_until_us(patience: Patience, accepted_at_us: u64, order: OrderTerms, calendar: &Calendar) -> u64 {
    match patience {
        Patience::Order => {
            let latest = accepted_at_us.saturating_add(if order.is_company { COMPANY_US } else { PERSON_US });
            order.valid_until_us.map_or(latest, |until| until.min(latest))
        }
        Patience::Days(days) => accepted_at_us.saturating_add(u64::from(days) * DAY_US),
        // To the end of the last day: whoever decides has all of it.
        Patience::WorkingDays(days) => calendar.end_of_working_days_us(accepted_at_us, u32::from(days)),
    }
}

#[cfg(test)]
mod tests {
    use clearway_codec::value::BeijingTime;

    use super::*;
    use crate::domain::calendar::WORKING_DAYS_CN;

    const NOON_US: u64 = 1_795_147_200_000_000; // 2026-11-20T12:00:00 in Beijing

    fn until(patience: Patience, order: OrderTerms) -> u64 {
        let calendar = Calendar::from_csv(WORKING_DAYS_CN).expect("the project's own");
        rest_until_us(patience, NOON_US, order, &calendar)
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
    fn seven_working_days_from_a_friday_end_on_the_tuesday_after_the_next() {
        let end = until(Patience::WorkingDays(7), OrderTerms::default());
        assert_eq!(BeijingTime::from_unix_micros(end).to_text(), *b"2026-12-02T00:00:00");
        assert_eq!(until(Patience::Days(30), OrderTerms::default()), NOON_US + 30 * DAY_US);
    }
}
