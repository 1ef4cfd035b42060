//! How a run is shown while it goes on.

use clap::Args;
use clearway_loadgen::interrupt;
use clearway_loadgen::live::{Display, Face};
use clearway_loadgen::{Error, Plan, Target};

#[derive(Debug, Args)]
pub(crate) struct ViewArguments {
    /// Show lines instead of the live view, which needs a terminal.
    #[arg(long)]
    plain: bool,
}

impl ViewArguments {
    /// Listens for interruptions from now on, and shows a command of this title until one comes.
    pub(crate) fn display(&self, title: &str) -> Result<Display, Error> {
        interrupt::listen("waiting for the last answers")?;
        Ok(Display::start(title, Face::choose(self.plain), interrupt::came))
    }

    /// Shows one run while `drive` drives it; also whether somebody has stopped it.
    pub(crate) fn watch<T>(
        &self,
        title: &str,
        (plan, target): (&Plan, &Target),
        drive: impl FnOnce(&mut Display) -> Result<T, Error>,
    ) -> Result<(T, bool), Error> {
        let mut display = self.display(title)?;
        let rate = plan.profile.mean_per_s(plan.duration);
        display.begin(&format!("{rate:.1}/s at {}", target.address()), plan.duration);
        let driven = drive(&mut display);
        let is_stopped = display.is_stopped() || interrupt::came();
        display.finish();
        Ok((driven?, is_stopped))
    }
}
