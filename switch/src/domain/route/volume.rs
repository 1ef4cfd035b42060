//! How much has gone over one channel, today and this month.
//!
//! Invariant: at most [`DAYS_MAX`] days and [`MONTHS_MAX`] months are held, the newest; what is counted is the sum over the
//! payments that were counted and not given back, whatever order they came in.

use clearway_codec::value::Date;
use serde::{Deserialize, Serialize};

/// Days held: clocks step, and a transaction is counted on the day on which it was accepted.
const DAYS_MAX: usize = 3;
/// Months held.
const MONTHS_MAX: usize = 2;

/// Bounds of one channel. `None`: no bound. Money is fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VolumeLimits {
    /// Largest sum of a day.
    pub day_amount_fen: Option<u64>,
    /// Most payments of a day.
    pub day_count: Option<u64>,
    /// Largest sum of a month.
    pub month_amount_fen: Option<u64>,
    /// Most payments of a month.
    pub month_count: Option<u64>,
}

impl VolumeLimits {
    /// Whether nothing has to be counted.
    #[must_use]
    pub const fn is_unlimited(&self) -> bool {
        self.day_amount_fen.is_none()
            && self.day_count.is_none()
            && self.month_amount_fen.is_none()
            && self.month_count.is_none()
    }
}

/// The bound that one more payment would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VolumeBreach {
    /// The day's sum.
    DayAmount,
    /// The day's number.
    DayCount,
    /// The month's sum.
    MonthAmount,
    /// The month's number.
    MonthCount,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Sum, fen.
    pub amount_fen: u64,
    /// Payments.
    pub count: u64,
}

impl Volume {
    /// A sum beyond `u64` stays at its end: no bound is as large, so it stays a breach.
    const fn add(&mut self, more: Self) {
        self.amount_fen = self.amount_fen.saturating_add(more.amount_fen);
        self.count = self.count.saturating_add(more.count);
    }

    const fn remove(&mut self, amount_fen: u64) {
        self.amount_fen = self.amount_fen.saturating_sub(amount_fen);
        self.count = self.count.saturating_sub(1);
    }

    fn would_break(self, amount_fen: u64, amount_max: Option<u64>, count_max: Option<u64>) -> [bool; 2] {
        let sum = self.amount_fen.checked_add(amount_fen);
        [
            amount_max.is_some_and(|most| sum.is_none_or(|sum| sum > most)),
            count_max.is_some_and(|most| self.count >= most),
        ]
    }
}

/// The counters of one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeBook {
    days: Counters<DAYS_MAX>,
    months: Counters<MONTHS_MAX>,
}

/// Counters by a rising number; at most `N`, the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counters<const N: usize>(Vec<(i64, Volume)>);

impl<const N: usize> Counters<N> {
    fn get(&self, number: i64) -> Volume {
        self.0.iter().find(|(known, _)| *known == number).map(|(_, volume)| *volume).unwrap_or_default()
    }

    /// Whether what belongs to `number` can be counted.
    fn holds(&self, number: i64) -> bool {
        self.0.len() < N || self.0.first().is_some_and(|(oldest, _)| number >= *oldest)
    }

    fn add(&mut self, number: i64, more: Volume) {
        let place = self.0.binary_search_by_key(&number, |(known, _)| *known);
        let place = match place {
            Ok(place) => place,
            Err(0) if self.0.len() >= N => return,
            Err(place) => {
                self.0.insert(place, (number, Volume::default()));
                if self.0.len() > N {
                    self.0.remove(0);
                    place - 1
                } else {
                    place
                }
            }
        };
        if let Some((_, volume)) = self.0.get_mut(place) {
            volume.add(more);
        }
    }

    fn remove(&mut self, number: i64, amount_fen: u64) {
        if let Some((_, volume)) = self.0.iter_mut().find(|(known, _)| *known == number) {
            volume.remove(amount_fen);
        }
    }
}

impl VolumeBook {
    /// Whether one more payment of `amount_fen`, accepted on `day`, fits.
    ///
    /// # Errors
    /// The first bound that it would break; a day or month older than those held has had its payments.
    pub fn check(&self, amount_fen: u64, day: Date, limits: &VolumeLimits) -> Result<(), VolumeBreach> {
        let of_day = self.days.get(day_number(day)).would_break(amount_fen, limits.day_amount_fen, limits.day_count);
        let of_month =
            self.months.get(month_number(day)).would_break(amount_fen, limits.month_amount_fen, limits.month_count);
        let bounded = !limits.is_unlimited();
        let is_too_old = bounded && !(self.days.holds(day_number(day)) && self.months.holds(month_number(day)));
        let bounds = [
            (of_day[0], VolumeBreach::DayAmount),
            (of_day[1] || is_too_old, VolumeBreach::DayCount),
            (of_month[0], VolumeBreach::MonthAmount),
            (of_month[1], VolumeBreach::MonthCount),
        ];
        bounds.into_iter().find(|(is_broken, _)| *is_broken).map_or(Ok(()), |(_, breach)| Err(breach))
    }

    /// Counts a payment if it fits.
    ///
    /// # Errors
    /// As [`check`](Self::check); nothing is counted then.
    pub fn reserve(&mut self, amount_fen: u64, day: Date, limits: &VolumeLimits) -> Result<(), VolumeBreach> {
        self.check(amount_fen, day, limits)?;
        self.restore(Volume { amount_fen, count: 1 }, day);
        Ok(())
    }

    /// Counts what an earlier life of the node had counted, whatever the bounds are now.
    pub fn restore(&mut self, counted: Volume, day: Date) {
        self.days.add(day_number(day), counted);
        self.months.add(month_number(day), counted);
    }

    /// Gives a payment back; a day or month that is held no more needs nothing.
    pub fn release(&mut self, amount_fen: u64, day: Date) {
        self.days.remove(day_number(day), amount_fen);
        self.months.remove(month_number(day), amount_fen);
    }

    /// What was counted on `day`, and in its month.
    #[must_use]
    pub fn used(&self, day: Date) -> [Volume; 2] {
        [self.days.get(day_number(day)), self.months.get(month_number(day))]
    }
}

fn day_number(day: Date) -> i64 {
    i64::from(day.days())
}

fn month_number(day: Date) -> i64 {
    let (year, month, _) = day.to_ymd();
    i64::from(year) * 12 + i64::from(month)
}
