//! Every ratio of the goals, each with its floor or peer measured in the same run.
//!
//! ```text
//!  Measure --measure()--> Row { name, value, floor, ratio, goal, met } --> table, JSON list
//! ```
//!
//! A goal that is missed is a row that says so; a figure that this machine cannot give is a row that says why. Nothing is met by turning
//! sync, verification or schema checks off: there are no such switches.

mod allocations;
pub mod child;
mod goodput;
mod journal;
mod memory;
mod node;
mod parse;
mod recovery;
mod row;
mod scale;
mod search;
mod side;
mod stages;
mod tls;

pub use journal::{JournalFigure, measure_journal};
pub(crate) use memory::bytes_per_live_payment;
pub(crate) use node::{find_capacity, payments};
pub use row::{Row, table};

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::{Judgement, write_json};
use crate::cpu::Cores;
use crate::disk::Scratch;
use crate::error::Error;
use crate::interrupt;
use crate::machine::Machine;

/// `clearway-bench floors`. Exit code 0 only if every goal that was measured is met.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Also write the rows as a JSON list, and the machine beside it as FILE with `.machine.json`.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Measure these alone, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub only: Vec<Measure>,
    /// Shorter runs and smaller states; every scaled row says so. For development, not for quoting.
    #[arg(long)]
    pub quick: bool,
    /// Payments a second that the node sustains with P-256; found by a search when not given.
    #[arg(long, value_name = "RATE")]
    pub sustainable: Option<f64>,
    /// Make the run's folder in here; must be on a local disk. Default: beside the folder of this program.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Keep the run's folder.
    #[arg(long)]
    pub keep: bool,
    /// Seed of schedules and contents.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// One measurement; some give several rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Measure {
    /// Decode and check of a 201 against quick-xml's bare event loop.
    #[value(name = "parse_validate_201")]
    ParseValidate201,
    /// Heap allocations in decode, verify and transition.
    AllocationsPerMessage,
    /// Resident memory of one payment in the table.
    BytesPerLivePayment,
    /// Resident memory of one agreement in the registers.
    BytesPerAgreement,
    /// Start with ten million payments and a minute of journal.
    RecoverySeconds,
    /// Table and journal alone against PostgreSQL.
    JournalPaymentsPerSecond,
    /// Highest rate that one core holds, P-256.
    SustainedRate,
    /// CPU of a payment against its signatures, RSA-2048 and P-256.
    CpuUsPerPayment,
    /// CPU of a payment beyond its signatures against three bare exchanges.
    Overhead,
    /// Time in the platform at 70 % of the sustained rate.
    InternalUs,
    /// CPU of a payment with 2,000 participants and 5 million agreements against 10 and none.
    CpuUsPerPaymentAtScale,
    /// CPU of a payment with mutual TLS and without, and of a handshake.
    TlsCpuUsPerPayment,
    /// What the account of a payment's stages costs and leaves unexplained, against the payment.
    StageAccountCpu,
    /// Payments a second at three times the sustained rate.
    #[value(name = "goodput_at_3x")]
    GoodputAt3x,
}

/// What every measurement is given.
#[derive(Debug)]
pub struct Bench {
    arguments: Arguments,
    cores: Cores,
    scratch: Scratch,
}

/// Measures, prints and writes.
///
/// # Errors
/// Ctrl-C, or no folder to work in. A measurement that cannot be made is a row.
pub fn run(arguments: &Arguments) -> Result<Judgement, Error> {
    let scratch = Scratch::create("floors", arguments.dir.as_deref(), arguments.keep)?;
    let machine = Machine::inspect(scratch.path())?;
    let cores = Cores::choose();
    eprintln!("{}", machine.describe());
    eprintln!("{}; files in {}", cores.describe(), scratch.path().display());
    let bench = Bench { arguments: arguments.clone(), cores, scratch };
    let rows = bench.measure()?;
    println!("{}", table(&rows));
    rows.iter().filter_map(Row::remark).for_each(|remark| println!("{remark}"));
    if let Some(file) = &arguments.json {
        write_json(file, &rows)?;
        write_json(&file.with_extension("machine.json"), &machine)?;
    }
    Ok(rows.iter().all(|row| row.met != Some(false)).into())
}

impl Bench {
    fn measure(&self) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        self.add(&mut rows, Measure::ParseValidate201, parse::measure)?;
        self.add(&mut rows, Measure::AllocationsPerMessage, allocations::measure)?;
        self.add(&mut rows, Measure::BytesPerLivePayment, memory::measure)?;
        self.add(&mut rows, Measure::BytesPerAgreement, memory::measure_agreements)?;
        self.measure_node(&mut rows)?;
        self.add(&mut rows, Measure::CpuUsPerPaymentAtScale, scale::measure)?;
        self.add(&mut rows, Measure::TlsCpuUsPerPayment, tls::measure)?;
        self.add(&mut rows, Measure::StageAccountCpu, stages::measure)?;
        // Last, because they write tens of gigabytes, and a disk that lends speed wants it back afterwards.
        self.add(&mut rows, Measure::RecoverySeconds, recovery::measure)?;
        self.add(&mut rows, Measure::JournalPaymentsPerSecond, journal::measure)?;
        Ok(rows)
    }

    /// The rows that need a whole node share its sustained rate.
    fn measure_node(&self, rows: &mut Vec<Row>) -> Result<(), Error> {
        const NEED_THE_RATE: [Measure; 5] = [
            Measure::SustainedRate,
            Measure::CpuUsPerPayment,
            Measure::Overhead,
            Measure::InternalUs,
            Measure::GoodputAt3x,
        ];
        if !NEED_THE_RATE.into_iter().any(|measure| self.wants(measure)) {
            return Ok(());
        }
        let rate = match self.arguments.sustainable {
            Some(rate) => rate,
            None => {
                let found = Self::settle(Measure::SustainedRate, node::sustained(self))?;
                let rate = found.iter().find_map(|row| row.value);
                rows.extend(found.into_iter().filter(|_| self.wants(Measure::SustainedRate)));
                let Some(rate) = rate else { return Ok(()) };
                rate
            }
        };
        let costs =
            [Measure::CpuUsPerPayment, Measure::Overhead, Measure::InternalUs].map(|measure| self.wants(measure));
        if costs != [false; 3] {
            rows.extend(Self::settle(Measure::CpuUsPerPayment, node::costs(self, rate, costs))?);
        }
        self.add(rows, Measure::GoodputAt3x, |bench| goodput::measure(bench, rate))
    }

    fn add(
        &self,
        rows: &mut Vec<Row>,
        measure: Measure,
        work: impl FnOnce(&Self) -> Result<Vec<Row>, Error>,
    ) -> Result<(), Error> {
        if self.wants(measure) {
            eprintln!("measuring {}", measure.name());
            rows.extend(Self::settle(measure, work(self))?);
        }
        Ok(())
    }

    /// What cannot be measured becomes a row, so that the rest is still measured.
    fn settle(measure: Measure, outcome: Result<Vec<Row>, Error>) -> Result<Vec<Row>, Error> {
        interrupt::check()?;
        match outcome {
            Ok(rows) => Ok(rows),
            Err(Error::Interrupted) => Err(Error::Interrupted),
            Err(error) => Ok(vec![Row::skipped(measure.name(), &error.to_string())]),
        }
    }

    fn wants(&self, measure: Measure) -> bool {
        self.arguments.only.is_empty() || self.arguments.only.contains(&measure)
    }

    /// The one of two that fits the depth of this run.
    fn depth<T>(&self, full: T, quick: T) -> T {
        if self.arguments.quick { quick } else { full }
    }
}

impl Measure {
    /// Name on the command line and of its first row.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}
