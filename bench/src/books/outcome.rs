//! What closing an hour's books cost.

use comfy_table::{Cell, CellAlignment, Table, presets};
use serde::{Deserialize, Serialize};

use super::side::CompareFigure;
use super::stream::StreamRate;

/// Names of steps.
pub(super) const SEAL: &str = "seal";
pub(super) const RECOMPUTE: &str = "recompute";
pub(super) const ARCHIVE: &str = "archive";
pub(super) const STATEMENTS: &str = "statements";
pub(super) const RETIRE: &str = "retire";
const COMPARE: &str = "compare";

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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// Whether every payment of the hour is in the positions.
    pub is_whole: bool,
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
    /// From the steps, by their names; of what was not done nothing is told.
    pub(super) fn new(phases: Vec<Phase>, disk: StreamRate) -> Self {
        let of = |name: &str| phases.iter().find(|phase| phase.name == name);
        let seconds = |name| of(name).map_or(0.0, |phase| phase.seconds);
        let statements = of(STATEMENTS);
        Self {
            seal_seconds: seconds(SEAL),
            statement_seconds: seconds(STATEMENTS),
            recompute_seconds: seconds(RECOMPUTE),
            archive_seconds: seconds(ARCHIVE),
            retire_seconds: seconds(RETIRE),
            rows_per_second: statements.map_or(0.0, |phase| phase.rows as f64 / phase.seconds.max(1e-9)),
            statement_rows: statements.map_or(0, |phase| phase.rows),
            statement_mb_per_second: statements.map_or(0.0, Phase::mb_per_second),
            recompute_mb_per_second: of(RECOMPUTE).map_or(0.0, Phase::mb_per_second),
            disk,
            peak_rss_bytes: phases.iter().map(|phase| phase.peak_rss_bytes).max().unwrap_or(0),
            phases,
            ..Self::default()
        }
    }

    pub(super) fn of_hour(self, payments: u64, seed: u64) -> Self {
        Self { payments, seed, ..self }
    }

    pub(super) fn with_threads(self, threads: usize, compression: &str) -> Self {
        Self { threads, compression: compression.to_owned(), ..self }
    }

    pub(super) fn with_sums(self, sum_of_positions_fen: i128, is_whole: bool) -> Self {
        Self { sum_of_positions_fen, is_whole, ..self }
    }

    pub(super) fn with_recomputation(self, recompute_agrees: bool) -> Self {
        Self { recompute_agrees, ..self }
    }

    pub(super) fn with_comparison(mut self, figure: CompareFigure) -> Self {
        let CompareFigure { rows, bytes, seconds, peak_rss_bytes, is_right } = figure;
        (self.compare_seconds, self.compare_peak_rss_bytes, self.compare_agrees) = (seconds, peak_rss_bytes, is_right);
        self.phases.push(Phase { name: COMPARE.to_owned(), seconds, rows, bytes, peak_rss_bytes });
        self
    }

    /// Whether the books are right.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.sum_of_positions_fen == 0 && self.is_whole && self.recompute_agrees && self.compare_agrees
    }

    /// Bytes of the archive on the disk.
    #[must_use]
    pub fn archive_bytes(&self) -> u64 {
        self.bytes_of(ARCHIVE)
    }

    /// Bytes of all statements on the disk.
    #[must_use]
    pub fn statement_bytes(&self) -> u64 {
        self.bytes_of(STATEMENTS)
    }

    fn bytes_of(&self, name: &str) -> u64 {
        self.phases.iter().find(|phase| phase.name == name).map_or(0, |phase| phase.bytes)
    }

    /// The steps for people.
    #[must_use]
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED);
        table.set_header(vec!["step", "seconds", "rows", "ns a row", "MB", "MB/s", "peak MB"]);
        for phase in &self.phases {
            let number =
                |value: f64, digits: usize| Cell::new(format!("{value:.digits$}")).set_alignment(CellAlignment::Right);
            let megabytes = phase.bytes as f64 / 1e6;
            table.add_row(vec![
                Cell::new(&phase.name),
                number(phase.seconds, 3),
                number(phase.rows as f64, 0),
                number(phase.ns_a_row(), 0),
                number(megabytes, 1),
                number(phase.mb_per_second(), 0),
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
    fn mb_per_second(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.seconds.max(1e-9)
    }

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
        let cost =
            |outcome: &Outcome| outcome.phases.iter().find(|other| other.name == phase.name).map(Phase::ns_a_row);
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
        let phase =
            Phase { name: "archive".into(), seconds, rows: payments, bytes: 5_000_000, peak_rss_bytes: 1 << 20 };
        let figure = CompareFigure { rows: 1, bytes: 1, seconds: 1.0, peak_rss_bytes: 1 << 20, is_right: true };
        let outcome = Outcome::new(vec![phase], StreamRate::default()).of_hour(payments, 1).with_sums(0, true);
        outcome.with_recomputation(true).with_comparison(figure)
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
        assert!(outcome(1, 1.0).is_right() && !outcome(1, 1.0).with_sums(1, true).is_right());
        assert!(
            !outcome(1, 1.0).with_sums(0, false).is_right() && !outcome(1, 1.0).with_recomputation(false).is_right()
        );
    }

    #[test]
    fn growth_is_shown() {
        let shown = curve(&[outcome(1_000, 1.0), outcome(2_000, 3.0)]).to_string();
        assert!(shown.contains("1.50") && shown.contains("ns at 2000"), "{shown}");
        assert!(outcome(1_000, 1.0).table().to_string().contains("1000000"));
    }
}
