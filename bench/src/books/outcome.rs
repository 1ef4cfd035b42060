//! What closing an hour's books cost.

use comfy_table::{Cell, CellAlignment, Table, presets};
use serde::{Deserialize, Serialize};

use super::stream::StreamRate;

/// One step of the books.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
    /// What it counts: payments, or rows.
    pub rows: u64,
    /// Bytes that it read or left on the disk; 0 where it does neither.
    pub bytes: u64,
    /// The most resident memory while it ran.
    pub peak_rss_bytes: u64,
}

/// What `books --json` writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Payments of the hour.
    pub payments: u64,
    /// From the last payment's final state to the batch's sums, durable as a file: what closing adds once everything is final.
    pub seal_seconds: f64,
    /// Summaries and detail files of all participants, all durable.
    pub statement_seconds: f64,
    /// The journal read again by other code, and compared.
    pub recompute_seconds: f64,
    /// The archive written and durable.
    pub archive_seconds: f64,
    /// The payments out of the memory and on a shelf, durable.
    pub retire_seconds: f64,
    /// A bank's largest statement compared with a copy that has differences.
    pub compare_seconds: f64,
    /// Rows of statements a second.
    pub rows_per_second: f64,
    /// Rows of statements: one for each party of each payment.
    pub statement_rows: u64,
    /// Megabytes of statement files a second, as they are on disk.
    pub statement_mb_per_second: f64,
    /// Megabytes of journal a second while it was recomputed.
    pub recompute_mb_per_second: f64,
    /// What the disk itself does, in the same run.
    pub disk: StreamRate,
    /// The most resident memory of the whole run, the table with all payments included.
    pub peak_rss_bytes: u64,
    /// The most of a comparison alone, in a process that does nothing else.
    pub compare_peak_rss_bytes: u64,
    /// The sum of all positions.
    pub sum_of_positions_fen: i128,
    /// Whether the recomputation comes to the same sums, to the fen.
    pub recompute_agrees: bool,
    /// Whether the comparison found exactly what was changed.
    pub compare_agrees: bool,
    /// Every step.
    pub phases: Vec<Phase>,
    /// `gzip` or `zstd`.
    pub compression: String,
    /// Threads that made statements.
    pub threads: usize,
    /// Seed of the hour.
    pub seed: u64,
}

impl Outcome {
    /// Whether the books are right.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.sum_of_positions_fen == 0 && self.recompute_agrees && self.compare_agrees
    }

    /// The steps for people.
    #[must_use]
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED);
        table.set_header(vec!["step", "seconds", "rows", "ns a row", "MB", "MB/s", "peak MB"]);
        for phase in &self.phases {
            let number = |value: f64, digits: usize| {
                Cell::new(format!("{value:.digits$}")).set_alignment(CellAlignment::Right)
            };
            let megabytes = phase.bytes as f64 / 1e6;
            table.add_row(vec![
                Cell::new(&phase.name),
                number(phase.seconds, 3),
                number(phase.rows as f64, 0),
                number(phase.ns_a_row(), 0),
                number(megabytes, 1),
                number(megabytes / phase.seconds.max(1e-9), 0),
                number(phase.peak_rss_bytes as f64 / 1e6, 0),
            ]);
        }
        table
    }

    /// The result in a few lines.
    #[must_use]
    pub fn summary(&self) -> String {
        let Self { payments, seal_seconds, recompute_seconds, statement_seconds, statement_rows, disk, .. } = self;
        format!(
            "{payments} payments: seal_seconds {seal_seconds:.3}, recompute_seconds {recompute_seconds:.2}, statement_seconds {statement_seconds:.2} \
             ({statement_rows} rows, {:.0} a second, {:.0} MB/s of {} files with {} threads), archive_seconds {:.2}, retire_seconds {:.2}\n\
             disk in the same run: {:.0} MB/s written, {:.0} MB/s read; peak_rss {} MB, of the comparison {} MB\n\
             sum_of_positions_fen {}, recompute_agrees {}, comparison {}",
            self.rows_per_second,
            self.statement_mb_per_second,
            self.compression,
            self.threads,
            self.archive_seconds,
            self.retire_seconds,
            disk.write_mb_per_s,
            disk.read_mb_per_s,
            self.peak_rss_bytes >> 20,
            self.compare_peak_rss_bytes >> 20,
            self.sum_of_positions_fen,
            self.recompute_agrees,
            if self.compare_agrees { "right" } else { "WRONG" },
        )
    }
}

impl Phase {
    /// What one row costs.
    #[must_use]
    pub fn ns_a_row(&self) -> f64 {
        self.seconds * 1e9 / self.rows.max(1) as f64
    }
}

/// The cost of a row of each step, by the size of the hour.
#[must_use]
pub fn curve(outcomes: &[Outcome]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let sizes = outcomes.iter().map(|outcome| format!("ns at {}", outcome.payments));
    table.set_header(std::iter::once("step".to_owned()).chain(sizes).chain(["last / first".to_owned()]));
    let Some(last) = outcomes.last() else { return table };
    for phase in &last.phases {
        let cost = |outcome: &Outcome| outcome.phases.iter().find(|other| other.name == phase.name).map(Phase::ns_a_row);
        let costs: Vec<f64> = outcomes.iter().filter_map(cost).collect();
        let growth = costs.last().zip(costs.first()).map_or(f64::NAN, |(last, first)| last / first);
        let cells = costs.iter().map(|cost| format!("{cost:.0}")).chain([format!("{growth:.2}")]);
        let cells = cells.map(|text| Cell::new(text).set_alignment(CellAlignment::Right));
        table.add_row(std::iter::once(Cell::new(&phase.name)).chain(cells).collect::<Vec<_>>());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(payments: u64, seconds: f64) -> Outcome {
        let phase = Phase { name: "archive".into(), seconds, rows: payments, bytes: 5_000_000, peak_rss_bytes: 1 << 20 };
        Outcome {
            payments,
            seal_seconds: 0.5,
            statement_seconds: seconds,
            recompute_seconds: 1.0,
            archive_seconds: seconds,
            retire_seconds: 1.0,
            compare_seconds: 1.0,
            rows_per_second: 3.0,
            statement_rows: 3 * payments,
            statement_mb_per_second: 2.0,
            recompute_mb_per_second: 2.0,
            disk: StreamRate { bytes: 1, write_mb_per_s: 1.0, read_mb_per_s: 1.0 },
            peak_rss_bytes: 1 << 30,
            compare_peak_rss_bytes: 1 << 20,
            sum_of_positions_fen: 0,
            recompute_agrees: true,
            compare_agrees: true,
            phases: vec![phase],
            compression: "gzip".into(),
            threads: 2,
            seed: 1,
        }
    }

    #[test]
    fn the_names_of_the_goals_stand_in_the_json() {
        let json = serde_json::to_value(outcome(1_000, 2.0)).unwrap();
        for name in [
            "seal_seconds",
            "statement_seconds",
            "recompute_seconds",
            "rows_per_second",
            "peak_rss_bytes",
            "sum_of_positions_fen",
            "recompute_agrees",
        ] {
            assert!(json.get(name).is_some(), "{name}");
        }
        assert!(!Outcome { sum_of_positions_fen: 1, ..outcome(1, 1.0) }.is_right());
    }

    #[test]
    fn growth_is_shown() {
        let shown = curve(&[outcome(1_000, 1.0), outcome(2_000, 3.0)]).to_string();
        assert!(shown.contains("1.50") && shown.contains("ns at 2000"), "{shown}");
        assert!(outcome(1_000, 1.0).table().to_string().contains("1000000"));
    }
}
