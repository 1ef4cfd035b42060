//! Takes the slices of a run as they are cut, on a thread of its own.

use super::slicer::{Counts, Cut};
use crate::error::Error;
use crate::record::{Interval, PackedTrio, Recording, Slice, Trio};
use crate::thread::stand_back;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// What was recorded so far. It ends when the run's side of it is dropped.
#[derive(Debug)]
pub(super) struct Recorder {
    slices: Arc<Mutex<Vec<Slice>>>,
    thread: JoinHandle<Vec<Interval>>,
}

impl Recorder {
    /// Starts it; cuts go into the sender.
    ///
    /// # Errors
    /// No thread.
    pub(super) fn start() -> Result<(Self, Sender<Cut>), Error> {
        let (sender, cuts) = channel();
        let slices = Arc::<Mutex<Vec<Slice>>>::default();
        let shown = Arc::clone(&slices);
        let thread = std::thread::Builder::new().name("loadgen-record".into()).spawn(move || {
            stand_back();
            record(&cuts, &shown)
        });
        let thread = thread.map_err(|error| Error::Start("the recorder's thread", error))?;
        Ok((Self { slices, thread }, sender))
    }

    /// The slices that are over, from this place on.
    pub(super) fn slices(&self, from: usize) -> Vec<Slice> {
        self.slices.lock().get(from..).unwrap_or_default().to_vec()
    }

    /// Waits for the last cut and draws everything together.
    ///
    /// # Errors
    /// The thread panicked.
    pub(super) fn finish(self, counts: &[Counts], measured: Trio) -> Result<Recording, Error> {
        let intervals = self.thread.join().map_err(|_| Error::Panicked("the recorder"))?;
        let mut slices = std::mem::take(&mut *self.slices.lock());
        let mut in_flight = 0;
        for (slice, counts) in slices.iter_mut().zip(counts) {
            in_flight = counts.write(slice, in_flight);
        }
        Ok(Recording { slices, intervals, measured })
    }
}

fn record(cuts: &Receiver<Cut>, shown: &Mutex<Vec<Slice>>) -> Vec<Interval> {
    let mut intervals = Vec::new();
    let mut in_flight = 0;
    for cut in cuts {
        let (interval, slice) = digest(cut, &mut in_flight);
        intervals.push(interval);
        shown.lock().push(slice);
    }
    intervals
}

fn digest(cut: Cut, in_flight: &mut u64) -> (Interval, Slice) {
    let warm_up = cut.warm_up.as_ref().map_or_else(PackedTrio::default, |warm_up| warm_up.pack());
    let interval = Interval { at: cut.at, length: cut.length, measured: cut.measured.pack(), warm_up };
    let mut all = cut.measured;
    if let Some(warm_up) = &cut.warm_up {
        all.merge(warm_up);
    }
    let mut slice = Slice {
        at_s: cut.at.as_secs_f64(),
        seconds: cut.length.as_secs_f64(),
        response_us: all.response.quantiles(),
        service_us: all.service.quantiles(),
        internal_us: all.internal.quantiles(),
        ..Slice::default()
    };
    *in_flight = cut.counts.write(&mut slice, *in_flight);
    (interval, slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Draws;
    use crate::run::slicer::{Latency, Slicer};
    use std::time::Duration;

    const SECOND_NS: u64 = 1_000_000_000;

    /// Feeds a run of random answers through slicer and recorder.
    fn record_at_random(seed: u64, duration: Duration) -> (Recording, u64) {
        let mut draws = Draws::new(seed, 0);
        let (recorder, cuts) = Recorder::start().unwrap();
        let mut slicer = Slicer::new(duration, cuts);
        let (mut measured, mut now_ns, mut answers) = (Trio::default(), 0, 0);
        while now_ns < duration.as_nanos() as u64 + 2 * SECOND_NS {
            now_ns += draws.bits() % (duration.as_nanos() as u64 / 150);
            slicer.advance(now_ns);
            let due_ns = now_ns.saturating_sub(draws.bits() % (3 * SECOND_NS));
            slicer.at(due_ns).scheduled += 1;
            slicer.at(now_ns).completed += 1;
            let response_us = (now_ns - due_ns) / 1_000;
            let internal_us = draws.chance(0.5).then_some(response_us / 3);
            let is_warm_up = due_ns < SECOND_NS;
            let latency = Latency { response_us, service_us: response_us / 2, internal_us, is_warm_up };
            slicer.record(&latency);
            if !is_warm_up {
                latency.record_in(&mut measured);
            }
            answers += 1;
        }
        let counts = slicer.finish(now_ns);
        drop(slicer);
        (recorder.finish(&counts, measured).unwrap(), answers)
    }

    #[test]
    fn slices_and_intervals_add_up_to_the_run() {
        for seed in 1..=5 {
            let (recording, answers) = record_at_random(seed, Duration::from_secs(5));
            let sum = |of: fn(&Slice) -> u64| recording.slices.iter().map(of).sum::<u64>();
            assert_eq!((sum(|slice| slice.scheduled), sum(|slice| slice.completed)), (answers, answers), "seed {seed}");
            assert_eq!(sum(|slice| slice.response_us.count), answers, "seed {seed}");
            assert_eq!(recording.slices.last().unwrap().in_flight, 0, "seed {seed}");
            let mut total = Trio::default();
            recording.intervals.iter().for_each(|interval| total.merge(&interval.measured.unpack()));
            assert_eq!(total, recording.measured, "seed {seed}");
        }
    }

    #[test]
    fn slices_follow_each_other_without_gaps() {
        let (recording, _) = record_at_random(3, Duration::from_secs(60));
        assert!((60..=65).contains(&recording.slices.len()), "{}", recording.slices.len());
        for pair in recording.slices.windows(2) {
            assert!((pair[0].at_s + pair[0].seconds - pair[1].at_s).abs() < 1e-6, "{pair:?}");
            assert!((pair[0].seconds - 1.0).abs() < 1e-9, "{pair:?}");
        }
    }

    #[test]
    fn who_looks_on_sees_each_slice_as_it_ends() {
        let (recorder, cuts) = Recorder::start().unwrap();
        let mut slicer = Slicer::new(Duration::from_secs(10), cuts);
        slicer.at(5).scheduled += 3;
        slicer.advance(2 * SECOND_NS + 1);
        wait_for(|| recorder.slices(0).len() == 2);
        let seen = recorder.slices(0);
        assert_eq!((seen[0].scheduled, seen[0].in_flight, seen[1].scheduled, seen[1].in_flight), (3, 3, 0, 3));
        assert_eq!(recorder.slices(1).len(), 1);
        assert!(recorder.slices(9).is_empty());
    }

    /// The recorder's thread gets there by itself.
    fn wait_for(mut is_true: impl FnMut() -> bool) {
        while !is_true() {
            std::thread::yield_now();
        }
    }
}
