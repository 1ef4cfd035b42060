//! `clearway-loadgen run`.

use super::load::LoadArguments;
use super::schedule::ScheduleArguments;
use super::{Ending, interrupt, write_json};
use clap::Args;
use clearway_loadgen::Error;
use clearway_loadgen::run::{Conduct, Progress, Watcher, drive};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    load: LoadArguments,
    #[command(flatten)]
    schedule: ScheduleArguments,
    /// Write the run's record to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

impl Run {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let (config, target) = self.load.load()?;
        let plan = self.schedule.apply(self.load.plan())?;
        interrupt::listen()?;
        let mut driven = drive(&plan, &config, &target, &mut Bar::start(plan.duration))?;
        println!("{}", driven.record.report);
        self.schedule.save_trace(driven.trace.as_ref())?;
        if driven.is_target_down() {
            println!("no answer from {}", target.address());
        } else {
            self.load.close(&mut driven, &config, &target)?;
        }
        if let Some(path) = &self.json {
            write_json(path, &driven.record)?;
        }
        Ok(Ending::of(&driven, interrupt::came()))
    }
}

/// A progress bar.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn start(duration: Duration) -> Self {
        let bar = ProgressBar::new(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Watcher for Bar {
    fn look(&mut self, seen: &Progress) -> Conduct {
        self.0.set_position(u64::try_from(seen.elapsed.as_millis()).unwrap_or(u64::MAX));
        self.0.set_message(describe(seen));
        if interrupt::came() { Conduct::Stop } else { Conduct::Continue }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn describe(seen: &Progress) -> String {
    format!(
        "{:.0} s: sent {}, final {}, refused {}, failed {}, late {}, dropped {}",
        seen.elapsed.as_secs_f64(),
        seen.sent,
        seen.finals,
        seen.refused,
        seen.failed,
        seen.late,
        seen.dropped
    )
}
