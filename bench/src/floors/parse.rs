//! Parse + validate of a 201 / quick-xml's bare event loop over it.

use std::time::Duration;

use super::row::Goal;
use super::{Bench, Row};
use crate::error::Error;
use crate::probe::measure_events;
use crate::samples::REQUEST_201;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>, Error> {
    let floor = measure_events(REQUEST_201, bench.depth(Duration::from_secs(2), Duration::from_millis(300)))?;
    let row = Row::new("parse_validate_201", "ns", floor.codec_ns, Some(floor.loop_ns), Goal::RatioAtMost(1.5));
    Ok(vec![row.with_note(format!("{} bytes, best of interleaved rounds, decode + check", floor.bytes))])
}
