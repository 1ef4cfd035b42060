//! Resident memory of one payment in the table, and of one agreement in the registers, each in a process that holds nothing else.

use clearway::domain::Timing;
use clearway::domain::register::Image;
use clearway::registers::Registers;
use clearway::table::Table;
use clearway_loadgen::sgn_no::imported_agreement;
use serde::{Deserialize, Serialize};

use super::row::Goal;
use super::{Bench, Row, child};
use crate::error::Error;
use crate::samples::{agreement, finished};

/// What the child measured.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct MemoryFigure {
    payments: usize,
    resident_bytes: u64,
    /// By the table's own count.
    counted_bytes: u64,
}

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>, Error> {
    let sizes: [(&str, usize); 2] =
        bench.depth([("_at_1m", 1_000_000), ("", 10_000_000)], [("_at_100k", 100_000), ("", 1_000_000)]);
    sizes
        .into_iter()
        .map(|(suffix, payments)| measure_at(&format!("bytes_per_live_payment{suffix}"), payments, bench))
        .collect()
}

/// Resident memory of one of so many payments in the table of a fresh process, in bytes.
///
/// # Errors
/// The process cannot be started, or ends without an answer.
pub(crate) fn bytes_per_live_payment(payments: usize) -> Result<f64, Error> {
    let figure = ask(payments)?;
    Ok(figure.resident_bytes as f64 / figure.payments.max(1) as f64)
}

fn ask(payments: usize) -> Result<MemoryFigure, Error> {
    child::ask(&["memory", "--payments", &payments.to_string()])
}

fn measure_at(name: &str, payments: usize, bench: &Bench) -> Result<Row, Error> {
    let figure = ask(payments)?;
    let per_payment = |bytes: u64| bytes as f64 / figure.payments as f64;
    let row = Row::new(name, "bytes", per_payment(figure.resident_bytes), None, Goal::ValueAtMost(400.0));
    let scaled = if bench.arguments.quick { "; scaled down by --quick" } else { "" };
    let counted = per_payment(figure.counted_bytes);
    Ok(row.with_note(format!(
        "RSS growth over {} payments in a fresh process; {counted:.0} asked of the allocator{scaled}",
        figure.payments
    )))
}

/// In the child.
pub(super) fn measure_here(payments: usize) -> Result<MemoryFigure, Error> {
    let timing = Timing::default();
    let before = resident_bytes()?;
    let table = Table::new(64, payments);
    for number in 0..payments as u64 {
        let payment = finished(number, &timing);
        table.lock(payment.trx_id).insert(payment).map_err(Error::failed("fill the table"))?;
    }
    let resident_bytes = resident_bytes()?.saturating_sub(before);
    Ok(MemoryFigure { payments: table.len(), resident_bytes, counted_bytes: table.memory_bytes() as u64 })
}

fn resident_bytes() -> Result<u64, Error> {
    let statm = std::fs::read_to_string("/proc/self/statm").map_err(Error::machine("/proc/self/statm"))?;
    let pages: Option<u64> = statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok());
    let pages = pages.ok_or_else(|| Error::Unsuited("/proc/self/statm has another form".into()))?;
    Ok(pages * rustix::param::page_size() as u64)
}

/// What the child measured of agreements.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct AgreementFigure {
    agreements: usize,
    resident_bytes: u64,
    /// By the registers' own count.
    counted_bytes: u64,
}

/// Above the 88 bytes of one: three indexes, at their emptiest just after they have grown.
const BYTES_PER_AGREEMENT_MAX: f64 = 140.0;

pub(super) fn measure_agreements(bench: &Bench) -> Result<Vec<Row>, Error> {
    let agreements = bench.depth(5_000_000, 500_000);
    let figure: AgreementFigure = child::ask(&["agreements", "--agreements", &agreements.to_string()])?;
    let each = |bytes: u64| bytes as f64 / figure.agreements as f64;
    let goal = Goal::ValueAtMost(BYTES_PER_AGREEMENT_MAX);
    let row = Row::new("bytes_per_agreement", "bytes", each(figure.resident_bytes), None, goal);
    let scaled = if bench.arguments.quick { "; scaled down by --quick" } else { "" };
    Ok(vec![row.with_note(format!(
        "RSS growth over {} agreements in a fresh process, found by number, customer and account; {:.0} asked of the allocator{scaled}",
        figure.agreements,
        each(figure.counted_bytes)
    ))])
}

/// In the child.
pub(super) fn measure_agreements_here(agreements: usize) -> Result<AgreementFigure, Error> {
    const BANKS: usize = 6;
    let before = resident_bytes()?;
    let registers = Registers::new(agreements);
    for index in 0..agreements {
        let number = imported_agreement(0, index % BANKS, (index / BANKS) as u32);
        let bank = (index % BANKS) as u16;
        registers.apply(&Image::Agreement(agreement(number.as_bytes(), index as u64 + 1, 0, bank)?));
    }
    let resident_bytes = resident_bytes()?.saturating_sub(before);
    let counted_bytes = registers.memory_bytes() as u64;
    Ok(AgreementFigure { agreements: registers.agreements(), resident_bytes, counted_bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_seen_and_counted() {
        let figure = measure_here(20_000).unwrap();
        assert_eq!(figure.payments, 20_000);
        assert!((2_720_000..10_000_000).contains(&figure.counted_bytes), "{figure:?}");
    }

    #[test]
    fn memory_of_agreements_is_seen_and_counted() {
        let figure = measure_agreements_here(20_000).unwrap();
        assert_eq!(figure.agreements, 20_000);
        assert!((1_760_000..6_000_000).contains(&figure.counted_bytes), "{figure:?}");
    }
}
