//! The one way to carry out a run from start to record: start, watch, wait; then settle and judge.

use super::handle::{Finished, Run};
use super::watcher::{Conduct, Watcher};
use crate::bank::Ledgers;
use crate::config::Config;
use crate::error::Error;
use crate::oracle::{Oracle, Verdict};
use crate::plan::Plan;
use crate::record::{Recording, RunRecord};
use crate::schedule::Trace;
use crate::settle::{Settled, Settlement, settle};
use crate::target::Target;
use crate::tracker::Tracker;
use std::time::Duration;

/// How often a watcher is shown the run.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A run that is over.
#[derive(Debug)]
pub struct Driven {
    /// All that is known of it so far; [`Driven::settle`] and [`Driven::judge`] add to it.
    pub record: RunRecord,
    /// What the institutions know.
    pub tracker: Tracker,
    /// The latencies behind the record.
    pub recording: Recording,
    /// When each request was due and what it was, where the plan keeps it.
    pub trace: Option<Trace>,
    /// Whether the watcher ended it before its time.
    pub is_stopped: bool,
}

/// Carries out `plan` against `target` and shows it to `watcher`. Blocks until the last answer is in.
///
/// ```no_run
/// use clearway_loadgen::{Config, Plan, Target, run::drive};
///
/// let config = Config::load("DIR/counterparties/loadgen.toml".as_ref())?;
/// let target: Target = config.target.parse()?;
/// let driven = drive(&Plan::default(), &config, &target, &mut ())?;
/// println!("{}", driven.record.report);
/// # Ok::<(), clearway_loadgen::Error>(())
/// ```
///
/// # Errors
/// The plan is impossible, the target is not of the configuration's transport, or the generator itself fails. That the
/// target does not answer is no error, see [`Driven::is_target_down`].
pub fn drive(plan: &Plan, config: &Config, target: &Target, watcher: &mut dyn Watcher) -> Result<Driven, Error> {
    config.check_target(target)?;
    Run::start(plan, config, target)?.drive(watcher)
}

impl Run {
    /// Shows the run to `watcher` until it is over, and collects what it leaves.
    ///
    /// # Errors
    /// As [`Run::wait`].
    pub fn drive(self, watcher: &mut dyn Watcher) -> Result<Driven, Error> {
        let (mut is_stopped, mut slices) = (false, 0);
        while !self.is_finished() {
            for slice in self.slices(slices) {
                watcher.slice(&slice);
                slices += 1;
            }
            if watcher.look(&self.progress()) == Conduct::Stop && !is_stopped {
                self.stop();
                is_stopped = true;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        let last = self.progress();
        let finished = self.wait()?;
        finished.recording.slices.iter().skip(slices).for_each(|slice| watcher.slice(slice));
        watcher.look(&last);
        let Finished { report, tracker, recording, trace } = finished;
        let record = RunRecord::new(report, &recording);
        Ok(Driven { record, tracker, recording, trace, is_stopped })
    }
}

impl Driven {
    /// Whether nothing that was sent got a usable answer.
    pub fn is_target_down(&self) -> bool {
        self.record.report.is_unanswered()
    }

    /// Asks for what has no end yet, see [`settle`].
    ///
    /// # Errors
    /// As [`settle`].
    pub fn settle(&mut self, settlement: &Settlement, config: &Config, target: &Target) -> Result<Settled, Error> {
        let settled = settle(settlement, config, target, &mut self.tracker)?;
        self.record.settled = Some(settled);
        Ok(settled)
    }

    /// Judges the run by the banks' books, once they agree or `patience` is over, see [`Oracle::await_agreement`].
    ///
    /// # Errors
    /// The books cannot be had.
    pub fn judge(
        &mut self,
        books: impl FnMut() -> Result<Ledgers, Error>,
        patience: Duration,
    ) -> Result<&Verdict, Error> {
        let verdict = Oracle::await_agreement(books, &self.tracker, patience)?;
        Ok(self.record.verdict.insert(verdict))
    }
}
