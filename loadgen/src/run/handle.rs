//! Starts a run on a thread of its own and hands out what it found.

use super::lanes::{Caller, Lanes, Parts};
use super::pacer::pace;
use super::preparer::Preparer;
use super::progress::{Counters, Progress};
use crate::answer::AnswerReader;
use crate::clock::thread_cpu;
use crate::compose::{Composer, fresh_run_number};
use crate::config::{Config, Identity};
use crate::error::Error;
use crate::history::History;
use crate::plan::Plan;
use crate::report::{Measured, Report};
use crate::schedule::Trace;
use crate::target::Target;
use crate::thread::{local_runtime, pin};
use crate::tracker::Tracker;
use crate::wire::Desk;
use clearway_crypto::Backends;
use http::HeaderValue;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// A run in progress. Dropping it stops the schedule; the thread then waits for the last answers by itself.
#[derive(Debug)]
pub struct Run {
    counters: Arc<Counters>,
    stop: Arc<AtomicBool>,
    run_number: u32,
    thread: Option<JoinHandle<Result<Finished, Error>>>,
}

/// What a run leaves behind.
#[derive(Debug)]
pub struct Finished {
    /// Figures.
    pub report: Report,
    /// What the institutions know; settle and judge with it.
    pub tracker: Tracker,
    /// When each request was due and what it was, where the plan keeps it.
    pub trace: Option<Trace>,
}

impl Run {
    /// Starts `plan` against `target`. Requests begin to leave when the first window is composed and signed.
    ///
    /// # Errors
    /// The plan is impossible, or a thread cannot be started.
    pub fn start(plan: &Plan, config: &Config, target: &Target) -> Result<Self, Error> {
        plan.check()?;
        let job = Job {
            plan: plan.clone(),
            config: Arc::new(config.clone()),
            target: target.clone(),
            run_number: plan.run_number.unwrap_or_else(fresh_run_number),
            counters: Arc::default(),
            stop: Arc::default(),
        };
        let (counters, stop, run_number) = (Arc::clone(&job.counters), Arc::clone(&job.stop), job.run_number);
        let thread = std::thread::Builder::new().name("loadgen-run".into()).spawn(move || job.run());
        let thread = thread.map_err(|error| Error::Start("the run's thread", error))?;
        Ok(Self { counters, stop, run_number, thread: Some(thread) })
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.counters.read()
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
        let thread = self.thread.take().ok_or(Error::Panicked("the run"))?;
        thread.join().map_err(|_| Error::Panicked("the run"))?
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Job {
    plan: Plan,
    config: Arc<Config>,
    target: Target,
    run_number: u32,
    counters: Arc<Counters>,
    stop: Arc<AtomicBool>,
}

impl Job {
    fn run(self) -> Result<Finished, Error> {
        pin(self.plan.pin_core);
        let runtime = local_runtime()?;
        // A task, not the runtime's main future: waking that one costs two system calls each time.
        let pacer = runtime.spawn_local(self.pace_and_report());
        runtime.block_on(pacer).map_err(|_| Error::Panicked("the run"))?
    }

    async fn pace_and_report(self) -> Result<Finished, Error> {
        let mut preparer = self.preparer();
        let lanes = self.pace(&mut preparer).await?;
        let measured = Measured {
            run_number: self.run_number,
            suite: self.config.suite,
            connections: lanes.lanes_open(),
            cpu: thread_cpu(),
        };
        let report = Report::new(&self.plan, &measured, &lanes.tally.borrow());
        let tracker = lanes.tracker.replace(Tracker::new(self.run_number, Arc::default(), 0));
        Ok(Finished { report, tracker, trace: preparer.into_trace() })
    }

    fn preparer(&self) -> Preparer {
        let mix = self.plan.mix.clone();
        let backends = Backends::default();
        let composer = Composer::new(Arc::clone(&self.config), mix, self.plan.seed, self.run_number, backends);
        Preparer::new(&self.plan, composer)
    }

    async fn pace(&self, preparer: &mut Preparer) -> Result<Rc<Lanes>, Error> {
        let desk = Desk::open(self.config.suite);
        let expected = self.plan.profile.expected(self.plan.duration);
        let parts = Parts {
            plan: self.plan.clone(),
            target: self.target.clone(),
            tracker: Tracker::new(self.run_number, Arc::new(self.config.roster()), expected as usize),
            history: History::default(),
            answers: AnswerReader::new(self.config.node.clone(), desk),
            callers: self.callers(),
            counters: Arc::clone(&self.counters),
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
