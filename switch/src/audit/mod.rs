//! What the journal knows, for people who have to account for it.
//!
//! ```text
//!  segments --journal::inspect--> records --+--> Tracer    one payment, message by message     clearway trace
//!                                           +--> Verifier  form, continuity, signatures        clearway journal verify
//!                                           +--> Listing   segments, groups, kinds, tail       clearway journal inspect
//!                                           +--> Arrivals  when what began, and nothing else   clearway journal arrivals
//! ```
//!
//! Invariant: reads only, changes nothing, believes nothing that it can check; may run beside a node. Values that
//! identify a person or an account are masked unless asked for as evidence. Called by: the command line.

mod arrivals;
mod continuity;
mod inspection;
mod mask;
mod report;
mod show;
mod show_journal;
mod signature;
#[cfg(test)]
mod tests;
mod trace;
mod verifier;
mod walk;
mod words;

pub use arrivals::{ARRIVALS_MAX, Arrivals, arrivals};
pub use inspection::{Inspection, SegmentLine, inspect};
pub use report::{Step, Trace, TracedMessage};
pub use signature::{SignatureJudge, SignatureVerdict};
pub use trace::Tracer;
pub use verifier::{RecordFindings, SignatureCounts, Verifier};
pub use walk::{SegmentFindings, Verification, trace, verify};
