//! The files that a run leaves, in the formats that the usual tools open.
//!
//! ```text
//! RunRecord  -> run.json      the whole of it: compared, drawn and judged again from here
//!            -> run.html      for people: figures and plots, one page that stands alone
//!            -> slices.csv    second by second, for spreadsheets
//! Recording  -> latency.hlog  HdrHistogram interval log, by tag: read back value by value
//!            -> *.hgrm        percentile distributions, for plotters of the HdrHistogram family
//! ```
//!
//! Every name in them is explained in `loadgen/outputs.md`.
//!
//! Invariant: a file is a function of what it is written from; the same record gives the same bytes.

mod csv;
mod folder;
mod hgrm;
mod hlog;
mod json;

pub use csv::{SLICE_COLUMNS, write_slices_csv};
pub use folder::{HGRM_FILES, HLOG_FILE, PAGE_FILE, RUN_FILE, SLICES_FILE, write_folder, write_page};
pub use hgrm::write_hgrm;
pub use hlog::{Logged, TAGS, read_hlog, sum_of_tag, write_hlog};
pub use json::{read_record, write_json};
