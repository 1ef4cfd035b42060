//! Where a command that makes several runs makes them.

use super::load::LoadArguments;
use super::view::ViewArguments;
use clearway_loadgen::live::Display;
use clearway_loadgen::manifest::Manifest;
use clearway_loadgen::record::RunRecord;
use clearway_loadgen::run::{Conduct, drive};
use clearway_loadgen::{Config, Error, Plan, Target};
use std::time::{Duration, Instant};

/// How often somebody who wants an end is looked for during a pause.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// One target, one load, one display.
pub(super) struct Ground<'a> {
    load: &'a LoadArguments,
    config: Config,
    target: Target,
    pub(super) display: Display,
}

impl<'a> Ground<'a> {
    /// Listens for interruptions from now on.
    pub(super) fn open(load: &'a LoadArguments, view: &ViewArguments, title: &str) -> Result<Self, Error> {
        let (config, target) = load.load()?;
        Ok(Self { load, config, target, display: view.display(title)? })
    }

    /// Makes one run after a pause, settles and judges it; `None` when somebody stopped it.
    pub(super) fn run(&mut self, label: &str, plan: &Plan, pause: Duration) -> Result<Option<RunRecord>, Error> {
        self.rest(pause);
        if self.display.is_stopped() {
            return Ok(None);
        }
        self.display.begin(label, plan.duration);
        let mut driven = drive(plan, &self.config, &self.target, &mut self.display)?;
        if self.display.is_stopped() {
            return Ok(None);
        }
        if !driven.is_target_down() {
            self.load.close(&mut driven, &self.config, &self.target)?;
        }
        Ok(Some(driven.record))
    }

    /// Program, machine and what was given to it, for the record.
    pub(super) fn manifest(&self) -> Result<Manifest, Error> {
        self.load.manifest(&self.target)
    }

    /// Leaves the target alone for a while.
    fn rest(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        while self.display.poll() == Conduct::Continue && Instant::now() < until {
            std::thread::sleep(LOOK_EVERY.min(until.saturating_duration_since(Instant::now())));
        }
    }
}
