//! Day-end: the accounting day is closed, its ledger stands in the journal, its report in a file.
//!
//! ```text
//!  cut + a minute, all batches sealed (or six hours waited) --gather--> facts --domain::clearing::end_day--> ledger, differences
//!     --> reports/{yyyyMMdd}/day-end.json, .txt --> one record: day, balances, a case for each difference
//! ```
//!
//! Invariants: a day ends whatever the numbers say; what stands in suspense is the sum of its items, each of which has a case; an item
//! leaves suspense with the day after its case is closed. A batch that is not sealed in time is counted in the day after it is (ours),
//! with a case.

mod entry;
mod gather;
mod report;
mod settled;
mod suspense;
mod work;
#[cfg(test)]
mod work_tests;

pub use entry::{DayEntry, SuspenseItem, days, ledger_of};
pub use report::{AccountRow, DayReport, DifferenceRow, report_of};
pub use work::DayWork;
