//! Batch windows: what closing a small batch took, and what an hour at the rated rate takes in proportion.

use super::answer::{BatchPart, BatchWindow};
use super::measurements::BooksFigure;

/// Scaled to one hour at `rated_per_s`.
pub(super) fn window(books: &BooksFigure, rated_per_s: Option<f64>) -> BatchWindow {
    let hour_payments = rated_per_s.map(|rate| rate * 3_600.0);
    let parts =
        [("seal", books.seal_seconds), ("archive", books.archive_seconds), ("statements", books.statement_seconds)];
    let part = |(name, seconds): (&str, f64)| {
        let payments_per_s = if seconds > 0.0 { books.payments as f64 / seconds } else { 0.0 };
        let hour_seconds = hour_payments.filter(|_| payments_per_s > 0.0).map(|payments| payments / payments_per_s);
        BatchPart { name: name.to_owned(), seconds, payments_per_s, hour_seconds }
    };
    BatchWindow { measured_payments: books.payments, hour_payments, parts: parts.into_iter().map(part).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_takes_its_share() {
        let books = BooksFigure { payments: 100_000, archive_seconds: 0.5, ..BooksFigure::default() };
        let found = window(&books, Some(1_000.0));
        assert_eq!((found.hour_payments, found.parts[1].hour_seconds), (Some(3.6e6), Some(18.0)));
        assert_eq!((found.parts[0].hour_seconds, window(&books, None).parts[1].hour_seconds), (None, None));
    }
}
