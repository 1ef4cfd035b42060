//! Service level objectives: what a run must have reached, asked in one line and judged over its figures.
//!
//! ```text
//! "p99<20ms,errors<0.01%" --parse--> Slo --judge(Observed)--> Judgement: each criterion, asked beside measured
//!  slo       = criterion *( "," criterion )                       blanks do not matter
//!  criterion = latency ( "<" / "<=" ) number ( "us" / "ms" / "s" )
//!            / "errors" ( "<" / "<=" ) number "%"
//!            / "achieved" ( ">" / ">=" ) number "%"
//!  latency   = ( "p" number / "max" / "mean" ) [ "." ( "response" / "service" / "internal" ) ]
//! ```
//!
//! Without a series a latency is the response time, from the intended instant. `errors` = (dropped + unknown + refusals
//! that were not asked for) / scheduled. `achieved` = answers / scheduled requests, both within the measured window: a
//! target that falls behind answers fewer than are due.
//!
//! Pure: no clock, no files. What was not measured is not met. Whether the run itself may be believed is not asked here,
//! see [`crate::Report::invalid`].

mod criterion;
mod judgement;
mod objective;
mod observed;
mod parse;

pub use criterion::{Criterion, Figure, Measure, Quantile, Series, Unit};
pub use judgement::{Judged, Judgement};
pub use objective::{CRITERIA_MAX, Slo};
pub use observed::Observed;
