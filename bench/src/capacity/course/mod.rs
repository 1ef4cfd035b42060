//! What is measured, in which order, and under which names it is kept.
//!
//! ```text
//!  floors -> steps of load -> cores -> suites -> transports -> durability -> memory -> books
//!              |  (the rate that held)            ^ the same share of what each can be expected to carry
//!              '---------------------------------'
//! ```
//!
//! Every run is settled and judged, whether it is to be believed or not, and kept as it is: what it means is derived from the raw files
//! afterwards. What this machine cannot give is left out, with the reason.

mod axes;
mod base;
mod depth;
mod ladder;
mod load;
mod steps;
mod timetable;

use std::time::Instant;

use clearway_crypto::Suite;
use clearway_loadgen::slo::Slo;

use self::depth::Depth;
use self::timetable::{Part, Timetable};
use super::arguments::CourseArguments;
use super::model::measurements::Floors;
use super::raw::Writer;
use crate::cpu::Cores;
use crate::disk::Scratch;
use crate::error::Error;

/// One course of measurement.
pub(super) struct Course<'a> {
    pub(super) arguments: &'a CourseArguments,
    pub(super) slo: Slo,
    pub(super) cores: Cores,
    pub(super) scratch: Scratch,
    pub(super) writer: Writer,
    depth: Depth,
    timetable: Timetable,
    floors: Floors,
}

impl<'a> Course<'a> {
    /// Ready to begin.
    pub(super) fn new(
        arguments: &'a CourseArguments,
        slo: Slo,
        cores: Cores,
        scratch: Scratch,
        writer: Writer,
    ) -> Self {
        let depth = if arguments.quick { Depth::quick() } else { Depth::full() };
        let core_runs = u32::try_from(axes::worker_counts(cores.available).len() * axes::CORE_RATES.len());
        let timetable = Timetable::new(&depth, core_runs.unwrap_or(u32::MAX), Instant::now());
        Self { arguments, slo, cores, scratch, writer, depth, timetable, floors: Floors::default() }
    }

    /// Measures everything and writes the raw files.
    ///
    /// # Errors
    /// Ctrl-C, or something without which nothing can be measured. What is measured is a result, however bad.
    pub(super) fn run(mut self) -> Result<(), Error> {
        eprintln!("{}", self.timetable.describe());
        self.measure_floors()?;
        let held = self.climb()?;
        // Where nothing held, the axes are measured at what the floors let expect.
        let rate = held.unwrap_or_else(|| self.expected_per_s(self.arguments.suite));
        self.compare_cores(rate)?;
        self.compare_suites()?;
        self.compare_transports(rate)?;
        self.compare_drivers(rate)?;
        self.measure_memory()?;
        self.close_books()?;
        self.writer.finish()
    }

    fn label(&mut self, part: Part, what: &str) -> String {
        self.timetable.label(part, what, Instant::now())
    }

    /// Payments a second that a core can be expected to carry with a suite, by this machine's floors.
    fn expected_per_s(&self, suite: Suite) -> f64 {
        let name = suite.to_string();
        let floor = self.floors.signatures.iter().find(|floor| floor.suite == name);
        let crypto_us = floor.map_or(0.0, |floor| 3.0 * (floor.sign_us + floor.verify_us));
        1e6 / (CRYPTO_SHARE * crypto_us + EXCHANGES * self.floors.exchange_us).max(1.0)
    }
}

/// What signatures cost in a node / at their floor, about: they come in smaller groups there.
const CRYPTO_SHARE: f64 = 1.2;
/// All the rest of a payment, in bare exchanges, about: three are the least, and there are journal, table, checks.
const EXCHANGES: f64 = 18.0;
