//! Steps of load, up until the SLO breaks.

use super::Course;
use super::ladder::Ladder;
use super::load::Point;
use super::timetable::Part;
use crate::capacity::raw::Axis;
use crate::error::Error;
use crate::rig::Rig;

/// The first step, as a share of what the floors let expect.
const FIRST: f64 = 0.2;
/// From one step to the next.
const RATIO: f64 = 1.35;
/// Different rates that a fit wants.
const RATES_MIN: usize = 8;

impl Course<'_> {
    /// Measures the headline's curve; the highest rate that held.
    pub(super) fn climb(&mut self) -> Result<Option<f64>, Error> {
        let (setup, cores) = (self.setup(), self.cores.clone());
        let start = FIRST * self.expected_per_s(self.arguments.suite);
        let mut ladder = Ladder::new(start, RATIO, RATES_MIN, self.depth.trials_max);
        let mut rig = Rig::start(&setup, &self.scratch, &cores)?;
        while let Some(rate_per_s) = ladder.next() {
            let point = Point {
                part: Part::Steps,
                axis: Axis::Steps,
                value: format!("{rate_per_s:.0}"),
                rate_per_s,
                setup: &setup,
                cores: &cores,
            };
            let went = self.take(&mut rig, &point)?;
            ladder.note(rate_per_s, went);
        }
        Ok(ladder.held())
    }
}
