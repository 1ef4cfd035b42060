//! The families of the books: one line for each batch that is not settled, and how the keeper does.

use std::fmt;

use super::page::{Page, signed};
use super::reading::{BatchReading, BooksReading};

/// Batches that have lines of their own, the oldest ones: two days of them, so that books that stand still do not flood the scraper (ours).
const BATCHES_MAX: usize = 96;

pub(super) fn write_books(books: &BooksReading, page: &mut Page<'_>) -> fmt::Result {
    page.gauge("books_batches_stopped", "Batches that are stopped until a person has looked", signed(books.stopped))?;
    page.gauge("books_failing", "Tasks of the books that fail now, and are tried again", signed(books.failing))?;
    page.counter("books_failures", "Failures of tasks of the books", books.failures)?;
    page.gauge("books_idle_seconds", "Seconds since all that was due in the books was done", signed(books.idle_s))
}

pub(super) fn write_batches(batches: &[BatchReading], page: &mut Page<'_>) -> fmt::Result {
    let shown = batches.get(..BATCHES_MAX).unwrap_or(batches);
    let lines = |value: fn(&BatchReading) -> i64| {
        shown.iter().map(move |batch| ([("batch", batch.batch.as_str())], value(batch)))
    };
    page.gauges(
        "batch_unfinished",
        "Payments, or adjustments, that a batch waits for",
        lines(|batch| signed(batch.unfinished)),
    )?;
    page.gauges("batch_booked", "Final payments of a batch", lines(|batch| signed(batch.booked)))?;
    page.gauges(
        "batch_position_sum_fen",
        "Sum of all positions of a batch, fen: 0, or the books are wrong",
        lines(|batch| batch.position_sum_fen),
    )?;
    page.gauges("batch_closed", "1 when nothing enters a batch any more", lines(|batch| i64::from(batch.is_closed)))?;
    page.gauges("batch_over_seconds", "Seconds since the hour of a batch ended", lines(|batch| signed(batch.over_s)))?;
    let unsettled = i64::try_from(batches.len()).unwrap_or(i64::MAX);
    page.gauge("batches_unsettled", "Batches that are not settled, the running ones too", unsettled)
}
