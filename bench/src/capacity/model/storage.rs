//! Bytes: of a payment, of a day, of everything that is kept.

use super::answer::{Storage, StoredKind};
use super::measurements::{BooksFigure, Step};
use super::request::Request;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Payments of a mean day of the first month.
pub(super) fn payments_per_day(request: &Request) -> f64 {
    request.target_per_s / request.peak_to_mean * SECONDS_PER_DAY
}

/// Journal, archive and statements; `rated` is the step whose journal bytes count.
pub(super) fn storage(request: &Request, rated: Option<&Step>, books: Option<&BooksFigure>) -> Storage {
    let payments_per_day = payments_per_day(request);
    let of_books = |bytes: fn(&BooksFigure) -> u64| {
        books.filter(|books| books.payments > 0).map(|books| bytes(books) as f64 / books.payments as f64)
    };
    let journal = rated.map(|step| step.usage.journal_bytes_per_payment);
    let retention = &request.retention;
    let kinds = [
        ("journal", journal, retention.journal_days),
        ("archive", of_books(|books| books.archive_bytes), retention.archive_days),
        ("statements", of_books(|books| books.statement_bytes), retention.statement_days),
    ];
    let kinds: Vec<StoredKind> = kinds.into_iter().map(|kind| stored(kind, payments_per_day)).collect();
    Storage {
        payments_per_day,
        bytes_per_day: kinds.iter().filter_map(|kind| kind.bytes_per_day).sum(),
        bytes_retained: kinds.iter().filter_map(|kind| kind.bytes_retained).sum(),
        kinds,
    }
}

fn stored((name, bytes_per_payment, days): (&str, Option<f64>, f64), payments_per_day: f64) -> StoredKind {
    let bytes_per_day = bytes_per_payment.map(|bytes| bytes * payments_per_day);
    StoredKind {
        name: name.to_owned(),
        bytes_per_payment,
        bytes_per_day,
        days,
        bytes_retained: bytes_per_day.map(|bytes| bytes * days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::model::measurements::Usage;
    use crate::capacity::model::request::Retention;

    #[test]
    fn a_days_bytes_follow_from_the_mean_and_not_from_the_peak() {
        let retention = Retention { journal_days: 7.0, archive_days: 100.0, statement_days: 10.0 };
        let request = Request { target_per_s: 6_800.0, peak_to_mean: 6.8, retention, ..Request::default() };
        let usage = Usage { journal_bytes_per_payment: 2_000.0, ..Usage::default() };
        let step = Step { usage, ..Step::default() };
        let books =
            BooksFigure { payments: 1_000, archive_bytes: 100_000, statement_bytes: 50_000, ..Default::default() };
        let found = storage(&request, Some(&step), Some(&books));
        // 1,000 payments a second on average: 86.4 million a day.
        assert!((found.payments_per_day - 86.4e6).abs() < 1.0);
        assert!((found.bytes_per_day - 86.4e6 * 2_150.0).abs() < 1e3);
        assert!((found.bytes_retained - 86.4e6 * (14_000.0 + 10_000.0 + 500.0)).abs() < 1e4);
    }

    #[test]
    fn what_was_not_measured_is_not_counted_as_nothing() {
        let found = storage(&Request::default(), None, Some(&BooksFigure::default()));
        assert!(found.kinds.iter().all(|kind| kind.bytes_per_payment.is_none() && kind.bytes_retained.is_none()));
    }
}
