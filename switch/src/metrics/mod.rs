//! What the node counts about itself.
//!
//! ```text
//!  worker 0 --relaxed atomics--> block 0 --+
//!  worker 1 --relaxed atomics--> block 1 --+--> totals --+--> /metrics  OpenMetrics text, by prometheus-client
//!                                                        +--> /status   JSON: exact percentiles over a window
//!  journal, table, key ring  --probe, at the scrape------+
//! ```
//!
//! Invariant: counting never locks, never allocates and never writes a cache line of another worker; the price of a
//! scrape is paid by the scrape. Called by: the pipeline and net (through [`WorkerMetrics`]), the node (which
//! connects the [`Probe`]) and the admin server (which renders).

mod batch_lines;
mod code_counts;
mod exposition;
mod histogram;
mod link_lines;
mod meters;
mod padded;
mod page;
mod process;
mod reading;
mod registry;
mod stage;
mod stage_lines;
mod status;
#[cfg(test)]
mod tests;
mod totals;
mod worker;

pub use exposition::CONTENT_TYPE;
pub use histogram::HistogramSnapshot;
pub use meters::{Case, Count, LegOutcome, Level, Stage, Timing};
pub use process::{cpu_micros, resident_bytes, thread_cpu_ns};
pub use reading::{
    BatchReading, BooksReading, BusinessReading, CertificateReading, ChannelReading, JournalReading, KeyReading,
    Latency, LinkLatency, LinkReading, OperationsReading, Probe, Readings, TableReading,
};
pub use registry::Metrics;
pub use stage::{PASSED, Passage, STAGES, Spent, StageReading, StagesReading, Stopwatch, TICK_NS};
pub use status::Status;
pub use worker::WorkerMetrics;
