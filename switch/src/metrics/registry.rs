//! Holds the blocks of all workers and turns them into text and status when somebody asks.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use super::exposition;
use super::histogram::HistogramSnapshot;
use super::padded::Padded;
use super::process;
use super::reading::{Probe, Readings};
use super::stage::{Beside, StageTotals, StagesReading};
use super::status::Status;
use super::totals::Totals;
use super::worker::{Block, WorkerMetrics};
use crate::clock::Clock;

/// The metrics of one node.
pub struct Metrics {
    pub(super) blocks: Box<[Padded<Block>]>,
    /// Exported name (institution id) of each participant, by index; an empty name is not exported.
    participants: Vec<String>,
    probe: OnceLock<Probe>,
    /// What the histograms held when they were last reset; the exposition goes on growing, the status counts from here.
    window: Mutex<Option<Window>>,
    clock: Clock,
    started_micros: u64,
}

/// What was counted when a window began.
struct Window {
    timings: Vec<HistogramSnapshot>,
    stages: StageTotals,
}

impl Metrics {
    /// Metrics for `workers` workers. `participants` are the exported names by participant index, empty where an
    /// index is not in use.
    ///
    /// One worker costs 0.9 MB for its histograms and 144 bytes for each participant.
    #[must_use]
    pub fn new(workers: usize, participants: Vec<String>, clock: Clock) -> Arc<Self> {
        assert!(workers > 0, "a node has at least one worker");
        let blocks = (0..workers).map(|_| Padded(Block::new(participants.len()))).collect();
        let started_micros = clock.now_micros();
        Arc::new(Self { blocks, participants, probe: OnceLock::new(), window: Mutex::new(None), clock, started_micros })
    }

    /// Connects the parts of the node that can only be read at a scrape. The first probe stays; a second one is
    /// dropped.
    pub fn connect(&self, probe: Probe) {
        let _ = self.probe.set(probe);
    }

    /// The handle of worker `worker`, counted from 0.
    ///
    /// # Panics
    /// When there is no such worker: a wiring bug.
    #[must_use]
    pub fn worker(self: &Arc<Self>, worker: usize) -> WorkerMetrics {
        WorkerMetrics::new(Arc::clone(self), worker)
    }

    /// The text of `GET /metrics`, in the OpenMetrics format.
    #[must_use]
    pub fn render(&self) -> String {
        let (totals, readings) = (self.totals(), self.readings());
        let stages = self.stages(&totals, &readings);
        exposition::render(totals, stages, readings, self.participants.clone(), self.clock.now_micros())
    }

    /// What `GET /status` tells. Latencies count from the last [`Metrics::reset_histograms`], everything else from
    /// the start.
    #[must_use]
    pub fn status(&self) -> Status {
        let (mut totals, readings) = (self.totals(), self.readings());
        let stages = self.stages(&totals, &readings);
        let window = self.window.lock();
        let stages = StagesReading::new(&stages, window.as_ref().map(|window| &window.stages));
        if let Some(window) = &*window {
            totals.timings = totals.timings.iter().zip(&window.timings).map(|(now, then)| now.since(then)).collect();
        }
        drop(window);
        let uptime_micros = self.clock.now_micros().saturating_sub(self.started_micros);
        Status::new(&totals, stages, readings, uptime_micros)
    }

    /// Starts a new window for the latencies and stages of the status. What `/metrics` exports is not touched.
    pub fn reset_histograms(&self) {
        let (totals, readings) = (self.totals(), self.readings());
        let stages = self.stages(&totals, &readings);
        let mut window = self.window.lock();
        *window = Some(Window { timings: totals.timings, stages });
        for block in &self.blocks {
            block.timings.iter().for_each(super::histogram::Histogram::restart_maximum);
            block.stages.restart_maxima();
        }
    }

    fn stages(&self, totals: &Totals, readings: &Readings) -> StageTotals {
        let beside = Beside {
            journal_us: readings.journal.cpu_us,
            finals: totals.statuses.iter().sum(),
            process_us: process::cpu_micros(),
        };
        StageTotals::of(self.blocks.iter().map(|block| &block.stages), beside)
    }

    fn totals(&self) -> Totals {
        Totals::of(self.blocks.iter().map(|block| &block.0), self.participants.len())
    }

    fn readings(&self) -> Readings {
        self.probe.get().map_or_else(Readings::default, |probe| probe())
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Metrics")
            .field("workers", &self.blocks.len())
            .field("participants", &self.participants.len())
            .finish_non_exhaustive()
    }
}
