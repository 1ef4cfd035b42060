//! Starts a run on a thread of its own and hands out what it found.

use super::lanes::{Caller, Lanes, Parts};
use super::pacer::pace;
use super::preparer::Preparer;
use super::progress::{Counters, Progress};
use super::recorder::Recorder;
use super::slicer::{Counts, Cut};
use crate::answer::AnswerReader;
use crate::clock::thread_cpu;
use crate::compose::{Composer, fresh_run_number};
use crate::config::{Config, Identity};
use crate::error::Error;
use crate::history::History;
use crate::plan::Plan;
use crate::record::{Recording, Slice, Trio};
use crate::report::{Measured, Report};
use crate::target::Target;
use crate::thread::{local_runtime, pin};
use crate::tracker::Tracker;
use crate::wire::Desk;
use http::HeaderValue;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

/// A run in progress. Dropping it stops the schedule; the thread then waits for the last answers by itself.
#[derive(Debug)]
pub struct Run {
    counters: Arc<Counters>,
    stop: Arc<AtomicBool>,
    run_number: u32,
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
}

impl Run {
    /// Starts `plan` against `target`. Requests begin to leave when the first window is composed and signed.
    ///
    /// # Errors
    /// The plan is impossible, or a thread cannot be started.
    pub fn start(plan: &Plan, config: &Config, target: &Target) -> Result<Self, Error> {
        plan.check()?;
        let (recorder, cuts) = Recorder::start()?;
        let job = Job {
            plan: plan.clone(),
            config: Arc::new(config.clone()),
            target: target.clone(),
            run_number: plan.run_number.unwrap_or_else(fresh_run_number),
            counters: Arc::default(),
            stop: Arc::default(),
            cuts,
        };
        let (counters, stop, run_number) = (Arc::clone(&job.counters), Arc::clone(&job.stop), job.run_number);
        let thread = std::thread::Builder::new().name("loadgen-run".into()).spawn(move || job.run());
        let thread = thread.map_err(|error| Error::Start("the run's thread", error))?;
        Ok(Self { counters, stop, run_number, thread: Some(thread), recorder: Some(recorder) })
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
        Ok(Finished { report: ended.report, tracker: ended.tracker, recording })
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
}

struct Job {
    plan: Plan,
    config: Arc<Config>,
    target: Target,
    run_number: u32,
    counters: Arc<Counters>,
    stop: Arc<AtomicBool>,
    cuts: Sender<Cut>,
}

impl Job {
    fn run(self) -> Result<Ended, Error> {
        pin(self.plan.pin_core);
        let runtime = local_runtime()?;
        // A task, not the runtime's main future: waking that one costs two system calls each time.
        let pacer = runtime.spawn_local(self.pace_and_report());
        runtime.block_on(pacer).map_err(|_| Error::Panicked("the run"))?
    }

    async fn pace_and_report(self) -> Result<Ended, Error> {
        let lanes = self.pace().await?;
        let measured = Measured {
            run_number: self.run_number,
            started_unix_millis: lanes.origin.unix_millis(),
            suite: self.config.suite,
            connections: lanes.lanes_open(),
            cpu: thread_cpu(),
        };
        let mut tally = lanes.tally.borrow_mut();
        let report = Report::new(&self.plan, &measured, &tally);
        let counts = tally.finish(lanes.origin.nanos());
        let tracker = lanes.tracker.replace(Tracker::new(self.run_number, Arc::default(), 0));
        Ok(Ended { report, tracker, counts, measured: std::mem::take(&mut tally.measured) })
    }

    async fn pace(&self) -> Result<Rc<Lanes>, Error> {
        let desk = Desk::open(self.config.suite);
        let backends = *desk.backends();
        let composer =
            Composer::new(Arc::clone(&self.config), self.plan.mix.clone(), self.plan.seed, self.run_number, backends);
        let preparer = Preparer::new(&self.plan, composer);
        let expected = self.plan.profile.expected(self.plan.duration);
        let parts = Parts {
            plan: self.plan.clone(),
            target: self.target.clone(),
            tracker: Tracker::new(self.run_number, Arc::new(self.config.roster()), expected as usize),
            history: History::default(),
            answers: AnswerReader::new(self.config.node.clone(), desk),
            callers: self.callers(),
            counters: Arc::clone(&self.counters),
            cuts: self.cuts.clone(),
        };
        pace(parts, preparer, &self.stop).await
    }

    fn callers(&self) -> Vec<Caller> {
        let identities = self.config.institutions.iter().map(|institution| &institution.identity);
        let caller = |identity: &Identity| Caller {
            header: HeaderValue::from_bytes(identity.id.as_bytes()).unwrap_or(HeaderValue::from_static("")),
            speaker: identity.tls.clone(),
        };
        identities.map(caller).collect()
    }
}
