//! A trace that is played again.

use super::instants::Due;
use super::trace::Trace;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A trace and how fast it is played. In records it stands as its file, size and scale; the instants stay in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// The file it was read from, as it was given.
    pub file: String,
    /// Arrivals in it.
    pub arrivals: u64,
    /// What its offsets are multiplied by: 0.1 plays it in a tenth of its time, ten times as fast.
    pub time_scale: f64,
    #[serde(skip)]
    trace: Arc<Trace>,
}

impl Replay {
    /// Of a trace that is there already; `file` is its name in records.
    pub fn new(file: impl Into<String>, trace: Trace, time_scale: f64) -> Self {
        Self { file: file.into(), arrivals: trace.len() as u64, time_scale, trace: Arc::new(trace) }
    }

    /// Of a file, see [`Trace::read`].
    ///
    /// # Errors
    /// As [`Trace::load`].
    pub fn load(path: &Path, time_scale: f64) -> Result<Self, Error> {
        Ok(Self::new(path.display().to_string(), Trace::load(path)?, time_scale))
    }

    /// From the start to just after the last arrival.
    pub fn length(&self) -> Duration {
        let last_ns = self.trace.last_us().map_or(0, |last_us| self.scaled_ns(last_us));
        Duration::from_nanos(last_ns.saturating_add(1))
    }

    pub(super) fn due(&self, place: usize) -> Option<Due> {
        let (offset_us, kind) = self.trace.get(place)?;
        Some(Due { at_ns: self.scaled_ns(offset_us), kind })
    }

    pub(super) fn count_within(&self, duration: Duration) -> usize {
        let end_ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.trace.offsets_us().partition_point(|offset_us| self.scaled_ns(*offset_us) < end_ns)
    }

    /// Most arrivals within any second that begins with one; of a run shorter than that, its mean.
    pub(super) fn peak_per_s(&self, duration: Duration) -> f64 {
        const SECOND_NS: u64 = 1_000_000_000;
        let count = self.count_within(duration);
        if duration < Duration::from_nanos(SECOND_NS) {
            return count as f64 / duration.as_secs_f64().max(1e-9);
        }
        let offsets = &self.trace.offsets_us()[..count];
        let (mut after, mut most) = (0, 0);
        for (place, offset_us) in offsets.iter().enumerate() {
            let end_ns = self.scaled_ns(*offset_us).saturating_add(SECOND_NS);
            while offsets.get(after).is_some_and(|next| self.scaled_ns(*next) < end_ns) {
                after += 1;
            }
            most = most.max(after - place);
        }
        most as f64
    }

    pub(super) fn fault(&self) -> Option<String> {
        let scale = self.time_scale;
        if !(1e-6..=1e6).contains(&scale) {
            return Some(format!("time scale {scale}: must be within 0.000001 and 1000000"));
        }
        match (self.trace.len() as u64, self.arrivals) {
            (0, 0) => Some(format!("{}: no arrivals in it", self.file)),
            // A record that was read back names the trace and does not hold it.
            (0, _) => Some(format!("{}: the trace has to be read again", self.file)),
            _ => None,
        }
    }

    /// The cast saturates: a trace that is stretched beyond 584 years ends there.
    fn scaled_ns(&self, offset_us: u64) -> u64 {
        (offset_us as f64 * self.time_scale * 1_000.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::schedule::{Arrival, Profile, Schedule};

    fn replay(offsets_us: &[u64], time_scale: f64) -> Replay {
        let mut trace = Trace::default();
        for (place, offset_us) in offsets_us.iter().enumerate() {
            trace.push(*offset_us, (place % 2 == 0).then_some(Kind::Refund)).unwrap();
        }
        Replay::new("a trace", trace, time_scale)
    }

    #[test]
    fn it_gives_the_instants_and_kinds_scaled() {
        let replay = replay(&[0, 1_000, 1_000, 2_500_000], 0.5);
        let length = replay.length();
        assert_eq!(length, Duration::from_nanos(1_250_000_001));
        let profile = Profile::Replay(replay);
        assert_eq!((profile.length(), profile.fault(length)), (Some(length), None));
        assert_eq!((profile.expected(length), profile.expected(Duration::from_secs(1))), (4.0, 3.0));
        assert_eq!(profile.peak_per_s(length), 3.0);
        let due = Schedule::new(&profile, Arrival::Poisson, length, 5).map(|due| (due.at_ns, due.kind));
        let refund = Some(Kind::Refund);
        let expected = [(0, refund), (500_000, None), (500_000, refund), (1_250_000_000, None)];
        assert_eq!(due.collect::<Vec<_>>(), expected, "the trace's own instants, whatever the arrival");
    }

    #[test]
    fn records_name_it_and_do_not_hold_it() {
        let profile = Profile::Replay(replay(&[7; 100], 1.0));
        let json = serde_json::to_string(&profile).unwrap();
        assert_eq!(json, r#"{"kind":"replay","file":"a trace","arrivals":100,"time_scale":1.0}"#);
        let back: Profile = serde_json::from_str(&json).unwrap();
        assert!(back.fault(Duration::from_secs(1)).unwrap().contains("read again"));
    }

    #[test]
    fn what_cannot_be_played_is_refused() {
        assert!(replay(&[], 1.0).fault().unwrap().contains("no arrivals"));
        for scale in [0.0, -1.0, f64::NAN, 1e9] {
            assert!(replay(&[1], scale).fault().unwrap().contains("time scale"), "{scale}");
        }
    }
}
