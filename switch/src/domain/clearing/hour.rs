//! Hours of Beijing's days.

use clearway_codec::value::{BatchId, Date, DisputeBatchId};

use super::BatchName;

/// An hour, microseconds.
pub(super) const HOUR_US: u64 = 3_600_000_000;
const BEIJING_OFFSET_HOURS: u64 = 8;

/// When an hour of a day begins, unix microseconds; 24 is the end of the day. The first eight hours of 1970 are unix zero.
pub(super) const fn hour_us(day: Date, hour: u32) -> u64 {
    (day.days() as u64 * 24 + hour as u64).saturating_sub(BEIJING_OFFSET_HOURS) * HOUR_US
}

/// The hour of a batch, 0 to 23.
pub(super) const fn hour_of(batch: BatchName) -> u32 {
    (batch.hour().sequence() - 1) % 24
}

/// The batch of payments of the hour after; none from the year 2687 on.
#[must_use]
pub fn next_hour(batch: BatchId) -> Option<BatchId> {
    if batch.sequence() < 24 {
        return BatchId::new(batch.date(), batch.sequence() + 1).ok();
    }
    BatchId::new(Date::from_days(batch.date().days() + 1)?, 1).ok()
}

/// Both batches of an hour; none from the year 2687 on.
pub(super) fn batches_of(day: Date, hour: u32) -> impl Iterator<Item = BatchName> {
    let payments = BatchId::new(day, hour + 1).ok();
    let disputes = payments.and_then(|batch| DisputeBatchId::from_u32(batch.as_u32()));
    payments.map(BatchName::payments).into_iter().chain(disputes.map(BatchName::disputes))
}

/// The day after; the last day of the calendar has none and is its own.
pub(super) fn day_after(day: Date) -> Date {
    Date::from_days(day.days() + 1).unwrap_or(day)
}

/// The day before; the first day of the calendar has none and is its own.
pub(super) fn day_before(day: Date) -> Date {
    Date::from_days(day.days() - 1).unwrap_or(day)
}
