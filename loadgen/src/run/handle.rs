//! Starts a run on a thread of its own and hands out what it found.

use super::dialogue::{BareDialogue, Dialogue, HttpRequest, WireDialogue};
use super::lanes::Parts;
use super::pacer::pace;
use super::preparer::Preparer;
use super::progress::{Counters, Progress};
use super::recorder::Recorder;
use super::slicer::{Counts, Cut};
use crate::clock::thread_cpu;
use crate::compose::{Composer, fresh_run_number};
use crate::config::Config;
use crate::error::Error;
use crate::plan::Plan;
use crate::record::{Recording, Slice, Trio};
use crate::report::{Measured, Report};
use crate::schedule::Trace;
use crate::target::Target;
use crate::thread::{ThreadMeter, local_runtime, pin};
use crate::tracker::Tracker;
use clearway_crypto::Backends;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::Duration;

/// A run in progress. Dropping it stops the schedule; the thread then waits for the last answers by itself.
#[derive(Debug)]
pub struct Run {
    counters: Arc<Counters>,
    stop: Arc<AtomicBool>,
    run_number: u32,
    meter: ThreadMeter,
    thread: Option<JoinHandle<Result<Ended, Error>>>,
    recorder: Option<Recorder>,
}

/// What a run leaves behind.
#[derive(Debug)]
pub struct Finished {
    /// Figures.
    pub report: Report,
    /// What the institutions know; settle and judge with it.
    pub tracker: Tracker,
    /// How it went over time.
    pub recording: Recording,
    /// When each request was due and what it was, where the plan keeps it.
    pub trace: Option<Trace>,
}

impl Run {
    /// Starts `plan` against `target`. Requests begin to leave when the first window is composed and signed.
    ///
    /// # Errors
    /// The plan is impossible, or a thread cannot be started.
    pub fn start(plan: &Plan, config: &Config, target: &Target) -> Result<Self, Error> {
        let run_number = plan.run_number.unwrap_or_else(fresh_run_number);
        let (wire_plan, config) = (plan.clone(), Arc::new(config.clone()));
        let backends = Backends::default();
        let composer = Composer::new(Arc::clone(&config), plan.mix.clone(), plan.seed, run_number, backends)?;
        let open = move || WireDialogue::open(&wire_plan, &config, composer, run_number);
        Self::start_dialogue(plan, target, run_number, open)
    }

    /// Starts `plan` with this one request for all, against any HTTP server. The mix is not used, and nothing is
    /// tracked.
    ///
    /// # Errors
    /// As [`Run::start`]; or the target is `https://`, which needs an identity that bare HTTP does not have.
    pub fn start_bare(plan: &Plan, request: HttpRequest, target: &Target) -> Result<Self, Error> {
        if target.is_https() {
            return Err(Error::Target(target.address().to_string(), "bare HTTP speaks no TLS: http:// only".into()));
        }
        Self::start_dialogue(plan, target, plan.run_number.unwrap_or(0), move || BareDialogue::new(request))
    }

    fn start_dialogue<D: Dialogue>(
        plan: &Plan,
        target: &Target,
        run_number: u32,
        open: impl FnOnce() -> D + Send + 'static,
    ) -> Result<Self, Error> {
        plan.check()?;
        let (recorder, cuts) = Recorder::start()?;
        let (counters, stop) = (Arc::<Counters>::default(), Arc::<AtomicBool>::default());
        let job = Job {
            plan: plan.clone(),
            target: target.clone(),
            run_number,
            counters: Arc::clone(&counters),
            stop: Arc::clone(&stop),
            cuts,
        };
        let meter = ThreadMeter::default();
        let of_thread = meter.clone();
        let work = move || {
            let _metered = of_thread.meter();
            job.run(open)
        };
        let thread = std::thread::Builder::new().name("loadgen-run".into()).spawn(work);
        let thread = thread.map_err(|error| Error::Start("the run's thread", error))?;
        Ok(Self { counters, stop, run_number, meter, thread: Some(thread), recorder: Some(recorder) })
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.counters.read()
    }

    /// The slices of time that are over, from this place on; counts of the last ones may still grow.
    pub fn slices(&self, from: usize) -> Vec<Slice> {
        self.recorder.as_ref().map(|recorder| recorder.slices(from)).unwrap_or_default()
    }

    /// The number that stands in the transaction ids of this run.
    pub fn run_number(&self) -> u32 {
        self.run_number
    }

    /// User and system time that the sending thread has used so far, composing and signing included.
    pub fn sender_cpu(&self) -> Duration {
        self.meter.read()
    }

    /// Whether the last answer is in.
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends the schedule early; what was sent is still waited for.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Waits for the end of the schedule and the last answer.
    ///
    /// # Errors
    /// A message could not be composed or signed, or the thread panicked.
    pub fn wait(mut self) -> Result<Finished, Error> {
        let (Some(thread), Some(recorder)) = (self.thread.take(), self.recorder.take()) else {
            return Err(Error::Panicked("the run"));
        };
        let ended = thread.join().map_err(|_| Error::Panicked("the run"))??;
        let recording = recorder.finish(&ended.counts, ended.measured)?;
        Ok(Finished { report: ended.report, tracker: ended.tracker, recording, trace: ended.trace })
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What the sending thread leaves behind.
struct Ended {
    report: Report,
    tracker: Tracker,
    counts: Vec<Counts>,
    measured: Trio,
    trace: Option<Trace>,
}

struct Job {
    plan: Plan,
    target: Target,
    run_number: u32,
    counters: Arc<Counters>,
    stop: Arc<AtomicBool>,
    cuts: Sender<Cut>,
}

impl Job {
    fn run<D: Dialogue>(self, open: impl FnOnce() -> D + 'static) -> Result<Ended, Error> {
        pin(self.plan.pin_core);
        let runtime = local_runtime()?;
        // A task, not the runtime's main future: waking that one costs two system calls each time.
        let pacer = runtime.spawn_local(async move { self.pace_and_report(open()).await });
        runtime.block_on(pacer).map_err(|_| Error::Panicked("the run"))?
    }

    async fn pace_and_report<D: Dialogue>(self, dialogue: D) -> Result<Ended, Error> {
        let mut preparer = Preparer::<D>::new(&self.plan, dialogue.burst());
        let parts =
            Parts { plan: self.plan.clone(), target: self.target, dialogue, counters: self.counters, cuts: self.cuts };
        let lanes = pace(parts, &mut preparer, &self.stop).await?;
        let measured = Measured {
            run_number: self.run_number,
            started_unix_millis: lanes.origin.unix_millis(),
            suites: lanes.dialogue.suites(),
            connections: lanes.lanes_open(),
            cpu: thread_cpu(),
            cpu_before: lanes.opened_cpu,
            abort: lanes.aborted(),
        };
        let mut tally = lanes.tally.borrow_mut();
        let report = Report::new(&self.plan, &measured, &tally);
        let counts = tally.finish(lanes.origin.nanos());
        let tracker = lanes.dialogue.take_tracker();
        let measured = std::mem::take(&mut tally.measured);
        Ok(Ended { report, tracker, counts, measured, trace: preparer.into_trace() })
    }
}
