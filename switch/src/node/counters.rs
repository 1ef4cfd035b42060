//! What limits and channels had counted before a restart, counted again: of payments in memory, and of those on shelves.
//!
//! Invariant: each payment is counted once, whatever it has come back from and gone to: on the first shelf that has it, else in memory.

use clearway_codec::value::{BeijingTime, Date};

use crate::domain::Payment;
use crate::domain::route::Volume;
use crate::error::Error;
use crate::pipeline::Shared;
use crate::shelf::Shelf;

/// Fills the counters, which must be empty.
///
/// # Errors
/// A shelf that cannot be read, or is damaged.
pub(super) fn restore_counters(shared: &Shared) -> Result<(), Error> {
    let mut failure = None;
    shared.table.for_each(|payment| match is_on_shelf(shared, payment) {
        Ok(true) => {}
        Ok(false) => {
            count_limits(shared, payment);
            shared.restore_places(payment);
        }
        Err(error) => failure = Some(error),
    });
    let today = BeijingTime::from_unix_micros(shared.clock.now_micros()).date();
    // Ids of yesterday may still come in.
    let since = Date::from_days(today.days() - 1).unwrap_or(today);
    for shelf in shared.shelves.all() {
        count_shelf(shared, &shelf, since)?;
    }
    failure.map_or(Ok(()), Err)
}

fn is_on_shelf(shared: &Shared, payment: &Payment) -> Result<bool, Error> {
    // Few are of a batch that a shelf has.
    Ok(shared.shelves.holds_batch(payment.batch) && shared.shelves.find(payment.trx_id)?.is_some())
}

fn count_limits(shared: &Shared, payment: &Payment) {
    if !payment.layers.is_empty() && !payment.has_failed() {
        shared.admission.restore(std::iter::once((Shared::spend_of(payment), payment.layers)));
    }
}

/// A channel's volume of months stands in the shelf's contents; limits are of days, and its payments are read for them.
fn count_shelf(shared: &Shared, shelf: &Shelf, since: Date) -> Result<(), Error> {
    for volume in shelf.contents().volumes() {
        let counted = Volume { amount_fen: volume.amount_fen, count: volume.count };
        shared.router.restore_volume((volume.bank, volume.number), counted, volume.day);
    }
    if !shelf.contents().is_limited_since(since) {
        return Ok(());
    }
    shelf.walk_limited(&mut |payment| count_limits(shared, payment))
}
