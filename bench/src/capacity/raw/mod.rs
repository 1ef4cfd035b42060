//! The raw files of a report: what every figure of it is derived from, and nothing else.
//!
//! ```text
//! DIR/raw/request.json      what was asked
//!         course.json       where and how it was measured, and which runs there are
//!         floors.json       signatures, bare exchange, durable write, memory of a payment
//!         books.json        a small hour, closed
//!         NAME.json         one run: the generator's record, the node's window, what disturbed it
//!         NAME.hlog         its latencies, second by second, for HdrHistogram's tools
//! ```
//!
//! Invariant: [`Raw::measurements`] reads no clock and no file but these, so that whoever has the folder has the report.

mod course;
mod derive;
mod folder;
mod run;

pub use course::{Axis, CourseFile, FORMAT as COURSE_FORMAT};
pub use folder::Raw;
pub(super) use folder::Writer;
pub use run::{FORMAT as RUN_FORMAT, RawRun};

#[cfg(test)]
mod tests;
